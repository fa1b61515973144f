"""The options that say how cues are cut and timed, as users type them; with a recogniser that counts."""

import json
from math import floor

import pysubs2
import pytest

from diffasr_plugin.asr import Transcript, Word
from tests.support.fake_models import CountingModel, make_spec
from tests.support.films import render


class Hurried(CountingModel):
    """Says a long word every tenth of a second."""

    def count(self, utterance, options):
        words = tuple(
            Word("kleptomaniac", i / 10, i / 10 + 0.1) for i in range(int(utterance.duration_s * 10))
        )
        return Transcript(" ".join(word.text for word in words), "en", words)


def cues_of(path):
    return [(cue.start, cue.end) for cue in pysubs2.load(str(path))]


def test_a_profile_of_one_s_own_shapes_the_cues(diffsub, talking_film, tmp_path):
    house = tmp_path / "house.toml"
    house.write_text('extends = "netflix"\nmax_line_chars = 12\nmax_lines = 1\nmax_ms = 1500')
    words = [talking_film, "--lang", "en", "--no-diarize", "-o", "out.srt", "--profile", house]
    assert diffsub(*words)[0] == 0
    cues = pysubs2.load(str(tmp_path / "out.srt"))
    assert all(len(cue.plaintext) <= 12 for cue in cues)
    assert all(cue.duration <= 1500 for cue in cues)


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "did you mean netflix or"), ("max_line_char = 12", "did you mean max_line_chars or")],
)
def test_a_wrong_profile_is_wrong_usage_before_any_work(diffsub, tmp_path, text, message):
    if text:
        (tmp_path / "netflex").write_text(text)
    code, out, err = diffsub("film.mp4", "--profile", "netflex")
    assert (code, out) == (2, "")
    assert message in err


def test_cues_come_with_the_shots_to_the_frame(diffsub, talking_film, tmp_path):
    words = ["--lang", "en", "--no-diarize", "-o", "out.srt", "--overwrite"]
    diffsub(talking_film, *words)
    (plain, _), *_ = cues_of(tmp_path / "out.srt")
    frame = floor(plain * 24 / 1001) + 4
    colours = [f"color={name}:s=64x48:r=24000/1001:d=40" for name in ("red", "white")]
    cut = render(
        tmp_path / "cut.mp4",
        *("-f", "lavfi", "-i", f"{colours[0]},trim=end_frame={frame}", "-f", "lavfi", "-i", colours[1]),
        *("-i", str(talking_film), "-filter_complex", "[0][1]concat[v]", "-map", "[v]", "-map", "2:a"),
        *("-shortest", "-c:v", "mpeg4", "-c:a", "copy"),
    )
    code, _, err = diffsub(cut, *words, "--snap")
    assert code == 0
    assert "shot changes: 1" in err
    assert cues_of(tmp_path / "out.srt")[0][0] == floor(frame * 1001 / 24)


def test_cues_whose_words_come_too_fast_are_counted_and_marked(diffsub, specs, talking_film, tmp_path):
    specs[:] = [make_spec("hurried", Hurried)]
    code, _, err = diffsub(talking_film, "--lang", "en", "--no-diarize", "-o", "out.json", "-f", "json")
    assert code == 0
    cues = json.loads((tmp_path / "out.json").read_text())["cues"]
    marked = sum("reading_speed" in cue["gave_way"] for cue in cues)
    assert marked > 0
    assert f"(the words come too fast: {marked} cannot be read in time" in err


def test_nothing_is_said_of_haste_where_there_is_none(diffsub, talking_film):
    _, _, err = diffsub(talking_film, "--lang", "en", "--no-diarize", "-o", "out.srt")
    assert "too fast" not in err
