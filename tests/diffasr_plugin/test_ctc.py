from __future__ import annotations

from itertools import groupby

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffasr_plugin.ctc import (
    CtcHead,
    FrameClock,
    FrameReading,
    GreedyPath,
    canvas_from_ctc,
    canvas_lengths,
    ctc_log_probs,
    greedy_path,
    read_frames,
)

BLANK, VOCAB, WIDTH = 3, 41, 8


def features_and_weight() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 5, WIDTH, generator=generator), torch.randn(VOCAB, WIDTH, generator=generator)


def full_log_probs(softcap: float | None = None) -> torch.Tensor:
    features, weight = features_and_weight()
    logits = features @ weight.T
    logits = logits if softcap is None else softcap * torch.tanh(logits / softcap)
    return logits.log_softmax(dim=-1)


def reading_of(best: list[list[int]]) -> FrameReading:
    ids = torch.tensor(best)
    nothing = torch.zeros(ids.shape)
    return FrameReading(ids, nothing, nothing, nothing)


@pytest.mark.parametrize("most_logits", [1, VOCAB * 3, 1 << 20])
@pytest.mark.parametrize("softcap", [None, 2.0])
def test_reads_what_the_whole_softmax_says_however_few_frames_at_once(most_logits, softcap):
    features, weight = features_and_weight()
    reading = read_frames(features, CtcHead(weight, BLANK, softcap, most_logits))
    expected = full_log_probs(softcap)
    assert torch.equal(reading.best, expected.argmax(dim=-1))
    assert torch.allclose(reading.best_log_prob, expected.amax(dim=-1), atol=1e-5)
    assert torch.allclose(reading.blank_log_prob, expected[:, :, BLANK], atol=1e-5)


@pytest.mark.parametrize("softcap", [None, 2.0])
def test_some_columns_of_the_whole_softmax(softcap):
    features, weight = features_and_weight()
    head = CtcHead(weight, BLANK, softcap)
    ids = torch.tensor([[7, 0, 7], [40, 3, 1]])
    got = ctc_log_probs(features, head, ids, read_frames(features, head).log_norm)
    whole = full_log_probs(softcap)
    assert got.shape == (2, 5, 4)
    assert torch.allclose(got[:, :, 0], whole[:, :, BLANK], atol=1e-5)
    for row in range(2):
        assert torch.allclose(got[row, :, 1:], whole[row][:, ids[row]], atol=1e-5)


def test_half_precision_weights_give_float32_log_probabilities():
    features, weight = features_and_weight()
    head = CtcHead(weight.bfloat16(), BLANK)
    reading = read_frames(features, head)
    assert reading.log_norm.dtype == torch.float32
    log_probs = ctc_log_probs(features, head, torch.tensor([[1], [2]]), reading.log_norm)
    assert log_probs.dtype == torch.float32
    assert torch.allclose(log_probs[:, :, 0], full_log_probs()[:, :, BLANK], atol=0.1)


def test_greedy_path_joins_repeats_and_leaves_blanks_out():
    reading = reading_of([[5, 5, 3, 5, 6, 6, 3], [3, 3, 3, 3, 3, 3, 3], [1, 2, 3, 3, 4, 4, 9]])
    path = greedy_path(reading, torch.tensor([7, 7, 5]), BLANK)
    assert path.counts.tolist() == [3, 0, 3]
    assert path.ids[0].tolist() == [5, 5, 6, 3, 3, 3, 3]
    assert path.ids[2, :3].tolist() == [1, 2, 4]


@given(
    st.lists(st.lists(st.integers(0, 4), min_size=9, max_size=9), min_size=1, max_size=4), st.integers(1, 9)
)
def test_greedy_path_is_the_rule_of_ctc(best, length):
    path = greedy_path(reading_of(best), torch.tensor([length] * len(best)), BLANK)
    for row, frames in enumerate(best):
        said = [token for token, _ in groupby(frames[:length]) if token != BLANK]
        assert path.ids[row, : path.counts[row]].tolist() == said
        assert (path.ids[row, path.counts[row] :] == BLANK).all()


def test_canvas_lengths_have_room_and_are_few():
    lengths = canvas_lengths(torch.tensor([0, 1, 6, 40, 100, 188]), 192)
    assert lengths.tolist() == [16, 16, 16, 64, 144, 192]


@given(st.integers(0, 188), st.integers(8, 256))
def test_canvas_lengths_stay_within_the_longest(count, longest):
    (length,) = canvas_lengths(torch.tensor([count]), longest).tolist()
    assert length == longest or (length % 16 == 0 and length > count)
    assert length <= longest


def test_canvas_from_ctc_is_the_draft_the_end_and_the_fill():
    path = GreedyPath(torch.tensor([[7, 8, 3, 3], [3, 3, 3, 3], [4, 5, 6, 7]]), torch.tensor([2, 0, 4]))
    noise = torch.arange(18).view(3, 6) + 100
    assert canvas_from_ctc(path, noise, eos=1, fill=0).tolist() == [
        [7, 8, 1, 0, 0, 0],
        [1, 0, 0, 0, 0, 0],
        [4, 5, 6, 7, 1, 0],
    ]
    assert canvas_from_ctc(path, noise, eos=1).tolist()[0] == [7, 8, 1, 103, 104, 105]


def test_canvas_from_ctc_keeps_what_there_is_room_for():
    path = GreedyPath(torch.tensor([[4, 5, 6, 7]]), torch.tensor([4]))
    assert canvas_from_ctc(path, torch.zeros(1, 3, dtype=torch.int64), eos=1).tolist() == [[4, 5, 6]]


def test_the_clock_of_the_published_projector():
    clock = FrameClock()
    assert clock.count(30.0) == 188
    assert clock.count(0.0) == clock.count(0.05) == 1
    assert clock.count(1.0) == 7  # middles at 0, 0.16, … 0.96 s
    assert clock.time_s(0, 30.0) == 0.0
    assert clock.time_s(1, 30.0) == pytest.approx(0.08)
    assert clock.time_s(188, 29.9) == 29.9


@given(st.floats(0.01, 30.0))
def test_every_frame_of_the_clock_begins_inside_the_audio(duration_s):
    clock = FrameClock()
    last = clock.count(duration_s) - 1
    assert 0.0 <= clock.time_s(last, duration_s) <= duration_s
    assert last == 0 or last * clock.frame_s < duration_s + 1e-9
