"""What a pipeline answers -> turns: labels, edges, slivers, overlaps, quiet speech."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyannote.audio.pipelines.speaker_diarization import DiarizeOutput
from pyannote.core import Annotation, Segment

from subtitle_cli.diarization import DiarizationOptions, turns
from subtitle_cli.diarization.turns import SpeakerTurns, find_turns, to_speech
from subtitle_cli.types import Speech, Turn

SECONDS = 10
SAMPLES = np.zeros(SECONDS * 16_000, np.float32)


def annotation(*tracks):
    answer = Annotation()
    for number, (start, end, label) in enumerate(tracks):
        answer[Segment(start, end), number] = label
    return answer


@pytest.fixture
def found(monkeypatch):
    """Run `find_turns` with a pipeline that gives this answer, and this quiet speech in the gaps."""

    def run(overlapping, exclusive=None, quiet=()):
        monkeypatch.setattr(turns, "find_quiet_speech", lambda samples, known: list(quiet))
        output = DiarizeOutput(annotation(*overlapping), annotation(*(exclusive or overlapping)))
        return find_turns(SAMPLES, lambda film, **wishes: output, DiarizationOptions())

    return run


def test_speakers_are_named_in_the_order_in_which_they_are_heard(found):
    assert found([(5, 6, "A"), (1, 2, "B"), (3, 4, "B")]).exclusive == (
        Turn(1, 2, "SPEAKER_00"),
        Turn(3, 4, "SPEAKER_00"),
        Turn(5, 6, "SPEAKER_01"),
    )


def test_turns_end_with_the_film(found):
    assert found([(8, 10.9, "A"), (10.2, 10.8, "B")]).exclusive == (Turn(8, 10, "SPEAKER_00"),)


def test_a_sliver_goes_to_the_turn_that_it_touches_and_else_nowhere(found):
    tracks = [(1, 2, "A"), (2.0, 2.06, "B"), (4, 4.05, "B"), (6, 7, "B")]
    assert found(tracks).exclusive == (Turn(1, 2.06, "SPEAKER_00"), Turn(6, 7, "SPEAKER_01"))


def test_exclusive_turns_that_overlap_are_cut_apart(found):
    tracks = [(0, 6, "A"), (2, 4, "B")]
    assert found(tracks).exclusive == (
        Turn(0, 2, "SPEAKER_00"),
        Turn(2, 4, "SPEAKER_01"),
        Turn(4, 6, "SPEAKER_00"),
    )


def test_quiet_speech_goes_to_the_speaker_nearest_in_time(found):
    tracks = [(0, 2, "A"), (6, 9, "B")]
    assert found(tracks, quiet=[(3, 4), (4.5, 5)]).exclusive == (
        Turn(0, 2, "SPEAKER_00"),
        Turn(3, 4, "SPEAKER_00"),
        Turn(4.5, 5, "SPEAKER_01"),
        Turn(6, 9, "SPEAKER_01"),
    )


def test_quiet_speech_alone_has_one_speaker(found):
    assert found([], quiet=[(3, 4), (5, 6)]).overlapping == (
        Turn(3, 4, "SPEAKER_00"),
        Turn(5, 6, "SPEAKER_00"),
    )


def test_no_speech_no_turns(found):
    assert found([]) == SpeakerTurns((), ())


def test_the_wishes_and_a_waveform_reach_the_pipeline(monkeypatch):
    monkeypatch.setattr(turns, "find_quiet_speech", lambda samples, known: [])
    seen = {}

    def pipeline(film, **wishes):
        seen.update(film, **wishes)
        return DiarizeOutput(annotation(), annotation())

    find_turns(SAMPLES, pipeline, DiarizationOptions(min_speakers=2, max_speakers=4))
    assert seen["waveform"].shape == (1, len(SAMPLES))
    assert seen["sample_rate"] == 16_000
    assert (seen["num_speakers"], seen["min_speakers"], seen["max_speakers"]) == (None, 2, 4)


def test_overlaps_are_where_two_or_more_speak():
    heard = (Turn(0, 5, "A"), Turn(1, 2, "B"), Turn(1.5, 3, "C"), Turn(4, 7, "B"), Turn(7, 8, "A"))
    assert to_speech(SpeakerTurns(heard, ())) == Speech((), ((1, 3), (4, 5)))


SPAN = st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from("ABC"))


@given(st.lists(SPAN, max_size=12))
def test_turns_are_kept_apart_and_cover_the_same_moments(spans):
    heard = [Turn(start, start + length, name) for start, length, name in spans]
    apart = turns._apart(heard)
    assert all(before.end_s <= after.start_s for before, after in pairwise(apart))
    for moment in np.arange(0.5, 81):
        speaking = {turn.speaker for turn in heard if turn.start_s < moment < turn.end_s}
        kept = {turn.speaker for turn in apart if turn.start_s < moment < turn.end_s}
        assert len(kept) == min(len(speaking), 1)
        assert kept <= speaking


@given(st.lists(SPAN, max_size=12))
def test_overlaps_agree_with_counting_moment_by_moment(spans):
    heard = tuple(sorted(Turn(start, start + length, name) for start, length, name in spans))
    overlaps = to_speech(SpeakerTurns(heard, ())).overlaps
    for moment in np.arange(0.5, 81):
        speaking = sum(turn.start_s < moment < turn.end_s for turn in heard)
        assert (speaking >= 2) == any(start < moment < end for start, end in overlaps)
    assert all(end < start for (_, end), (start, _) in pairwise(overlaps))
