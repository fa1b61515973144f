"""Scores to stretches, by hand; sound to scores, on real speech."""

import numpy as np
import pytest

from subtitle_cli.diarization.segmentation import (
    FIRST_LOOK,
    Sensitivity,
    find_stretches,
    speech_scores,
    stretches_above,
)

RATE = 16_000
FRAME_S = 270 / RATE
MIDDLE_S = 991 / RATE / 2
LOOK = Sensitivity(onset=0.6, offset=0.3)


def scores(*parts):
    """Frames, given as (score, frames)."""
    return np.concatenate([np.full(frames, score) for score, frames in parts])


def frames(first, last):
    return pytest.approx((first * FRAME_S + MIDDLE_S, last * FRAME_S + MIDDLE_S))


def test_a_stretch_reaches_as_far_as_the_offset_and_must_rise_above_the_onset():
    found = stretches_above(scores((0, 50), (0.4, 20), (0.7, 20), (0.4, 20), (0, 50), (0.5, 40)), LOOK)
    assert found == [frames(50, 110)]


def test_short_pauses_are_bridged_and_long_ones_not():
    [whole] = stretches_above(scores((0.9, 40), (0, 17), (0.9, 40)), LOOK)  # 0.29 s
    assert whole == frames(0, 97)
    assert len(stretches_above(scores((0.9, 40), (0, 19), (0.9, 40)), LOOK)) == 2  # 0.32 s


def test_a_click_is_no_speech():
    assert stretches_above(scores((0, 50), (0.9, 5), (0, 50)), LOOK) == []
    assert stretches_above(scores((0, 50), (0.9, 7), (0, 50)), LOOK) == [frames(50, 57)]


def test_no_scores_no_speech():
    assert stretches_above(np.zeros(0), LOOK) == []


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.9, 4.0, 10.0, 10.01, 14.99, 15.0, 27.3])
def test_each_frame_has_a_score_whatever_the_length(speech, seconds):
    cut = speech[: int(seconds * RATE)]
    found = speech_scores(cut)
    assert len(found) == round(len(cut) / 270)
    assert ((found >= 0) & (found <= 1)).all()


def test_level_does_not_matter(speech):
    faint = find_stretches(speech * 10 ** (-60 / 20), FIRST_LOOK)
    assert np.allclose(faint, find_stretches(speech, FIRST_LOOK), atol=0.1)


def test_a_memory_map_is_read_as_an_array_is(speech, tmp_path):
    speech.tofile(tmp_path / "samples")
    mapped = np.memmap(tmp_path / "samples", np.float32, mode="r")
    assert find_stretches(mapped, FIRST_LOOK) == find_stretches(speech, FIRST_LOOK)
