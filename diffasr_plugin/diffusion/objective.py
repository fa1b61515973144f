"""Right tokens -> what a denoiser learns from: spoilt canvases, drafts, its own earlier answers; and losses.

The forward process of uniform diffusion, where every token may become any other, and the losses of
training, all as means over tokens in nats. Knows no model, no audio and no optimiser.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from diffasr_plugin.ctc import CtcHead

from .entropy_bound import accept, token_entropy

__all__ = [
    "EditRates",
    "RollIn",
    "autoregressive_loss",
    "corrupt",
    "ctc_loss",
    "denoising_loss",
    "distillation_loss",
    "edit",
    "restricted_ctc_loss",
    "roll_in",
    "token_losses",
]

Denoise = Callable[[Tensor, Tensor | None], Tensor]
"""`logits = denoise(canvas, self_conditioning)`, shapes as in the sampler."""


def corrupt(clean: Tensor, share: Tensor, vocab: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Replace a share of each row's tokens by uniform random ones.

    Args:
        clean: int64 (b, n), x₀.
        share: float (b,), γ: the chance of each token to be replaced; it may be replaced by itself.
        vocab: random tokens are below this.
        generator: on the tokens' device.

    Returns:
        The canvas x_t (b, n), and which tokens were drawn anew, bool (b, n).
    """
    drawn = torch.rand(clean.shape, generator=generator, device=clean.device) < share[:, None]
    noise = torch.randint(vocab, clean.shape, generator=generator, device=clean.device)
    return torch.where(drawn, noise, clean), drawn


@dataclass(frozen=True)
class EditRates:
    """How drafts go wrong: chances a token, each drawn anew for every row between 0 and this."""

    delete: float = 0.15
    insert: float = 0.15
    replace: float = 0.15

    def __post_init__(self) -> None:
        rates = (self.delete, self.insert, self.replace)
        if not all(0 <= rate <= 1 for rate in rates) or sum(rates) > 1:
            raise ValueError(
                f"rates of edits are {rates}: each is 0 or more, and together they are 1 at most"
            )


def edit(
    clean: Tensor, lengths: Tensor, rates: EditRates, fill: int, vocab: int, generator: torch.Generator
) -> Tensor:
    """Drafts of texts: tokens left out, doubled or replaced, so that all that follow have moved.

    Uniform noise alone never moves a token. Drafts do, and so does a denoiser that doubles a word.

    Args:
        clean: int64 (b, n), each row's text, then `fill`.
        lengths: int64 (b,), tokens of each text.
        rates: of the edits.
        fill: token after a text.
        vocab: random tokens are below this.
        generator: on the tokens' device.
    """
    b, n = clean.shape
    device = clean.device
    dice = torch.rand((b, n), generator=generator, device=device)
    limits = torch.rand((3, b, 1), generator=generator, device=device)
    delete = limits[0] * rates.delete
    insert = delete + limits[1] * rates.insert
    replace = insert + limits[2] * rates.replace
    text = torch.arange(n, device=device) < lengths[:, None]
    noise = torch.randint(vocab, (b, n), generator=generator, device=device)
    deleted, inserted = dice < delete, (dice >= delete) & (dice < insert)
    tokens = torch.where((dice >= insert) & (dice < replace), noise, clean)
    # Half of the inserted tokens double the one after them: the denoiser's own commonest mistake.
    doubles = torch.rand((b, n), generator=generator, device=device) < 0.5
    extra = torch.where(doubles, clean, noise)
    written = (~deleted).long() + inserted.long()
    ends = (written * text).cumsum(dim=1)  # (b, n), place after each token's last
    draft = torch.full((b, n + 1), fill, dtype=clean.dtype, device=device)  # the last column is thrown away
    places = torch.where(text & ~deleted, ends - 1, n).clamp(max=n)
    draft.scatter_(1, torch.where(text & inserted, ends - 2, n).clamp(max=n), extra)
    draft.scatter_(1, places, tokens)
    return draft[:, :n]


@dataclass(frozen=True)
class RollIn:
    """How a denoiser's own earlier steps are taken along in training: as the sampler takes them.

    Attributes:
        rounds: steps before the one that is learnt from.
        t_min, t_max: temperature, drawn anew for each round.
        entropy_bound: see `SamplerConfig`.
        resample: whether the canvas is renoised as in the sampler; else it stays, and only the answer is
            handed on (self-conditioning in two passes).
        told: whether a step knows the answer of the step before, and not only what became of the canvas.
    """

    rounds: int
    t_min: float = 0.4
    t_max: float = 0.8
    entropy_bound: float = 0.1
    resample: bool = True
    told: bool = True


@torch.no_grad()
def roll_in(
    denoise: Denoise,
    canvas: Tensor,
    used: Tensor,
    vocab: int,
    how: RollIn,
    generator: torch.Generator,
    among: Tensor | None = None,
) -> tuple[Tensor, Tensor | None]:
    """A canvas, and tempered logits if they are told, after some of the denoiser's own steps.

    Args:
        denoise: the model as it is now.
        canvas: int64 (b, n).
        used: bool (b, n), which places of the canvas are part of a row.
        vocab: random tokens are below this.
        how: rounds and temperature; 0 rounds give the canvas itself, and None.
        generator: on the canvas' device.
        among: int64 (m,), the tokens that the logits (b, n, m) are of; None: all.
    """
    logits: Tensor | None = None
    for _ in range(how.rounds):
        share = torch.rand((), generator=generator, device=canvas.device)
        logits = denoise(canvas, logits if how.told else None).float() / (
            how.t_min + (how.t_max - how.t_min) * share
        )
        if how.resample:
            noise = torch.randint(vocab, canvas.shape, generator=generator, device=canvas.device)
            entropy = token_entropy(logits).where(used, torch.inf)
            accepted = accept(entropy, how.entropy_bound)
            drawn = _draw(logits, generator)
            canvas = torch.where(accepted, drawn if among is None else among[drawn], noise)
    return canvas, logits if how.told else None


