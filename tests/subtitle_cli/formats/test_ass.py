import pysubs2
import pytest

from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.types import Cue


def ass(*cues, **facts):
    return pysubs2.SSAFile.from_string(FORMATS["ass"](Subtitles(cues, "de", **facts)), format_="ass")


def test_times_are_cut_off_to_hundredths_so_that_no_cue_is_a_frame_late():
    # Frames 25 and 49 of a film of 24000/1001 begin at 1042.7 and 2043.7 ms.
    (event,) = ass(Cue(1042, 2043, ("x",)))
    assert (event.start, event.end) == (1040, 2040)


def test_a_film_of_over_ten_hours_keeps_its_times():
    text = FORMATS["ass"](Subtitles((Cue(36_061_230, 36_062_000, ("x",)),), "de"))
    assert "Dialogue: 0,10:01:01.23,10:01:02.00,Default,,0,0,0,,x\n" in text


def test_each_speaker_has_a_style_of_the_speakers_colour():
    cues = (
        Cue(0, 1000, ("One",), speakers=("Anna",)),
        Cue(1000, 2000, ("-Two", "-Three"), speakers=("Bob, Jr.", "Anna")),
        Cue(2000, 3000, ("-Four", "-Five"), speakers=("Anna", None)),
    )
    file = ass(*cues, colours={"Anna": "#FFE600", "Bob, Jr.": "#6EC8FF"})
    styles = {name: style.primarycolor for name, style in file.styles.items()}
    assert styles == {
        "Default": pysubs2.Color(255, 255, 255),
        "Speaker 1": pysubs2.Color(0xFF, 0xE6, 0),
        "Speaker 2": pysubs2.Color(0x6E, 0xC8, 0xFF),
    }
    assert [(event.style, event.name, event.text) for event in file] == [
        ("Speaker 1", "Anna", "One"),
        ("Speaker 2", "Bob; Jr.; Anna", r"-Two\N{\rSpeaker 1}-Three"),
        ("Speaker 1", "Anna", r"-Four\N{\rDefault}-Five"),
    ]


@pytest.mark.parametrize(
    ("size", "line", "fits"),
    [((1920, 1080), "x" * 42, 59), ((1080, 1920), "x" * 24, 81), ((720, 1280), "字" * 16, 40)],
    ids=["wide", "upright", "chinese"],
)
def test_the_longest_line_fits_into_the_picture(size, line, fits):
    file = ass(Cue(0, 1000, ("short", line)), picture_size=size)
    assert (int(file.info["PlayResX"]), int(file.info["PlayResY"])) == size
    assert file.styles["Default"].fontsize == fits


def test_the_films_name_breaks_no_header():
    file = ass(Cue(0, 1000, ("x",)), film="a\n[Events]\nDialogue: x.mkv")
    assert file.info["Title"] == "a [Events] Dialogue: x.mkv"
    assert [event.text for event in file] == ["x"]
