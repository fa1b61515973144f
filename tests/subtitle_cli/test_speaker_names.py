import itertools

import numpy as np
import pytest

from subtitle_cli.errors import SpeakerNamesError, UsageError
from subtitle_cli.speaker_names import PALETTE, SpeakerNames, read_speaker_names, speaker_colours
from subtitle_cli.types import SpokenWord


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "spk.toml"
        path.write_text(text, encoding="utf-8")
        return read_speaker_names(path)

    return read


def test_names_and_colours_are_read(read):
    names = read(
        'SPEAKER_00 = "Anna"\n"SPEAKER 2" = " Bob "\nguest = "Chloé"\n'
        '[colours]\nSPEAKER_00 = "#ffe600"\nBob = "#6EC8FF"\n'
    )
    assert [names.name(each) for each in ("SPEAKER_00", "SPEAKER_01", "guest", "SPEAKER_02")] == [
        "Anna", "Bob", "Chloé", "SPEAKER_02",
    ]  # fmt: skip
    assert names.colours == {"Anna": "#FFE600", "Bob": "#6EC8FF"}


def test_without_the_table_no_colours_are_wanted_and_an_empty_one_wants_the_palette(read):
    assert read('SPEAKER_00 = "Anna"').colours is None
    assert read('SPEAKER_00 = "Anna"\n[colours]').colours == {}


@pytest.mark.parametrize(
    ("text", "key", "value", "told"),
    [
        ("SPEAKER_00 = 7", "SPEAKER_00", 7, 'SPEAKER_00 = 7: write a name, such as "Anna"'),
        ('SPEAKER_00 = " "', "SPEAKER_00", " ", "a name is one line"),
        ('SPEAKER_00 = "a\\nb"', "SPEAKER_00", "a\nb", "a name is one line"),
        ('SPEAKER_00 = "A"\n"SPEAKER 1" = "B"', "SPEAKER 1", "B", "named twice"),
        ("[SPEAKER_00]\na = 1", "SPEAKER_00", {"a": 1}, "write a name"),
        ("colours = 1", "colours", 1, "write a table"),
        ('[colours]\nAnna = "red"', "colours.Anna", "red", "#RRGGBB"),
        ('[colours]\nAnna = "#FFF"', "colours.Anna", "#FFF", "#RRGGBB"),
        ("[colours]\nAnna = 3", "colours.Anna", 3, "#RRGGBB"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_key(read, text, key, value, told):
    with pytest.raises(SpeakerNamesError, match=r"spk\.toml") as error:
        read(text)
    assert (error.value.key, error.value.value) == (key, value)
    assert f"{key} = {value!r}" in str(error.value)
    assert told in str(error.value)
    assert isinstance(error.value, UsageError)


def test_a_file_that_cannot_be_read_is_named(read, tmp_path):
    with pytest.raises(SpeakerNamesError, match=r"spk\.toml.* cannot be read"):
        read("SPEAKER_00 =")
    with pytest.raises(SpeakerNamesError, match=r"none\.toml.* cannot be read"):
        read_speaker_names(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes('a = "Zoë"'.encode("latin-1"))
    with pytest.raises(SpeakerNamesError, match=r"latin\.toml.* cannot be read"):
        read_speaker_names(tmp_path / "latin.toml")


def test_words_get_names_and_a_name_for_nobody_is_told(caplog):
    names = SpeakerNames({"SPEAKER 1": "Anna", "SPEAKER 2": "Anna", "SPEAKER 8": "Nobody"})
    words = [SpokenWord("a", 0, 1, each) for each in ("SPEAKER_00", None, "SPEAKER_01", "SPEAKER_02")]
    assert [word.speaker for word in names.give_to(words)] == ["Anna", None, "Anna", "SPEAKER_02"]
    (record,) = caplog.records
    assert (
        "names SPEAKER 8, who does not speak here; known: SPEAKER 1, SPEAKER 2, SPEAKER 3" in record.message
    )


def test_chosen_colours_come_first_and_the_rest_of_the_palette_after():
    chosen = {"Bob": PALETTE[0]}
    assert speaker_colours(["Anna", "Bob", "Chloé"], chosen) == {
        "Anna": PALETTE[1],
        "Bob": PALETTE[0],
        "Chloé": PALETTE[2],
    }


def test_colours_go_round_where_there_are_too_many_speakers():
    speakers = [f"S{number}" for number in range(8)]
    assert list(speaker_colours(speakers, {}).values()) == [*PALETTE, *PALETTE[:2]]
    chosen = dict(zip(speakers, PALETTE, strict=False))
    assert speaker_colours([*speakers], chosen)["S6"] == PALETTE[0]


# Source: Machado, Oliveira, Fernandes (2009), A Physiologically-based Model for Simulation of Color Vision
# Deficiency, severity 1.0, for linear RGB.
VISION = {
    "usual": np.eye(3),
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
)


def linear(colour):
    shares = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """CIELAB of linear RGB, by the white of sRGB."""
    ratio = XYZ @ np.clip(rgb, 0, 1) / XYZ.sum(axis=1)
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
def test_nobody_takes_one_colour_of_the_palette_for_another(vision):
    seen = [lab(np.array(VISION[vision]) @ linear(colour)) for colour in PALETTE]
    assert min(np.linalg.norm(one - other) for one, other in itertools.combinations(seen, 2)) >= 20


def test_every_colour_is_bright_on_black():
    # Source: WCAG 2.2, contrast ratio; 7 is its strictest level.
    assert min((XYZ[1] @ linear(colour) + 0.05) / 0.05 for colour in PALETTE) >= 7
