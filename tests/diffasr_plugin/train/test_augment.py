"""Damage to speech: told by the seed alone, within bounds, and what each kind is said to do."""

from dataclasses import asdict

import pytest
import torch

from diffasr_plugin.train.augment import AugmentConfig, augment, hide

RATE = 16_000


def only(**chances):
    return AugmentConfig(**{**dict.fromkeys(asdict(AugmentConfig()), 0.0), **chances})


def tones(rows=6, seconds=2):
    """Each row a chord in its first half, silence after it."""
    times = torch.arange(seconds * RATE) / RATE
    chord = sum(torch.sin(2 * torch.pi * hertz * times) for hertz in (200.0, 1000.0, 6000.0)) / 6
    return (chord * (times < seconds / 2)).expand(rows, -1).clone()


def power_above(samples, hertz):
    spectrum = torch.fft.rfft(samples).abs().square()
    frequencies = torch.fft.rfftfreq(samples.shape[1], 1 / RATE)
    return spectrum[:, frequencies > hertz].sum(1) / spectrum.sum(1)


def run(config, samples=None, seed=0):
    samples = tones() if samples is None else samples
    return augment(samples, torch.Generator().manual_seed(seed), config)


def test_no_chance_changes_nothing():
    assert torch.equal(run(only()), tones())


@pytest.mark.parametrize("kind", asdict(AugmentConfig()))
def test_each_kind_changes_something_and_is_told_by_the_seed(kind):
    once, again, other = (run(only(**{kind: 1.0}), seed=seed) for seed in (1, 1, 2))
    assert torch.equal(once, again)
    assert not torch.equal(once, other)
    assert once.shape == tones().shape
    assert once.isfinite().all()
    assert once.abs().max() <= 1


def test_silence_stays_finite():
    assert run(AugmentConfig(), torch.zeros(4, RATE)).isfinite().all()


def test_rows_are_chosen_by_chance():
    same = (run(only(clipping=0.5), tones(200)) == tones(200)).all(dim=1)
    assert 0.3 < same.float().mean() < 0.7


def test_a_telephone_leaves_no_treble():
    assert (power_above(tones(), 5000) > 0.3).all()
    some = power_above(run(only(band=1.0), tones(40)), 5000)
    assert (some < 0.01).float().mean() > 0.4  # the telephones, and narrow bands


def test_a_slower_row_keeps_its_end():
    """Speech up to half a second before the end has no room to grow."""
    samples = torch.zeros(50, 2 * RATE)
    samples[:, RATE : int(1.5 * RATE)] = 0.5
    warped = run(only(warp=1.0), samples)
    assert (warped[:, -RATE // 4 :].abs() < 1e-3).all()


def test_gaps_are_silent():
    gone = (tones().abs() > 0.01) & (run(only(gaps=1.0)) == 0)
    assert gone.any(dim=1).float().mean() > 0.5


def test_about_half_of_the_rows_lose_some_frames_and_no_more():
    states = torch.ones(400, 200, 3)
    hidden = (hide(states, torch.Generator().manual_seed(1), spans=4, longest=20) == 0).all(dim=2)
    assert 0.4 < hidden.any(dim=1).float().mean() < 0.6
    assert hidden.sum(dim=1).max() <= 4 * 20
    assert hide(states, torch.Generator().manual_seed(1)).unique().tolist() == [0, 1]
