"""Losses and spoilt canvases whose answers are known by construction."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from diffasr_plugin.ctc import CtcHead
from diffasr_plugin.diffusion.objective import (
    EditRates,
    RollIn,
    autoregressive_loss,
    corrupt,
    ctc_loss,
    denoising_loss,
    distillation_loss,
    edit,
    restricted_ctc_loss,
    roll_in,
)


def dice(seed=0):
    return torch.Generator().manual_seed(seed)


def test_a_share_of_each_rows_tokens_is_drawn_anew():
    clean = torch.full((3, 4000), 7)
    canvas, drawn = corrupt(clean, torch.tensor([0.0, 0.3, 1.0]), vocab=10, generator=dice())
    assert torch.equal(canvas[0], clean[0])
    assert drawn.float().mean(dim=1).tolist() == pytest.approx([0.0, 0.3, 1.0], abs=0.03)
    # A tenth of those drawn anew are what they were.
    assert (canvas == 7).float().mean(dim=1).tolist() == pytest.approx([1.0, 0.73, 0.1], abs=0.03)
    assert torch.equal(canvas.where(~drawn, clean), clean)


def edited(rates, lengths=(5, 0, 8), width=8, seed=0):
    clean = torch.full((len(lengths), width), 99)
    for row, length in enumerate(lengths):
        clean[row, :length] = torch.arange(10, 10 + length)
    return clean, edit(clean, torch.tensor(lengths), rates, 99, 100, dice(seed))


def test_without_edits_a_draft_is_the_text():
    clean, draft = edited(EditRates(0.0, 0.0, 0.0))
    assert torch.equal(draft, clean)


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_deleting_keeps_the_order_and_fills_the_end(seed):
    _, draft = edited(EditRates(1.0, 0.0, 0.0), seed=seed)
    for row in draft.tolist():
        kept = [token for token in row if token != 99]
        assert kept == sorted(set(kept))
        assert row == kept + [99] * (8 - len(kept))


@given(st.integers(0, 10_000))
@settings(max_examples=40)
def test_inserting_keeps_every_token_that_there_is_room_for(seed):
    clean, draft = edited(EditRates(0.0, 1.0, 0.0), lengths=(4,), width=16, seed=seed)
    row = draft[0].tolist()
    text = iter(row)
    assert all(token in text for token in clean[0, :4].tolist())  # in their order


def test_replacing_moves_nothing():
    clean, draft = edited(EditRates(0.0, 0.0, 1.0), lengths=(400,), width=500)
    assert torch.equal(draft[0, 400:], clean[0, 400:])
    assert 0 < (draft != clean).sum() <= 400


def test_rates_of_edits_are_checked():
    with pytest.raises(ValueError, match=r"rates of edits are \(0.5, 0.4, 0.3\)"):
        EditRates(0.5, 0.4, 0.3)


class Steps:
    """A denoiser that is sure of `target`, and remembers what it was asked."""

    def __init__(self, target, vocab):
        self.logits = 50.0 * F.one_hot(target, vocab).float()
        self.asked = []

    def __call__(self, canvas, before):
        self.asked.append((canvas, before))
        return self.logits.clone()


def test_going_ahead_no_steps_changes_nothing():
    canvas, steps = torch.tensor([[1, 2]]), Steps(torch.tensor([[3, 4]]), 5)
    used = torch.ones_like(canvas, dtype=torch.bool)
    assert roll_in(steps, canvas, used, 5, RollIn(0), dice()) == (canvas, None)
    assert steps.asked == []


def test_going_ahead_takes_what_the_model_is_sure_of():
    target, canvas = torch.tensor([[3, 4, 0]]), torch.tensor([[1, 2, 2]])
    steps, used = Steps(target, 5), torch.tensor([[True, True, True]])
    ahead, before = roll_in(steps, canvas, used, 5, RollIn(2), dice())
    assert torch.equal(ahead, target)
    assert torch.equal(before.argmax(-1), target)
    assert [known is None for _, known in steps.asked] == [True, False]
    # Tempered: divided by something between 0.4 and 0.8.
    assert 50 / 0.8 <= float(before.max()) <= 50 / 0.4


def test_going_ahead_untold_hands_on_the_canvas_alone():
    target, canvas = torch.tensor([[3, 4, 0]]), torch.tensor([[1, 2, 2]])
    steps, used = Steps(target, 5), torch.ones_like(canvas, dtype=torch.bool)
    ahead, before = roll_in(steps, canvas, used, 5, RollIn(2, told=False), dice())
    assert torch.equal(ahead, target)
    assert before is None
    assert [known for _, known in steps.asked] == [None, None]


def test_going_ahead_in_two_passes_keeps_the_canvas():
    canvas, steps = torch.tensor([[1, 2]]), Steps(torch.tensor([[3, 4]]), 5)
    used = torch.ones_like(canvas, dtype=torch.bool)
    ahead, before = roll_in(steps, canvas, used, 5, RollIn(1, resample=False), dice())
    assert torch.equal(ahead, canvas)
    assert before.argmax(-1).tolist() == [[3, 4]]


def test_places_outside_a_row_are_never_accepted():
    target, canvas = torch.zeros(1, 400, dtype=torch.int64), torch.ones(1, 400, dtype=torch.int64)
    used = torch.arange(400)[None] < 200
    ahead, _ = roll_in(Steps(target, 50), canvas, used, 50, RollIn(1), dice())
    assert (ahead[0, :200] == 0).all()
    assert (ahead[0, 200:] != 0).float().mean() > 0.9


def test_denoising_counts_places_by_their_weights():
    logits = torch.zeros(1, 3, 4)
    logits[0, 1, 2] = math.log(3)  # 2 has half of the probability there
    clean = torch.tensor([[0, 2, 1]])
    even, half = math.log(4), math.log(2)
    assert denoising_loss(logits, clean).item() == pytest.approx((2 * even + half) / 3)
    weighed = denoising_loss(logits, clean, torch.tensor([[1.0, 3.0, 0.0]]))
    assert weighed.item() == pytest.approx((even + 3 * half) / 4)


def test_autoregression_counts_what_follows():
    logits = torch.randn(2, 3, 5, generator=dice())
    following, counted = torch.tensor([[1, 2, 0], [4, 0, 0]]), torch.tensor([[1, 1, 0], [1, 0, 0]]).bool()
    wanted = -logits.log_softmax(-1)[counted].gather(1, following[counted][:, None]).mean()
    assert autoregressive_loss(logits, following, counted).item() == pytest.approx(wanted.item())


def test_distillation_is_nothing_from_oneself_and_gives_the_teacher_no_gradient():
    ours = torch.randn(2, 3, 5, generator=dice(), requires_grad=True)
    teacher = torch.randn(2, 3, 5, generator=dice(1), requires_grad=True)
    counted = torch.tensor([[1, 0, 1], [0, 0, 1]]).bool()
    assert distillation_loss(ours, ours.detach(), counted).item() == pytest.approx(0.0, abs=1e-6)
    loss = distillation_loss(ours, teacher, counted)
    loss.backward()
    p, q = teacher.detach()[counted].softmax(-1), ours.detach()[counted].softmax(-1)
    assert loss.item() == pytest.approx((p * (p / q).log()).sum(-1).mean().item(), rel=1e-4)
    assert teacher.grad is None
    assert ours.grad[~counted].abs().max() == 0


def test_distillation_of_nothing_is_nothing():
    logits = torch.randn(1, 2, 3, generator=dice())
    assert distillation_loss(logits, logits, torch.zeros(1, 2, dtype=torch.bool)).item() == 0.0


def test_ctc_of_one_token_sums_its_paths():
    probs = torch.tensor([[[0.5, 0.5], [0.25, 0.75]]])  # two frames; blank, token
    loss = ctc_loss(probs.log(), torch.tensor([[1]]), torch.tensor([2]), torch.tensor([1]))
    # token token, token blank, blank token
    assert loss.item() == pytest.approx(-math.log(0.5 * 0.75 + 0.5 * 0.25 + 0.5 * 0.75))


def test_rows_too_short_for_their_text_count_nothing():
    log_probs = torch.full((1, 2, 3), 1 / 3).log()
    loss = ctc_loss(log_probs, torch.tensor([[1, 1]]), torch.tensor([2]), torch.tensor([2]))
    assert loss.item() == 0.0


@pytest.mark.parametrize("softcap", [None, 3.0])
@pytest.mark.parametrize("most_logits", [1 << 26, 40])
def test_ctc_over_few_columns_is_ctc_over_all(softcap, most_logits):
    """With its gradient, repeated tokens and padded rows included."""
    weight = torch.randn(13, 6, generator=dice())
    features = torch.randn(2, 9, 6, generator=dice(1), requires_grad=True)
    targets = torch.tensor([[4, 4, 7, 4], [12, 3, 0, 0]])
    frames, lengths = torch.tensor([9, 7]), torch.tensor([4, 2])
    head = CtcHead(weight, blank=1, softcap=softcap, most_logits=most_logits)
    ours = restricted_ctc_loss(features, head, targets, frames, lengths)
    (gradient,) = torch.autograd.grad(ours, features)
    log_probs = head.cap(features @ weight.T).log_softmax(-1).transpose(0, 1)
    whole = F.ctc_loss(log_probs, targets, frames, lengths, blank=1, reduction="none")
    (wanted,) = torch.autograd.grad(whole.sum() / lengths.sum(), features)
    assert ours.item() == pytest.approx((whole.sum() / lengths.sum()).item(), rel=1e-5)
    assert torch.allclose(gradient, wanted, atol=1e-5)
