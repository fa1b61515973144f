"""Confidence intervals whose width is known."""

import numpy as np
import pytest

from diffasr_plugin.evaluate.intervals import bootstrap
from diffasr_plugin.scoring import ErrorCounts


def utterances(errors, length=10):
    return [ErrorCounts(length - wrong, wrong) for wrong in errors]


def test_equal_utterances_leave_no_doubt():
    interval = bootstrap(utterances([2] * 50))
    assert (interval.low, interval.high) == pytest.approx((0.2, 0.2))


def test_the_width_is_that_of_the_mean():
    errors = np.random.default_rng(1).binomial(10, 0.2, 400)
    interval = bootstrap(utterances(errors))
    expected = 1.96 * errors.std() / 10 / np.sqrt(400)
    assert interval.low == pytest.approx(errors.mean() / 10 - expected, abs=expected / 5)
    assert interval.high == pytest.approx(errors.mean() / 10 + expected, abs=expected / 5)


def test_long_utterances_weigh_more():
    mixed = [*utterances([0] * 20, length=100), *utterances([1] * 20, length=1)]
    interval = bootstrap(mixed)
    assert 0 < interval.low < 20 / 2020 < interval.high < 0.03


def test_the_seed_decides():
    counts = [ErrorCounts(100 + number, number % 7) for number in range(50)]
    assert bootstrap(counts, 3) == bootstrap(counts, 3)
    assert bootstrap(counts, 3) != bootstrap(counts, 4)


def test_where_there_is_nothing_to_draw_from():
    assert bootstrap([]) is None
    assert bootstrap(utterances([1])) is None
    assert bootstrap([ErrorCounts(insertions=1)] * 5) is None


def test_draws_without_a_word_are_passed_over():
    interval = bootstrap([ErrorCounts(hits=1), ErrorCounts(insertions=1)])
    assert 0 <= interval.low <= interval.high <= 1
