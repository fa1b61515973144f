"""Pages of help, fortunes and translations of programs -> clean sentences of one language, a line each.

Reads what Debian's packages hold, once unpacked: HTML pages (`libreoffice-help-*`), fortune files
(`fortunes*`) and compiled translations (`wesnoth-*`). A sentence is kept if it can be read aloud as it is
written: whole, of speakable length, in the language's own letters. Knows no speech.
"""

from __future__ import annotations

import gettext
import html
import lzma
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...languages import language_scores
from .errors import NoTexts

__all__ = ["LANGUAGES", "clean_sentences", "collect", "read_texts", "write_texts"]

LANGUAGES = ("en", "de", "fr", "es", "hi", "zh")

_FOLDERS = {
    "en": {"en", "en-US", "en_GB"},
    "de": {"de"},
    "fr": {"fr"},
    "es": {"es"},
    "hi": {"hi", "hi_IN"},
    "zh": {"zh-CN", "zh_CN"},
}
"""Names of the folders in which packages keep each language."""

_LETTERS = {
    "en": "",
    "de": "äöüß",
    "fr": "àâæçéèêëîïôœùûüÿ",
    "es": "áéíñóúü",
}

_ENDS = {"hi": "।?!.", "zh": "。？！"}
_WORDS = {"hi": (4, 25), "zh": (6, 45)}
"""Least and most words of a sentence; of Mandarin, characters."""

_PARAGRAPH = re.compile(r'<p\b[^>]*\bclass="(?:paragraph|tip|note|warning)[^>]*>(.*?)</p>', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_CUT = re.compile(r"(?<=[.?!।])\s+(?=[^\W\d_a-zäöüàéèêáíóú])|(?<=[。？！])")
_SIGNED = re.compile(r"^\s*(--|—|\(c\))", re.MULTILINE)
_SCREAM = re.compile(r"[A-ZÄÖÜÀÉÈ]{2,}")
_MIXED = re.compile(r"[^\W\d_]\d|\d[^\W\d_]|\d{5}|\d[.,:]\d")


def collect(roots: Iterable[Path], language: str) -> list[str]:
    """All clean sentences in the language's folders below the roots, each once, in the order of the files.

    Raises:
        NoTexts: there is none.
    """
    roots = list(roots)
    found: dict[str, None] = {}
    for root in roots:
        for file in sorted(root.rglob("*")):
            if file.is_file() and (text := _text_of(file, language)):
                found.update(dict.fromkeys(clean_sentences(text, language)))
    if not found:
        raise NoTexts(roots, language)
    return list(found)


def clean_sentences(text: str, language: str) -> Iterator[str]:
    """The sentences of a text, paragraphs on lines of their own, that can be read aloud as they stand."""
    for paragraph in text.splitlines():
        plain = unicodedata.normalize("NFC", " ".join(paragraph.split()))
        for sentence in _CUT.split(plain):
            if _is_clean(sentence.strip(), language):
                yield sentence.strip()


def write_texts(file: Path, sentences: Iterable[str]) -> None:
    """Write sentences, a line each; compressed if the name ends in .xz."""
    text = "".join(f"{sentence}\n" for sentence in sentences)
    data = text.encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(lzma.compress(data) if file.suffix == ".xz" else data)


def read_texts(file: Path) -> list[str]:
    """What `write_texts` wrote."""
    data = file.read_bytes()
    text = (lzma.decompress(data) if file.suffix == ".xz" else data).decode()
    return [line for line in text.splitlines() if line]


def _text_of(file: Path, language: str) -> str:
    """Paragraphs of a file that is in the language, a line each; empty for any other file."""
    folders = set(file.parts)
    if file.suffix == ".html" and folders & _FOLDERS[language]:
        page = file.read_text(encoding="utf-8", errors="ignore")
        return "\n".join(html.unescape(_TAG.sub("", p)).replace("\n", " ") for p in _PARAGRAPH.findall(page))
    if file.suffix == ".mo" and folders & _FOLDERS[language]:
        return _translations(file)
    if file.suffix == ".u8" and _fortune_language(file) == language:
        return _fortunes(file.read_text(encoding="utf-8", errors="ignore"))
    return ""


def _translations(file: Path) -> str:
    with file.open("rb") as stream:
        catalog = gettext.GNUTranslations(stream)
    # The library keeps what it has read here, and has no other way to list it.
    texts = catalog._catalog.values()  # type: ignore[attr-defined]
    return "\n".join(
        re.sub(r"\^.*?\^|\s*\n\s*", " ", _TAG.sub("", text)) for text in texts if "_" not in text
    )


def _fortune_language(file: Path) -> str:
    if "fortunes" not in file.parts:
        return ""
    folder = file.parent.name
    return folder if folder in LANGUAGES else "en" if folder == "fortunes" else ""


def _fortunes(text: str) -> str:
    """Fortunes are parted by lines of one %; those with a source, or verses, are left out."""
    kept = (part for part in text.split("\n%\n") if not _SIGNED.search(part) and "\t" not in part)
    return "\n".join(" ".join(part.split()) for part in kept)


def _is_clean(sentence: str, language: str) -> bool:
    least, most = _WORDS.get(language, (4, 25))
    length = len(sentence) if language == "zh" else len(sentence.split())
    return (
        least <= length <= most
        and len(sentence) <= 180
        and sentence[-1] in _ENDS.get(language, ".?!")
        and not sentence.endswith("..")
        and not sentence[0].islower()
        and all(_may_stand(character, language) for character in sentence)
        and not _SCREAM.search(sentence)
        and not _MIXED.search(sentence)
        and (language == "zh" or max(map(len, sentence.split())) <= 24)
        and _is_in(sentence, language)
    )


def _may_stand(character: str, language: str) -> bool:
    if language == "hi":
        return "\u0900" <= character <= "\u0965" or character in " ,.?!-'"
    if language == "zh":
        return "\u3400" <= character <= "\u9fff" or character in "，。？！、：；"
    letter = character.isascii() and character.isalnum()
    return letter or character.lower() in _LETTERS[language] or character in " ,.?!'’-:;¿¡"


def _is_in(sentence: str, language: str) -> bool:
    """Whether the commonest words are those of the language: translations leave much in English."""
    scores = language_scores(sentence, LANGUAGES)
    return scores[language] > max(score for other, score in scores.items() if other != language)
