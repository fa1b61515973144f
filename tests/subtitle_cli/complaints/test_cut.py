"""What users complain about most, where it is about how words are cut and timed: scripts, and beeps."""

from itertools import pairwise

import numpy as np
import pysubs2
import pytest
import regex

from diffasr_plugin.asr import Transcript, Word
from subtitle_cli import listening
from subtitle_cli.profiles import BUILT_IN
from subtitle_cli.types import Speech, SpokenWord, Turn
from tests.support.fake_models import CountingModel, make_spec
from tests.support.films import VARYING_RATE, beeps, onsets, picture, render
from tests.support.scripted import cast
from tests.support.spoken import converse, say, say_unspaced

RATE = 16_000


def read(path):
    return list(pysubs2.load(str(path)))


@pytest.fixture
def movie(tmp_path):
    """A minute of picture and sound that scripts are spoken over."""
    return render(
        tmp_path / "film.mkv", *picture(60), *beeps(0.1, seconds=60), "-c:v", "mpeg4", "-c:a", "flac"
    )


class BeepModel(CountingModel):
    """Hears a word at each beep, exactly when it begins."""

    def count(self, utterance, options):
        words = tuple(Word("beep.", at_s, at_s + 0.05) for at_s in onsets(utterance.samples))
        return Transcript(" ".join(word.text for word in words), "en" if words else None, words)


def beeping(samples, told):
    """A turn around each beep."""
    return Speech(tuple(Turn(at_s - 0.05, at_s + 0.2) for at_s in onsets(np.asarray(samples))))


FILMS = {
    "sound four seconds late": ["-itsoffset", "4", *beeps(2, 300, 598, seconds=600), *picture(604)],
    "clock from 1.4 s": [*picture(600), *beeps(2, 300, 598, seconds=600), "-output_ts_offset", "1.4"],
    "varying rate": [*picture(600), *beeps(2, 300, 598, seconds=600), *VARYING_RATE],
    "44.1 kHz at 23.976": [*picture(600, "24000/1001"), *beeps(2, 300, 598, seconds=600, sample_rate=44_100)],
}


@pytest.mark.parametrize("how", FILMS)
def test_complaint_04_no_offset_and_no_drift(diffsub, specs, monkeypatch, tmp_path, how):
    # subgen PR#305 (a container's start_time), subaligner#91 (varying rates)
    monkeypatch.setattr(listening, "find_speech", beeping)
    specs[:] = [make_spec("beeping", BeepModel, languages=("en",))]
    film = render(tmp_path / "film.mkv", *FILMS[how], "-c:v", "mpeg4", "-c:a", "flac")
    code, _, err = diffsub(film, "--lang", "en", "--no-diarize")
    assert code == 0, err
    late_s = 4 if "late" in how else 0
    starts_s = [cue.start / 1000 - late_s for cue in read(tmp_path / "film.en.srt")]
    assert starts_s == pytest.approx([2, 300, 598], abs=0.05)


LONG = (
    "Incomprehensibilities notwithstanding, the Donaudampfschifffahrtsgesellschaft telegraphed us yesterday."
)


@pytest.mark.parametrize("profile", BUILT_IN)
def test_complaint_05_no_line_is_wider_than_asked_for_not_even_with_a_label(
    diffsub, specs, monkeypatch, movie, tmp_path, profile
):
    # Purfview#127, Purfview#377, whisper.cpp#1752; whisperX adds labels after it has cut the lines
    names = tmp_path / "names.toml"
    names.write_text('SPEAKER_00 = "Maximiliane"\nSPEAKER_01 = "Bartholomew"\n')
    cast(
        monkeypatch,
        specs,
        converse(("SPEAKER_00", LONG), ("SPEAKER_01", LONG), ("SPEAKER_00", "Oh. " + LONG)),
    )
    code, _, err = diffsub(movie, "--lang", "en", "--speaker-names", names, "--profile", profile)
    assert code == 0, err
    lines = [line for cue in read(tmp_path / "film.en.srt") for line in cue.plaintext.split("\n")]
    widest = {"arte": 40, "bbc": 37, "tiktok": 24}.get(profile, 42)
    assert any("Maximiliane:" in line for line in lines)
    assert max(len(line) for line in lines) <= widest


