"""Which gaps are heard again, and what is found in them."""

import numpy as np
import pytest

from subtitle_cli.diarization import quiet
from subtitle_cli.diarization.quiet import find_quiet_speech

RATE = 16_000


@pytest.fixture
def heard(monkeypatch):
    """Seconds of each sound that was heard again; in each, speech "is found" from 0.5 s to 1 s."""
    seconds = []

    def find(samples, sensitivity):
        seconds.append(round(len(samples) / RATE, 1))
        return [(0.5, 1.0)]

    monkeypatch.setattr(quiet, "find_stretches", find)
    return seconds


def noise(seconds, level):
    return np.random.default_rng(0).normal(0, level, int(seconds * RATE)).astype(np.float32)


def test_long_gaps_are_heard_again_also_before_and_after_all_speech(heard):
    found = find_quiet_speech(noise(20, 0.1), [(4.0, 8.0), (10.0, 12.0)])
    assert heard == [4.0, 8.0]  # not the gap of two seconds
    assert found == [(0.5, 1.0), (12.5, 13.0)]


def test_without_any_speech_everything_is_heard_again(heard):
    assert find_quiet_speech(noise(5, 0.1), []) == [(0.5, 1.0)]
    assert heard == [5.0]


@pytest.mark.parametrize(("fainter_db", "again"), [(20, []), (40, [2.0])])
def test_short_gaps_are_heard_again_if_they_were_drowned(heard, fainter_db, again):
    samples = noise(10, 0.1)
    samples[4 * RATE : 6 * RATE] *= 10 ** (-fainter_db / 20)
    find_quiet_speech(samples, [(0.0, 4.0), (6.0, 10.0)])
    assert heard == again


def test_a_breath_between_words_is_not_heard_again(heard):
    samples = noise(10, 0.1)
    samples[4 * RATE : int(4.9 * RATE)] = 0
    assert find_quiet_speech(samples, [(0.0, 4.0), (4.9, 10.0)]) == []
    assert heard == []


def test_what_is_found_ends_with_the_gap(heard):
    assert find_quiet_speech(noise(6, 0.1), [(3.6, 6.0)])[-1][1] <= 3.6
    samples = noise(10, 0.1)
    assert find_quiet_speech(samples, [(0.0, 6.4)]) == [(6.9, 7.4)]
