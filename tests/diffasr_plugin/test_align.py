from __future__ import annotations

from itertools import groupby, product

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffasr_plugin.align import Alignment, forced_align


def log_probs_of(ids: list[int], frames: list[int | None], sure: float = 0.9) -> torch.Tensor:
    """(1, t, 1 + l): frame f says token number frames[f] (None: the blank) with probability `sure`."""
    columns = len(ids) + 1
    probs = torch.full((1, len(frames), columns), (1 - sure) / columns)
    for frame, token in enumerate(frames):
        same = [0] if token is None else [1 + i for i, other in enumerate(ids) if other == ids[token]]
        probs[0, frame, same] = sure
    return probs.log()


def align(log_probs: torch.Tensor, ids: list[int]) -> Alignment:
    tokens = torch.tensor([ids], dtype=torch.int64).view(1, len(ids))
    return forced_align(log_probs, tokens, torch.tensor([len(ids)]), torch.tensor([log_probs.shape[1]]))


def spans(alignment: Alignment, row: int, count: int) -> list[tuple[int, int]]:
    starts, ends = alignment.starts[row, :count].tolist(), alignment.ends[row, :count].tolist()
    return list(zip(starts, ends, strict=True))


def test_finds_where_each_token_was_put():
    alignment = align(log_probs_of([7, 8, 9], [None, 0, 0, None, None, 1, 2, 2, 2, None]), [7, 8, 9])
    assert spans(alignment, 0, 3) == [(1, 3), (5, 6), (6, 9)]
    assert alignment.forced.tolist() == [True]
    assert torch.allclose(alignment.log_probs, torch.tensor([0.9, 0.9, 0.9]).log())


def test_equal_neighbours_have_a_blank_between_them():
    """Four frames say the token without a break; one has to be given up."""
    alignment = align(log_probs_of([7, 7], [0, 0, 0, 0]), [7, 7])
    (first_start, first_end), (second_start, second_end) = spans(alignment, 0, 2)
    assert first_start == 0
    assert first_end < second_start
    assert second_end == 4


def test_unequal_neighbours_need_none():
    assert spans(align(log_probs_of([7, 8], [0, 1]), [7, 8]), 0, 2) == [(0, 1), (1, 2)]


def test_score_is_that_of_the_clearest_frame():
    log_probs = log_probs_of([7], [None, 0, 0, None])
    log_probs[0, 2, 1] = -0.01
    assert align(log_probs, [7]).log_probs[0, 0] == torch.tensor(-0.01)


def test_more_tokens_than_frames_are_spread_evenly():
    alignment = align(log_probs_of([1, 2, 3, 4, 5, 6], [None, None, None, None]), [1, 2, 3, 4, 5, 6])
    assert alignment.forced.tolist() == [False]
    assert spans(alignment, 0, 6) == [(0, 1), (0, 1), (1, 2), (2, 3), (2, 3), (3, 4)]


def test_as_many_frames_as_equal_tokens_are_too_few():
    """Three equal tokens need five frames, with two blanks between them."""
    assert align(log_probs_of([5, 5, 5], [0, 0, 0, 0]), [5, 5, 5]).forced.tolist() == [False]
    assert align(log_probs_of([5, 5, 5], [0, 0, 0, 0, 0]), [5, 5, 5]).forced.tolist() == [True]


def test_frames_after_the_speech_are_not_used():
    ids = [7, 8]
    log_probs = log_probs_of(ids, [None, 0, None, None, 1, 1])
    alignment = forced_align(log_probs, torch.tensor([ids]), torch.tensor([2]), torch.tensor([4]))
    assert alignment.ends.max() <= 4
    assert alignment.starts[0, 0] == 1


def test_no_tokens():
    alignment = align(torch.zeros(1, 5, 1), [])
    assert alignment.starts.shape == (1, 0)
    assert alignment.forced.tolist() == [True]


def test_one_frame_one_token():
    assert spans(align(log_probs_of([7], [0]), [7]), 0, 1) == [(0, 1)]


