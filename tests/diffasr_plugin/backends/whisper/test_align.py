import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from diffasr_plugin.backends.whisper.align import (
    Aligner,
    AlignmentHeads,
    AlignmentRow,
    median_filter,
    sharpen,
    token_starts,
)
from diffasr_plugin.backends.whisper.decoder import Heard, TextDecoder
from diffasr_plugin.backends.whisper.vocabulary import Vocabulary


def plain_path_cost(cost):
    """Dynamic time warping cell by cell, as in the textbook: the cost of the cheapest path."""
    total = np.full((cost.shape[0] + 1, cost.shape[1] + 1), np.inf)
    total[0, 0] = 0
    for i in range(cost.shape[0]):
        for j in range(cost.shape[1]):
            total[i + 1, j + 1] = cost[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    return total[-1, -1]


def cost_of(starts, cost):
    """The cost of the path that enters each row where `starts` says and leaves it as late as it may."""
    ends = [*np.maximum(starts[1:] - 1, starts[:-1]).tolist(), cost.shape[1] - 1]
    # A row may be left in the next one's first frame or in the frame before it: the cheaper is taken.
    total = 0.0
    for row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        total += cost[row, start : end + 1].sum()
        if row + 1 < len(starts) and starts[row + 1] > end:
            total += min(0.0, cost[row, starts[row + 1]])
    return total


matrices = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 7), st.integers(1, 12)),
    elements=st.floats(-4, 4, allow_nan=False, width=32),
)


@given(matrices)
def test_the_path_is_as_cheap_as_the_textbooks(cost):
    starts = token_starts(cost)
    assert starts[0] == 0
    assert (np.diff(starts) >= 0).all()
    assert (starts < cost.shape[1]).all()
    assert cost_of(starts, cost) == pytest.approx(plain_path_cost(cost), abs=1e-9)


def test_a_path_known_by_construction():
    cost = np.ones((4, 20))
    for row, (start, end) in enumerate([(0, 3), (3, 9), (9, 10), (10, 20)]):
        cost[row, start:end] = 0
    assert token_starts(cost).tolist() == [0, 3, 9, 10]


def test_more_tokens_than_frames_share_the_frames():
    assert token_starts(np.zeros((5, 2))).max() <= 1
    assert token_starts(np.zeros((3, 1))).tolist() == [0, 0, 0]


def test_a_long_path_is_found_where_it_was_laid():
    starts = np.sort(np.random.default_rng(0).choice(np.arange(1, 1500), 199, replace=False))
    starts = np.concatenate([[0], starts])
    cost = np.ones((200, 1500))
    for row, (start, end) in enumerate(zip(starts, [*starts[1:], 1500], strict=True)):
        cost[row, start:end] = -1
    assert token_starts(cost).tolist() == starts.tolist()


def test_the_median_filter_takes_out_spikes_and_keeps_edges():
    row = np.zeros((1, 30), np.float32)
    row[0, 5:8] = 9  # three frames: a spike
    row[0, 15:] = 1  # an edge
    expected = np.zeros((1, 30), np.float32)
    expected[0, 15:] = 1
    np.testing.assert_array_equal(median_filter(row), expected)


def test_a_short_row_is_left_alone():
    row = np.arange(3, dtype=np.float32)[None]
    np.testing.assert_array_equal(median_filter(row), row)


def test_what_all_tokens_look_at_counts_for_none():
    attention = torch.full((2, 3, 40), 0.01)
    attention[:, :, 0] = 0.5  # where attention rests that has nothing to do
    attention[:, 1, 10:20] = 0.05
    sharp = sharpen(attention)
    assert sharp.shape == (3, 40)
    assert sharp[1, 10:20].min() > 1
    assert sharp[0, 10:20].max() < 0
    torch.testing.assert_close(sharp[:, 0], torch.zeros(3))


def test_heads_are_those_named_else_all_of_the_upper_layers():
    assert AlignmentHeads.of([[1, 0], [3, 2]], 4, 4) == AlignmentHeads(((1, 0), (3, 2)), True)
    assert AlignmentHeads.of(None, 3, 2) == AlignmentHeads(((1, 0), (1, 1), (2, 0), (2, 1)), False)


def make_vocabulary(**ids):
    return Vocabulary((b"a",) * 9, no_speech=None, tasks={}, languages={}, **ids)


class Looking:
    """A decoder whose tokens look at frames given beforehand: head 0 of layer 1 follows the sound."""

    def __init__(self, places, frames):
        # (batch, heads, frames, head_dim = frames): each frame has a direction of its own
        self.keys = torch.eye(frames)[None, None].repeat(len(places), 2, 1, 1)
        self.places = places

    def listen(self):
        noise = torch.zeros_like(self.keys)
        return Heard([(noise, noise), (self.keys, noise)])

    def start(self, heard):
        return None

    def step(self, ids, state, queries):
        self.ids = ids
        looks = torch.zeros(ids.shape[0], 2, ids.shape[1], self.keys.shape[2])
        for row, places in enumerate(self.places):
            for token, (start, end) in enumerate(places):
                looks[row, 0, token + 1, start:end] = 8.0  # the prompt has one token, after the start
        queries += [torch.zeros_like(looks), looks]


def test_tokens_are_found_where_their_heads_look():
    vocabulary = make_vocabulary(start=10, end=11, no_timestamps=12)
    # The last place of each row is that of the end.
    decoder = Looking([[(0, 9), (9, 20), (20, 31), (31, 40)], [(0, 12), (12, 30)]], 40)
    aligner = Aligner(decoder, vocabulary, AlignmentHeads(((1, 0),), True))
    rows = [AlignmentRow([12], [0, 1, 0], 40), AlignmentRow([12], [1], 30)]
    first, second = aligner.align(decoder.listen(), rows)
    assert decoder.ids.tolist() == [[10, 12, 0, 1, 0], [10, 12, 1, 11, 11]]
    assert first.starts.tolist() == pytest.approx([0, 9, 20, 31], abs=2)
    assert second.starts.tolist() == pytest.approx([0, 12], abs=2)
    for times, places in ((first, decoder.places[0]), (second, decoder.places[1])):
        for peak, focus, (start, end) in zip(times.peaks, times.focus, places, strict=False):
            assert start <= peak < end
            assert focus > 0.95


def test_alignment_of_real_weights_does_not_depend_on_the_batch(tiny):
    decoder = TextDecoder(tiny, torch.float32)
    vocabulary = make_vocabulary(start=60, end=61, no_timestamps=62)
    aligner = Aligner(decoder, vocabulary, AlignmentHeads.of(None, 2, 2))
    rows = [AlignmentRow([62], list(range(9)), 200), AlignmentRow([62], [3, 4], 90)]
    with torch.inference_mode():
        states = torch.randn(2, 250, 16, generator=torch.Generator().manual_seed(1))
        both = aligner.align(decoder.listen(states), rows)
        alone = [aligner.align(decoder.listen(states[i : i + 1]), rows[i : i + 1])[0] for i in range(2)]
    for together, single in zip(both, alone, strict=True):
        np.testing.assert_array_equal(together.starts, single.starts)
        np.testing.assert_array_equal(together.peaks, single.peaks)
        np.testing.assert_allclose(together.focus, single.focus, atol=1e-5)
