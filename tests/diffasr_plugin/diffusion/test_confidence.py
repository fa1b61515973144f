from __future__ import annotations

import math

import pytest
import torch

from diffasr_plugin.diffusion.confidence import calibrated, token_confidence, transcript_confidence
from diffasr_plugin.diffusion.sampler import Sampled


def confidence_of(entropy: float, since: int, steps: int = 8) -> float:
    sampled = Sampled(
        ids=torch.zeros(1, 1, dtype=torch.int64),
        entropies=torch.tensor([[entropy]]),
        accepted_since=torch.tensor([[since]]),
        steps=torch.tensor([steps]),
        lengths=torch.tensor([1]),
    )
    return token_confidence(sampled).item()


def test_a_token_without_doubt_and_one_torn_between_two():
    assert confidence_of(0.0, since=1) == pytest.approx(0.982, abs=1e-3)
    assert confidence_of(math.log(2), since=1) == pytest.approx(0.5, abs=0.01)


def test_falls_with_entropy_and_with_lateness():
    by_entropy = [confidence_of(entropy, 1) for entropy in (0.0, 0.1, 1.0, 5.0, 12.0)]
    by_step = [confidence_of(0.2, since) for since in (1, 2, 8, 0)]  # 0: never accepted
    for series in (by_entropy, by_step):
        assert series == sorted(series, reverse=True)
        assert len(set(series)) == len(series)
        assert all(0.0 <= value <= 1.0 for value in series)


def test_is_0_where_a_row_uses_no_position():
    assert confidence_of(math.inf, since=0) == 0.0


def test_calibration_of_slope_1_and_offset_0_changes_nothing():
    for raw in (0.01, 0.3, 0.98):
        assert calibrated(raw, 1.0, 0.0) == pytest.approx(raw)


def test_calibration_undoes_a_known_distortion():
    truth = 0.7
    raw = 1 / (1 + math.exp(-2.0 * math.log(truth / (1 - truth)) - 0.5))
    assert calibrated(raw, 0.5, -0.25) == pytest.approx(truth)


@pytest.mark.parametrize("raw", [0.0, 1.0])
def test_calibration_takes_the_ends(raw):
    assert calibrated(raw, 1.0, 0.0) == pytest.approx(raw, abs=1e-5)


def test_transcript_is_the_mean_of_its_tokens():
    assert transcript_confidence([0.5, 1.0, 0.9]) == pytest.approx(0.8)
    assert transcript_confidence([]) is None
