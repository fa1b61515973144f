"""Cues -> TTML in the profile IMSC 1.1 Text, which broadcasters and streaming services take.

Times are media times in milliseconds: they mean the same at every frame rate. The frame rate, if it is known,
is told beside them.

Source: W3C, TTML Profiles for Internet Media Subtitles and Captions 1.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

from ..speakers import speaker_label
from ..types import Cue
from .lines import by_speaker, one_line, shown_lines, split_time
from .subtitles import Subtitles

__all__ = ["to_ttml"]

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
# Prefixes are written out, as the standard library knows them for a whole program only.
NAMESPACES = {
    "xmlns": "http://www.w3.org/ns/ttml",
    "xmlns:ttp": "http://www.w3.org/ns/ttml#parameter",
    "xmlns:tts": "http://www.w3.org/ns/ttml#styling",
    "xmlns:ttm": "http://www.w3.org/ns/ttml#metadata",
}
PROFILE = {
    "ttp:contentProfiles": "http://www.w3.org/ns/ttml/profile/imsc1.1/text",
    "ttp:timeBase": "media",
}
TEXT_STYLE = {
    "xml:id": "text",
    "tts:color": "#FFFFFF",
    "tts:fontFamily": "proportionalSansSerif",
    "tts:fontSize": "80%",  # of a cell, of which 15 make the picture's height
    "tts:lineHeight": "125%",
    "tts:textAlign": "center",
    "tts:textOutline": "#000000 5%",
}
REGION = {
    "xml:id": "bottom",
    "tts:origin": "5% 5%",
    "tts:extent": "90% 90%",
    "tts:displayAlign": "after",
    "tts:showBackground": "whenActive",
}
RIGHT_TO_LEFT = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm", "Rohg", "Mand", "Samr"})
"""Scripts, by ISO 15924."""


def to_ttml(subtitles: Subtitles) -> str:
    """TTML; each speaker is an agent, and has a style if the speaker has a colour."""
    agents = {speaker: f"speaker{n}" for n, speaker in enumerate(subtitles.speakers, start=1)}
    root = Element("tt", NAMESPACES | PROFILE | _frame_rate(subtitles) | {"xml:lang": subtitles.language})
    head = SubElement(root, "head")
    _add_agents(head, agents)
    _add_styles(head, subtitles, agents)
    SubElement(SubElement(head, "layout"), "region", REGION)
    body = SubElement(root, "body", {"region": "bottom", "style": "text"})
    division = SubElement(body, "div")
    for cue in subtitles.cues:
        _add_cue(division, cue, agents, subtitles.colours)
    _indent(root)
    return DECLARATION + tostring(root, encoding="unicode") + "\n"


def _frame_rate(subtitles: Subtitles) -> dict[str, str]:
    """23.976 as 24 · 1000/1001."""
    if subtitles.frame_rate is None:
        return {}
    whole = round(subtitles.frame_rate)
    multiplier = subtitles.frame_rate / whole
    exact = f"{multiplier.numerator} {multiplier.denominator}"
    return {"ttp:frameRate": str(whole)} | ({} if multiplier == 1 else {"ttp:frameRateMultiplier": exact})


def _add_agents(head: Element, agents: Mapping[str, str]) -> None:
    if not agents:
        return
    metadata = SubElement(head, "metadata")
    for speaker, name in agents.items():
        agent = SubElement(metadata, "ttm:agent", {"xml:id": name, "type": "person"})
        SubElement(agent, "ttm:name", {"type": "full"}).text = one_line(speaker_label(speaker))


def _add_styles(head: Element, subtitles: Subtitles, agents: Mapping[str, str]) -> None:
    styling = SubElement(head, "styling")
    direction = {"tts:direction": "rtl"} if _runs_leftwards(subtitles.language) else {}
    SubElement(styling, "style", TEXT_STYLE | direction)
    for speaker, name in agents.items():
        if speaker in subtitles.colours:
            colour = subtitles.colours[speaker]
            SubElement(styling, "style", {"xml:id": f"{name}-style", "tts:color": colour})


def _add_cue(parent: Element, cue: Cue, agents: Mapping[str, str], colours: Mapping[str, str]) -> None:
    times = {"begin": _time(cue.start_ms), "end": _time(cue.end_ms)}
    paragraph = SubElement(parent, "p", times | {"xml:space": "preserve"})
    for number, (speaker, lines) in enumerate(by_speaker(shown_lines(cue))):
        if number:
            SubElement(paragraph, "br")
        said = SubElement(paragraph, "span", _said_by(speaker, agents, colours))
        said.text = lines[0].text
        for line in lines[1:]:
            SubElement(said, "br").tail = line.text


def _said_by(speaker: str | None, agents: Mapping[str, str], colours: Mapping[str, str]) -> dict[str, str]:
    if speaker is None:
        return {}
    style = {"style": f"{agents[speaker]}-style"} if speaker in colours else {}
    return {"ttm:agent": agents[speaker]} | style


def _runs_leftwards(language: str) -> bool:
    import langcodes

    try:
        return langcodes.get(language).maximize().script in RIGHT_TO_LEFT
    except ValueError:  # no well-formed tag
        return False


def _indent(element: Element, depth: int = 1) -> None:
    """One element a line, but for the inside of a paragraph, where all white space is text."""
    if element.tag == "p" or not len(element):
        return
    element.text = "\n" + "  " * depth
    for child in element:
        _indent(child, depth + 1)
        child.tail = element.text
    child.tail = element.text[:-2]


def _time(milliseconds: int) -> str:
    hours, minutes, seconds, rest = split_time(milliseconds)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}.{rest:03d}"