def best_score_by_trying_all(log_probs: torch.Tensor, ids: list[int]) -> float | None:
    """Score of the best of all label sequences that collapse to `ids`; None if there is none.

    Labels here are the blank (-1) and token values; equal tokens have equal columns.
    """
    column = {token: 1 + number for number, token in enumerate(ids)}
    best = None
    for labels in product([-1, *column], repeat=len(log_probs)):
        if [label for label, _ in groupby(labels) if label != -1] != ids:
            continue
        score = sum(log_probs[t, 0 if x == -1 else column[x]].item() for t, x in enumerate(labels))
        best = score if best is None else max(best, score)
    return best


def score_of_spans(log_probs: torch.Tensor, alignment: Alignment, row: int, count: int) -> float:
    said = dict.fromkeys(range(len(log_probs)), 0)
    for number, (start, end) in enumerate(spans(alignment, row, count)):
        said.update(dict.fromkeys(range(start, end), 1 + number))
    return sum(log_probs[t, column].item() for t, column in said.items())


@st.composite
def batches(draw):
    """Rows of up to 3 tokens and 5 frames, with random posteriors; equal tokens have equal columns."""
    rows = draw(
        st.lists(
            st.tuples(st.lists(st.integers(0, 2), max_size=3), st.integers(1, 5)), min_size=1, max_size=3
        )
    )
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**30)))
    log_probs = torch.full((len(rows), 5, 4), -20.0)
    ids = torch.zeros(len(rows), 3, dtype=torch.int64)
    for row, (tokens, _) in enumerate(rows):
        vocabulary = torch.randn(5, 4, generator=generator).mul(2).log_softmax(dim=-1)
        log_probs[row, :, 0] = vocabulary[:, 3]
        for place, token in enumerate(tokens):
            ids[row, place] = token
            log_probs[row, :, 1 + place] = vocabulary[:, token]
    return log_probs, ids, rows


@settings(max_examples=60, deadline=None)
@given(batches())
def test_no_other_path_is_better(batch):
    log_probs, ids, rows = batch
    lengths = torch.tensor([len(tokens) for tokens, _ in rows])
    alignment = forced_align(log_probs, ids, lengths, torch.tensor([frames for _, frames in rows]))
    for row, (tokens, frames) in enumerate(rows):
        best = best_score_by_trying_all(log_probs[row, :frames], tokens)
        assert bool(alignment.forced[row]) == (best is not None)
        if best is not None:
            score = score_of_spans(log_probs[row, :frames], alignment, row, len(tokens))
            assert abs(score - best) < 1e-4


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 30), st.integers(1, 20), st.integers(0, 2**30))
def test_every_token_has_its_place_in_order_and_inside(tokens, frames, seed):
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, 3, (1, 30), generator=generator)
    log_probs = torch.randn(1, 20, 31, generator=generator).log_softmax(dim=-1)
    alignment = forced_align(log_probs, ids, torch.tensor([tokens]), torch.tensor([frames]))
    placed = spans(alignment, 0, tokens)
    assert all(0 <= start < end <= frames for start, end in placed)
    assert placed == sorted(placed)
    equal = (ids[0, 1:tokens] == ids[0, : max(tokens - 1, 0)]).tolist()
    assert bool(alignment.forced) == (tokens + sum(equal) <= frames)
    if alignment.forced:
        for number, same in enumerate(equal):
            assert placed[number][1] + same <= placed[number + 1][0]
    assert not alignment.ends[0, tokens:].any()
    assert alignment.log_probs[0, :tokens].isfinite().all()


def test_a_row_is_aligned_alone_as_in_a_batch():
    generator = torch.Generator().manual_seed(3)
    ids = torch.randint(0, 9, (3, 12), generator=generator)
    log_probs = torch.randn(3, 40, 13, generator=generator).log_softmax(dim=-1)
    lengths, frames = torch.tensor([12, 0, 5]), torch.tensor([40, 20, 3])
    together = forced_align(log_probs, ids, lengths, frames)
    assert together.forced.tolist() == [True, True, False]
    for row in range(3):
        used, heard = int(lengths[row]), int(frames[row])
        alone = forced_align(
            log_probs[row : row + 1, :heard, : used + 1],
            ids[row : row + 1, :used],
            lengths[[row]],
            frames[[row]],
        )
        assert spans(alone, 0, used) == spans(together, row, used)
        assert torch.equal(alone.log_probs[0], together.log_probs[row, :used])