def test_complaint_06_chinese_has_no_spaces_and_no_endless_cues(diffsub, specs, monkeypatch, movie, tmp_path):
    # whisperX#310, whisperX#597
    said = "今天天气很好我们一起去公园散步吧。" * 8
    cast(monkeypatch, specs, say_unspaced(said), "zh")
    code, _, err = diffsub(movie, "--lang", "zh", "--no-diarize")
    assert code == 0, err
    cues = read(tmp_path / "film.zh.srt")
    assert "".join(cue.plaintext.replace("\n", "") for cue in cues) == said
    for cue in cues:
        assert not regex.search(r"\p{Han} +\p{Han}", cue.plaintext)
        assert cue.duration <= 7000
        assert max(len(line) for line in cue.plaintext.split("\n")) <= 16


def test_complaint_07_no_cue_is_too_short_to_read(diffsub, specs, monkeypatch, movie, tmp_path):
    # buzz#1347, subgen#38
    words = [
        SpokenWord(text, at_s, at_s + 0.1)
        for at_s, text in ((1, "No."), (3, "Yes."), (3.6, "Go."), (9, "Ah!"))
    ]
    words += say("And then this is said in one breath, as quickly as it can be read.", at_s=12, rate=19)
    cast(monkeypatch, specs, words)
    code, _, err = diffsub(movie, "--lang", "en", "--no-diarize")
    assert code == 0, err
    cues = read(tmp_path / "film.en.srt")
    assert cues[0].plaintext == "No."
    assert min(cue.duration for cue in cues) >= 833
    assert all(len(cue.plaintext) / (cue.duration / 1000) <= 20.1 for cue in cues)
    assert all(later.start - earlier.end >= 80 for earlier, later in pairwise(cues))


def test_complaint_14_each_speaker_has_a_line_and_a_label_where_it_belongs(
    diffsub, specs, monkeypatch, movie, tmp_path
):
    # pyannote#1154, pyannote#1987, sagascript#65; GigaAMGUI#37, GigaAMGUI#43
    anna, ben = "SPEAKER_00", "SPEAKER_01"
    said = converse((anna, "Are you coming with us?"), (ben, "No."), (ben, "I will stay at home tonight."))
    both = (said[4].start_s, said[5].end_s)
    cast(monkeypatch, specs, said, overlaps=(both,))
    code, _, err = diffsub(movie, "--lang", "en", "--speaker-labels", "-f", "srt,vtt")
    assert code == 0, err
    srt = (tmp_path / "film.en.srt").read_text()
    assert (
        srt.count("SPEAKER 1:") == srt.count("SPEAKER 2:") == 1
    )  # where the speaker changes, and only there
    for cue in read(tmp_path / "film.en.srt"):
        for line in cue.plaintext.split("\n"):
            assert not ("coming" in line and "No." in line)
    voiced = [block.split("\n", 1)[1] for block in (tmp_path / "film.en.vtt").read_text().split("\n\n")[1:]]
    assert voiced
    assert all(text.startswith("<v SPEAKER") for text in voiced)  # every cue says who speaks


def test_complaint_14_two_who_speak_at_once_become_a_dialogue(diffsub, specs, monkeypatch, movie, tmp_path):
    # pyannote#1154
    words = [
        SpokenWord("Wait,", 1.0, 1.4, "SPEAKER_00"),
        SpokenWord("stop!", 1.5, 2.2, "SPEAKER_00"),
        SpokenWord("Hurry", 2.1, 2.5, "SPEAKER_01"),
        SpokenWord("up!", 2.5, 3.0, "SPEAKER_01"),
    ]
    cast(monkeypatch, specs, words, overlaps=((2.1, 2.2),))
    code, _, err = diffsub(movie, "--lang", "en")
    assert code == 0, err
    (cue,) = read(tmp_path / "film.en.srt")
    assert cue.plaintext.split("\n") == ["-Wait, stop!", "-Hurry up!"]
