from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from subtitle_cli.cues.candidates import Candidates
from subtitle_cli.cues.segment import Span, cheapest


def test_the_cheapest_way_is_taken_even_if_its_first_step_is_dear():
    #                  sizes 1,   2,   3
    cost = np.array([[1.0, 3.0, 9.0], [9.0, 9.0, np.inf], [1.0, np.inf, np.inf]])
    upper = np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0]])
    assert cheapest(Candidates(cost, upper)) == [Span(0, 2, second=1), Span(2, 3)]


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_no_other_way_costs_less(count, most, seed):
    cost = np.random.default_rng(seed).random((count, most))
    sizes = np.arange(1, most + 1)
    cost[np.arange(count)[:, None] + sizes > count] = np.inf  # past the end

    @cache
    def least(first):
        ways = [cost[first, size - 1] + least(first + size) for size in sizes if first + size <= count]
        return min(ways) if first < count else 0.0

    spans = cheapest(Candidates(cost, np.zeros((count, most), dtype=np.int64)))
    assert [span.first for span in spans] == [0, *(span.last for span in spans[:-1])]
    assert spans[-1].last == count
    assert np.isclose(sum(cost[span.first, span.last - span.first - 1] for span in spans), least(0))
