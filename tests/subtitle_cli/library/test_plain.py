"""What is kept in a journal comes back as it was, and under a key of all that it depends on."""

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from diffasr_plugin.asr import Transcript, Word
from subtitle_cli.diarization import DiarizationOptions
from subtitle_cli.library.keys import heard_key, job_key, name_key, recogniser_id, transcript_key
from subtitle_cli.library.plain import NotReadable, from_bytes, to_bytes, to_plain
from subtitle_cli.listening import Heard
from subtitle_cli.media import AudioStream, Film
from subtitle_cli.output import Destination
from subtitle_cli.profiles import load_profile
from subtitle_cli.recogniser import Choice, Wish
from subtitle_cli.settings import Settings
from subtitle_cli.types import Piece, Speech, Turn
from tests.support.fake_models import make_spec

TURN = Turn(0.1, 1 / 3, "SPEAKER_00", "de")
STREAM = AudioStream(1, "de", None, 2, 48000, "aac", True)
HEARD = Heard(
    Film(Path("caf\udce9.mkv"), 12.34, 0.0, Fraction(24000, 1001), (STREAM,), ("en",)),
    12.3,
    "de",
    Speech((TURN,), ((0.2, 0.3),)),
    (Piece(0.0, 0.5, (TURN,)),),
    (40, 80),
)
TRANSCRIPT = Transcript("a b", "de", (Word("a", 0.1, 1 / 3, 0.7), Word("b", 1 / 3, 0.5, None, False)), 0.7, 3)


@pytest.mark.parametrize("value", [HEARD, TRANSCRIPT, Transcript("")], ids=["heard", "transcript", "silence"])
def test_values_come_back_as_they_were(value):
    assert from_bytes(type(value), to_bytes(value)) == value


def test_numbers_of_numpy_become_plain_ones():
    exact = np.float32(0.1)
    kept = from_bytes(Transcript, to_bytes(Transcript("a", "de", (Word("a", 0.0, exact),))))
    assert type(kept.words[0].end_s) is float
    assert kept.words[0].end_s == float(exact)


@pytest.mark.parametrize(
    "data", [b"", b"rubbish", to_bytes(TRANSCRIPT)[:-9], to_bytes(["no", "dict"]), to_bytes({"words": 3})]
)
def test_what_cannot_be_read_is_told(data):
    with pytest.raises(NotReadable, match="no Transcript"):
        from_bytes(Transcript, data)


def test_a_field_that_came_later_takes_its_default_and_one_that_went_is_passed_over():
    @dataclass(frozen=True)
    class Old:
        text: str
        gone: int

    assert from_bytes(Transcript, to_bytes(Old("a", 1))) == Transcript("a")


def test_what_has_no_plain_form_is_refused():
    with pytest.raises(TypeError, match="a object cannot be kept"):
        to_plain(object())
    assert to_plain({"b": {2, 1}, "a": None}) == {"a": None, "b": [1, 2]}


def choice(**options):
    spec = make_spec()
    load, call = spec.split_options(options)
    return Choice(spec, "", spec.check_options(load, "load"), spec.check_options(call, "call"), ())


ID = recogniser_id(choice(), {"counting": "some 1.0"})


def test_a_recognisers_results_depend_on_its_options_and_version_but_not_on_its_place():
    assert recogniser_id(choice(device="cpu"), {"counting": "some 1.0"}) == ID
    assert recogniser_id(choice(steps=8), {"counting": "some 1.0"}) != ID
    assert recogniser_id(choice(), {"counting": "some 1.1"}) != ID


def test_a_transcript_depends_on_film_stream_span_language_task_and_recogniser():
    piece = Piece(1.0, 2.0, (TURN,))
    ways = [
        (b"film", 0, piece, "transcribe", ID),
        (b"other", 0, piece, "transcribe", ID),
        (b"film", 1, piece, "transcribe", ID),
        (b"film", 0, replace(piece, end_s=2.5), "transcribe", ID),
        (b"film", 0, replace(piece, turns=(replace(TURN, language="fr"),)), "transcribe", ID),
        (b"film", 0, piece, "translate", ID),
        (b"film", 0, piece, "transcribe", {**ID, "name": "other"}),
    ]
    keys = [transcript_key(*way) for way in ways]
    assert len(set(keys)) == len(ways)
    assert transcript_key(*ways[0]) == keys[0]
    assert name_key(ID) not in keys


def test_what_is_heard_does_not_depend_on_how_it_is_written():
    settings = Settings(Destination())
    key = heard_key(b"film", settings, ID)
    for same in (
        replace(settings, formats=("vtt",)),
        replace(settings, profile=load_profile("bbc")),
        replace(settings, destination=Destination(overwrite=True)),
        replace(settings, speaker_labels=True),
    ):
        assert heard_key(b"film", same, ID) == key
        assert job_key(same, Wish()) != job_key(settings, Wish())
    for other in (
        replace(settings, languages=("de",)),
        replace(settings, diarization=None),
        replace(settings, diarization=DiarizationOptions(speakers=2)),
        replace(settings, audio_stream=3),
    ):
        assert heard_key(b"film", other, ID) != key


def test_every_profile_and_wish_has_a_key():
    settings = Settings(Destination(Path("out")))
    assert job_key(settings, Wish(options={"steps": 8})) != job_key(settings, Wish(options={"steps": 9}))
    assert job_key(settings, Wish(routes={"de": "x"})) != job_key(settings, Wish())
