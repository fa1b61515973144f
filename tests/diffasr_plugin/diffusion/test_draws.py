from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from diffasr_plugin.diffusion.draws import LibraryDraws, RowDraws

VOCAB = 31


def generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def random_probs(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, VOCAB, generator=generator(seed)).softmax(dim=-1)


def test_library_draws_are_multinomial_then_randint():
    draws, same = LibraryDraws(generator(5), 3, 4, VOCAB), generator(5)
    assert torch.equal(draws.canvas(), torch.randint(VOCAB, (3, 4), generator=same))
    probs = random_probs(3, 4)
    for _ in range(2):
        numbers = draws.step([0, 1, 2])
        expected = torch.multinomial(probs.view(-1, VOCAB), 1, generator=same).view(3, 4)
        chosen = torch.stack([numbers.choose(row, probs[row]) for row in range(3)])
        assert torch.equal(chosen, expected)
        assert torch.equal(numbers.noise, torch.randint(VOCAB, (3, 4), generator=same))


def test_library_draws_go_on_for_rows_that_have_left():
    all_rows, some = LibraryDraws(generator(5), 3, 4, VOCAB), LibraryDraws(generator(5), 3, 4, VOCAB)
    probs = random_probs(4)
    for _ in range(3):
        whole, part = all_rows.step([0, 1, 2]), some.step([2])
        assert torch.equal(part.noise, whole.noise[[2]])
        assert torch.equal(part.choose(0, probs), whole.choose(2, probs))


@given(st.lists(st.integers(1, 9), min_size=2, max_size=4), st.integers(0, 2**40))
def test_a_rows_numbers_depend_on_nothing_but_its_seed_and_length(lengths, seed):
    batch = RowDraws(range(seed, seed + len(lengths)), lengths, VOCAB)
    last = len(lengths) - 1
    alone = RowDraws([seed + last], lengths[-1:], VOCAB)
    used = lengths[-1]
    assert torch.equal(batch.canvas()[last, :used], alone.canvas()[0])
    rows = list(range(len(lengths)))
    while rows:
        together, single = batch.step(rows), alone.step([0])
        probs = random_probs(used)
        assert torch.equal(together.noise[-1, :used], single.noise[0])
        assert torch.equal(together.choose(len(rows) - 1, probs), single.choose(0, probs))
        rows = rows[1:]  # the others leave one by one


def test_two_seeds_two_canvases():
    first, second = RowDraws([1, 2], [40, 40], VOCAB).canvas()
    assert not torch.equal(first, second)
    assert torch.equal(RowDraws([1], [40], VOCAB).canvas()[0], first)


def test_noise_covers_the_vocabulary_and_stays_inside_the_row():
    noise = RowDraws([3, 4], [2000, 10], VOCAB).step([0, 1]).noise
    assert sorted(set(noise[0].tolist())) == list(range(VOCAB))
    assert not noise[1, 10:].any()


def test_tokens_are_drawn_as_often_as_they_are_likely():
    probs = torch.tensor([0.0, 0.5, 0.0, 0.3, 0.2, 0.0])
    n = 20_000
    chosen = RowDraws([0], [n], 6).step([0]).choose(0, probs.expand(n, -1))
    share = chosen.bincount(minlength=6) / n
    # Four standard deviations of a share are at most 4 * sqrt(0.25 / n) = 0.014.
    assert torch.allclose(share, probs, atol=0.015)
    assert share[[0, 2, 5]].sum() == 0, "a token of probability 0 is never drawn"


@pytest.mark.parametrize("likely", [0, 17, VOCAB - 1])
def test_a_certain_token_is_always_drawn(likely):
    probs = torch.zeros(500, VOCAB)
    probs[:, likely] = 1.0
    assert (RowDraws([9], [500], VOCAB).step([0]).choose(0, probs) == likely).all()


def test_no_rows_no_numbers():
    assert RowDraws([], [], VOCAB).canvas().shape == (0, 0)