def _draw(logits: Tensor, generator: torch.Generator) -> Tensor:
    """One token for each position (b, n), in proportion to its probability."""
    races = torch.empty_like(logits).exponential_(generator=generator).log_().neg_()  # Gumbel noise
    return (logits + races).argmax(dim=-1)


def token_losses(logits: Tensor, targets: Tensor) -> Tensor:
    """-log p of each target: (…) float32, from logits (…, vocab) and ids (…)."""
    losses = F.cross_entropy(logits.float().flatten(0, -2), targets.flatten(), reduction="none")
    return losses.view_as(targets)


def denoising_loss(logits: Tensor, clean: Tensor, weights: Tensor | None = None) -> Tensor:
    """Cross-entropy of x₀ at all positions, changed or not.

    Args:
        logits: (b, n, vocab).
        clean: int64 (b, n).
        weights: (b, n), how much each position counts; None: all the same.
    """
    if weights is None:
        return token_losses(logits, clean).mean()
    counted = weights > 0
    losses = token_losses(_rows(logits, counted), clean[counted])
    return _mean(losses, weights[counted])


def autoregressive_loss(logits: Tensor, following: Tensor, counted: Tensor) -> Tensor:
    """Cross-entropy of the next token.

    Args:
        logits: (b, n, vocab), after each token.
        following: int64 (b, n), the token that comes next.
        counted: bool (b, n), where there is one.
    """
    return _mean(token_losses(logits, following), counted.float())


def distillation_loss(logits: Tensor, teacher: Tensor, counted: Tensor) -> Tensor:
    """Kullback-Leibler divergence from the teacher's probabilities, a counted position.

    Args:
        logits, teacher: (b, n, vocab); the teacher's give no gradient.
        counted: bool (b, n).
    """
    ours = _rows(logits, counted).float().log_softmax(dim=-1)
    theirs = _rows(teacher.detach(), counted).float().log_softmax(dim=-1)
    return F.kl_div(ours, theirs, log_target=True, reduction="sum") / max(len(ours), 1)


def ctc_loss(log_probs: Tensor, targets: Tensor, frames: Tensor, lengths: Tensor) -> Tensor:
    """-log p of the targets over all CTC paths, a target token.

    Args:
        log_probs: float32 (b, t, classes), class 0 is the blank.
        targets: int64 (b, l), classes from 1 on.
        frames, lengths: int64 (b,), of each row. A row with too few frames for its targets counts nothing.
    """
    losses = F.ctc_loss(
        log_probs.transpose(0, 1), targets, frames, lengths, reduction="none", zero_infinity=True
    )
    return losses.sum() / lengths.sum().clamp(min=1)


def restricted_ctc_loss(
    features: Tensor, head: CtcHead, targets: Tensor, frames: Tensor, lengths: Tensor
) -> Tensor:
    """CTC over a vocabulary too large to hold: only the blank's and the row's own tokens' columns are kept.

    The sum over the whole vocabulary, which makes log-probabilities of them, is computed a few frames at a
    time, and once more for the gradient.

    Args:
        features: (b, t, d), audio tokens.
        head: how they are read; frozen.
        targets: int64 (b, l) token ids.
        frames, lengths: int64 (b,), of each row.
    """
    blank = targets.new_full((len(targets), 1), head.blank)
    columns = head.weight[torch.cat([blank, targets], dim=1)]  # (b, 1 + l, d)
    logits = head.cap(features.to(columns.dtype) @ columns.transpose(1, 2))
    log_probs = logits - _log_norm(features, head)[:, :, None]
    # Equal tokens are one class, or CTC would not ask for a blank between them: the first one's column.
    classes = 1 + (targets[:, :, None] == targets[:, None, :]).int().argmax(dim=2)
    first = classes == torch.arange(1, 1 + targets.shape[1], device=targets.device)
    doubled = F.pad(~first, (1, 0))[:, None, :]
    return ctc_loss(_complete(log_probs.masked_fill(doubled, -torch.inf)), classes, frames, lengths)


def _complete(log_probs: Tensor) -> Tensor:
    """With a further class for all tokens that have no column.

    torch's CTC takes for granted that probabilities add up to one: its gradient is wrong where they do not.
    """
    known = log_probs.exp().sum(dim=-1, keepdim=True).clamp(max=1 - 1e-6)
    return torch.cat([log_probs, torch.log1p(-known)], dim=-1)


def _log_norm(features: Tensor, head: CtcHead) -> Tensor:
    """(b, t) float32."""

    def part(chunk: Tensor) -> Tensor:
        return head.cap(chunk @ head.weight.T).logsumexp(dim=-1)

    flat = features.flatten(0, 1).to(head.weight.dtype)  # (b·t, d)
    chunks = torch.split(flat, max(1, head.most_logits // len(head.weight)))
    norms = [checkpoint(part, chunk, use_reentrant=False) for chunk in chunks]
    return torch.cat(norms).view(features.shape[:2])


def _rows(logits: Tensor, chosen: Tensor) -> Tensor:
    """The logits (m, vocab) of the chosen places, bool (b, n): logits are the largest tensors of a step.

    By index: the gradient of choosing by a mask sorts, which takes longer than all the rest.
    """
    places = chosen.flatten().nonzero()[:, 0]
    return logits.flatten(0, 1).index_select(0, places)


def _mean(losses: Tensor, weights: Tensor) -> Tensor:
    return (losses * weights).sum() / weights.sum().clamp(min=1e-6)
