from __future__ import annotations

import math

import torch
from hypothesis import given
from hypothesis import strategies as st

from diffasr_plugin.diffusion.entropy_bound import accept, token_entropy

# Whole 1024ths: their sums are exact in float32, so that rounding never decides what the rule says.
ENTROPIES = st.lists(st.integers(0, 3072).map(lambda n: n / 1024), min_size=1, max_size=12)


def test_entropy_of_known_distributions():
    logits = torch.tensor([[0.0, 0.0, 0.0, 0.0], [3.0, 3.0, -torch.inf, -torch.inf], [9.0, -1e9, -1e9, -1e9]])
    assert torch.allclose(token_entropy(logits), torch.tensor([math.log(4), math.log(2), 0.0]), atol=1e-6)


def test_entropy_is_that_of_the_categorical_distribution_to_the_last_bit():
    logits = torch.randn(3, 5, 97, generator=torch.Generator().manual_seed(0)) * 7
    assert torch.equal(token_entropy(logits), torch.distributions.Categorical(logits=logits).entropy())


def test_entropy_leaves_the_logits_alone():
    logits = torch.randn(4, 9)
    before = logits.clone()
    token_entropy(logits)
    assert torch.equal(logits, before)


def test_accepts_while_the_sum_of_those_before_is_within_the_bound():
    entropy = torch.tensor([[0.05, 0.01, 0.5, 0.04], [2.0, 3.0, 4.0, 5.0]])
    # In order 0.01, 0.04, 0.05, 0.5; the sums before each are 0, 0.01, 0.05, 0.10.
    assert accept(entropy, 0.07).tolist() == [[True, True, False, True], [True, False, False, False]]


@given(ENTROPIES, st.floats(0.0, 4.0, width=32))
def test_accepts_what_the_rule_says_one_by_one(entropies, bound):
    entropy = torch.tensor([entropies])
    accepted = accept(entropy, bound)[0]
    chosen = sorted(entropy[0][accepted].tolist())
    refused = sorted(entropy[0][~accepted].tolist())
    assert chosen, "the surest token is always accepted"
    assert not refused or chosen[-1] <= refused[0]
    assert sum(chosen[:-1]) <= bound + 1e-4
    assert not refused or sum(chosen) > bound - 1e-4


def test_unused_positions_are_never_accepted():
    inf = torch.inf
    entropy = torch.tensor([[0.0, inf, inf], [0.01, 0.02, inf]])
    assert accept(entropy, 1e9).tolist() == [[True, False, False], [True, True, False]]


def test_unused_positions_do_not_change_what_is_accepted():
    entropy = torch.rand(6, 20, generator=torch.Generator().manual_seed(1))
    padded = torch.nn.functional.pad(entropy, (0, 7), value=torch.inf)
    assert torch.equal(accept(padded, 0.4)[:, :20], accept(entropy, 0.4))


def test_of_equal_entropies_the_first_are_accepted_whatever_the_padding():
    entropy = torch.full((1, 14), 1.0)
    for padding in (0, 3, 40):
        padded = torch.nn.functional.pad(entropy, (0, padding), value=torch.inf)
        assert accept(padded, 2.5)[0].nonzero().flatten().tolist() == [0, 1, 2]
