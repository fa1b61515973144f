from fractions import Fraction
from xml.etree import ElementTree

import pytest
import ttconv.imsc.reader
from ttconv import model
from ttconv.style_properties import ColorType, NamedColors, StyleProperties

from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.types import Cue

TTML = "{http://www.w3.org/ns/ttml}"
PARAMETER = "{http://www.w3.org/ns/ttml#parameter}"
METADATA = "{http://www.w3.org/ns/ttml#metadata}"
STYLING = "{http://www.w3.org/ns/ttml#styling}"
XML = "{http://www.w3.org/XML/1998/namespace}"


def ttml(*cues, language="de", **facts):
    return ElementTree.XML(FORMATS["ttml"](Subtitles(cues, language, **facts)))


def test_it_says_that_it_is_imsc_1_1_text():
    root = ttml(language="pt-BR")
    assert root.tag == f"{TTML}tt"
    assert root.get(f"{PARAMETER}contentProfiles") == "http://www.w3.org/ns/ttml/profile/imsc1.1/text"
    assert root.get(f"{PARAMETER}timeBase") == "media"
    assert root.get(f"{XML}lang") == "pt-BR"


@pytest.mark.parametrize(
    ("rate", "whole", "multiplier"),
    [(Fraction(24000, 1001), "24", "1000 1001"), (Fraction(60000, 1001), "60", "1000 1001"),
     (Fraction(25), "25", None), (Fraction(25, 2), "12", "25 24"), (None, None, None)],
)  # fmt: skip
def test_the_frame_rate_is_told_exactly_and_times_do_not_depend_on_it(rate, whole, multiplier):
    root = ttml(Cue(1042, 2001, ("x",)), frame_rate=rate)
    assert root.get(f"{PARAMETER}frameRate") == whole
    assert root.get(f"{PARAMETER}frameRateMultiplier") == multiplier
    (cue,) = root.iter(f"{TTML}p")
    assert (cue.get("begin"), cue.get("end")) == ("00:00:01.042", "00:00:02.001")


def test_speakers_are_agents_and_have_their_colours():
    cues = (
        Cue(
            0,
            1000,
            ("-One", "-Two"),
            speakers=("SPEAKER_00", 'B "<&'),
        ),
        Cue(1000, 2000, ("Three",)),
    )
    root = ttml(*cues, colours={"SPEAKER_00": "#FFE600"})
    names = {agent.get(f"{XML}id"): agent[0].text for agent in root.iter(f"{METADATA}agent")}
    assert names == {"speaker1": "SPEAKER 1", "speaker2": 'B "<&'}
    spans = [(span.text, span.get(f"{METADATA}agent")) for span in root.iter(f"{TTML}span")]
    assert spans == [("-One", "speaker1"), ("-Two", "speaker2"), ("Three", None)]
    assert colours_of(root) == {"-One": ColorType((0xFF, 0xE6, 0, 255)), "-Two": NamedColors.white.value,
                                "Three": NamedColors.white.value}  # fmt: skip


def colours_of(root):
    """Of each span that ttconv finds: its own colour or the one of the body."""
    body = ttconv.imsc.reader.to_model(ElementTree.ElementTree(root)).get_body()
    inherited = body.get_style(StyleProperties.Color)
    return {
        next(iter(span)).get_text(): span.get_style(StyleProperties.Color) or inherited
        for span in body.dfs_iterator()
        if isinstance(span, model.Span)
    }


def test_the_text_stands_at_the_bottom():
    root = ttml(Cue(0, 1000, ("x",)))
    (region,) = root.iter(f"{TTML}region")
    assert region.get(f"{STYLING}displayAlign") == "after"
    assert root.find(f"{TTML}body").get("region") == region.get(f"{XML}id")


@pytest.mark.parametrize(
    ("language", "direction"),
    [("he", "rtl"), ("ar-EG", "rtl"), ("fa", "rtl"), ("az-Arab", "rtl"), ("az", None), ("de", None),
     ("und", None), ("no tag at all", None)],
)  # fmt: skip
def test_scripts_that_run_leftwards_say_so(language, direction):
    (style,) = ttml(language=language).iter(f"{TTML}style")
    assert style.get(f"{STYLING}direction") == direction


def test_white_space_in_a_line_is_text_and_between_elements_is_none():
    cue = Cue(0, 1000, ("a  b", "c"), speakers=("A", "A"))
    (paragraph,) = ttml(cue).iter(f"{TTML}p")
    assert "".join(paragraph.itertext()) == "a  bc"
    assert [element.tag for element in paragraph.iter()] == [f"{TTML}p", f"{TTML}span", f"{TTML}br"]
