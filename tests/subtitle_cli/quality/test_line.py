"""Lines of known offset and rate, with honest noise and with outliers."""

import numpy as np
import pytest

from subtitle_cli.quality.line import Clock, fit_clock

TIMES = np.linspace(10, 3000, 80)


def noise(count, size=0.03):
    return np.random.default_rng(3).normal(0, size, count)


def test_an_offset_alone_has_no_drift():
    clock = fit_clock(TIMES, TIMES + 2.5 + noise(80))
    assert clock.rate == 1
    assert clock.offset_s == pytest.approx(2.5, abs=0.01)
    assert clock.spread_s == pytest.approx(0.02, abs=0.005)
    assert clock.pairs == 80


def test_a_drift_is_found_among_outliers():
    late = -1 + 0.001 * TIMES + noise(80)
    late[::4] += 40
    clock = fit_clock(TIMES, TIMES + late)
    assert clock.rate == pytest.approx(1.001, abs=3e-5)
    assert clock.at(2000) == pytest.approx(2001, abs=0.05)


def test_few_pairs_show_no_drift():
    assert fit_clock(TIMES[:9], 1.1 * TIMES[:9]).rate == 1


def test_a_film_of_thousands_of_pairs_is_thinned():
    times = np.linspace(0, 7000, 5000)
    clock = fit_clock(times, 1.04271 * times - 3)
    assert (clock.rate, clock.offset_s, clock.pairs) == (pytest.approx(1.04271), pytest.approx(-3), 5000)


def test_one_pair_is_an_offset():
    assert fit_clock(np.array([5.0]), np.array([4.0])) == Clock(-1.0, 1.0, 0.0, 1)
