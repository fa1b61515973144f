"""A canvas of random tokens -> the transcript's tokens, by denoising all of them in parallel.

Knows no model and no audio: what predicts the tokens comes in as a function, and random numbers as values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from diffasr_plugin.asr import DiffasrError, InvalidOption

from .draws import Draws, StepDraws
from .entropy_bound import accept, token_entropy
from .moves import Displaced, move_rows
from .trace import StepEvent, Tracer

__all__ = [
    "MAX_STEPS",
    "Denoise",
    "DenoisingFailed",
    "Sampled",
    "SamplerConfig",
    "sample",
]

MAX_STEPS = 48
"""The most steps that the published model was measured with."""

Denoise = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""`logits = denoise(canvas, rows, self_conditioning)`, the model's prediction of every token of k canvases.

- canvas: int64 (k, n).
- rows: int64 (k,), which rows of the first batch they are, rising. The same tensor object from step to step
  until a row leaves, so that what depends on it (a selected cache) can be kept.
- self_conditioning: the step before's tempered logits (k, n, vocab), or None in the first step.
- logits: (k, n, vocab) float32. The sampler owns them from then on, and overwrites them.
"""


class DenoisingFailed(DiffasrError):
    """The model's predictions hold NaN; `step` is where it was seen."""

    def __init__(self, step: int) -> None:
        super().__init__(
            f"the model predicted NaN in denoising step {step}: its weights are damaged, or their number "
            "type overflows; check the files, or load it with another dtype"
        )
        self.step = step


@dataclass(frozen=True)
class SamplerConfig:
    """How a canvas is denoised. The defaults are those of the published model.

    Attributes:
        steps: denoising steps at most, 1 to 48.
        extra_steps: further steps for rows that have not met the stop rule by then; steps and extra steps
            are 48 at most together.
        t_min, t_max: temperatures of the last and (just above) the first step.
        entropy_bound: how much joint entropy in nats the tokens accepted in one step may have.
        stop_entropy: a row is done when its best guess repeats and its mean entropy in nats is below this;
            0: no row stops early.
        end: the token that ends a text and fills up its canvas; with it, tokens move along where one is
            missing or too many, and no step is told the step before's logits, which are of other places
            then. None: each place keeps to itself.
        conditioning_dtype: type in which tempered logits are kept from step to step: that of the model's
            embeddings, since they are cast to it in any case.

    Raises:
        InvalidOption: a value out of its range.
    """

    steps: int = 16
    extra_steps: int = 0
    t_min: float = 0.4
    t_max: float = 0.8
    entropy_bound: float = 0.1
    stop_entropy: float = 0.005
    end: int | None = None
    conditioning_dtype: torch.dtype = torch.float32

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= MAX_STEPS:
            raise InvalidOption("steps", f"{self.steps} is not between 1 and {MAX_STEPS}")
        if not 0 <= self.extra_steps <= MAX_STEPS - self.steps:
            raise InvalidOption(
                "extra_steps", f"{self.extra_steps} is not between 0 and {MAX_STEPS} less {self.steps} steps"
            )
        if not 0 < self.t_min <= self.t_max:
            raise InvalidOption("t_min", f"{self.t_min} is not above 0 and at most t_max, {self.t_max}")
        if not self.entropy_bound >= 0:
            raise InvalidOption("entropy_bound", f"{self.entropy_bound} is below 0")
        if not self.stop_entropy >= 0:
            raise InvalidOption("stop_entropy", f"{self.stop_entropy} is below 0")

    def temperature(self, step: int, device: torch.device | None = None) -> Tensor:
        """t_min + (t_max - t_min) · n/N with n of N steps left, n = 1 in extra steps; float32, shape ()."""
        left = max(self.steps - step + 1, 1)
        # In float32 on the logits' device, as transformers does: a GPU rounds division by a Python number
        # another way.
        share = torch.tensor(left, dtype=torch.float32, device=device) / self.steps
        return self.t_min + (self.t_max - self.t_min) * share


@dataclass(frozen=True)
class Sampled:
    """What came out of a canvas of b rows and n positions.

    Attributes:
        ids: int64 (b, n), the likeliest token of each position in the row's last step, moved along with the
            others where they move, not the canvas; 0 after the row's own length.
        entropies: float32 (b, n) nats, of the tempered predictions in the row's last step; infinite after
            the row's own length.
        accepted_since: int64 (b, n), the step (from 1) since which the position has been accepted without
            a break; 0 where the row's last step did not accept it.
        steps: int64 (b,), steps that the row took.
        lengths: int64 (b,), how many positions the row uses.
    """

    ids: Tensor
    entropies: Tensor
    accepted_since: Tensor
    steps: Tensor
    lengths: Tensor


@dataclass(frozen=True)
class _Batch:
    """The k rows that are still being denoised."""

    canvas: Tensor  # x_t, (k, n)
    rows: Tensor  # (k,), which rows of the first batch they are
    lengths: Tensor  # (k,)
    best: Tensor  # x̂₀ of the step before, (k, n); -1, no token, before the first step
    conditioning: Tensor | None  # (k, n, vocab)
    displaced: Sequence[Sequence[Displaced]]  # of each row, by the step before

    def next(
        self, event: StepEvent, logits: Tensor | None, displaced: Sequence[Sequence[Displaced]]
    ) -> _Batch:
        """The batch of the next step, without the rows that have stopped."""
        if not bool(event.stopped.any()):
            return _Batch(event.renoised, self.rows, self.lengths, event.best, logits, displaced)
        on = ~event.stopped
        return _Batch(
            event.renoised[on],
            self.rows[on],
            self.lengths[on],
            event.best[on],
            None if logits is None else logits[on],
            [one for one, stays in zip(displaced, on.tolist(), strict=True) if stays],
        )


@torch.no_grad()
def sample(
    denoise: Denoise,
    canvas: Tensor,
    draws: Draws,
    config: SamplerConfig | None = None,
    *,
    lengths: Sequence[int] | None = None,
    tracer: Tracer | None = None,
) -> Sampled:
    """Denoise canvases with the entropy-bound sampler, each row until it is done.

    Rows leave the batch as they meet the stop rule; those that have not after `config.steps` steps get up to
    `config.extra_steps` more.

    Args:
        denoise: the model; see `Denoise`.
        canvas: int64 (b, n) tokens to start from: `draws.canvas()`, or a draft.
        draws: random numbers for the same b rows.
        config: the published model's if None.
        lengths: how many of the n positions each row uses, at least one; None: all. Positions after that
            are no part of the row: `denoise` must keep the others from seeing them.
        tracer: told of every step; None costs nothing.

    Raises:
        DenoisingFailed: the model predicts NaN.

    Source: transformers 5.23, `generation_diffusion_gemma.py`, whose numbers it gives with `LibraryDraws`.
    """
    config = config or SamplerConfig()
    batch, sampled = _begin(canvas, lengths)
    for step in range(1, config.steps + config.extra_steps + 1):
        if not len(batch.rows):
            break
        event, batch = _step(denoise, batch, draws, config, step)
        _note(sampled, event)
        if tracer is not None:
            tracer(event)
    return sampled


def _begin(canvas: Tensor, lengths: Sequence[int] | None) -> tuple[_Batch, Sampled]:
    size, width = canvas.shape
    device = canvas.device
    used = torch.tensor([width] * size if lengths is None else list(lengths), device=device)
    assert used.shape == (size,), f"{len(used)} lengths for {size} rows"
    no_tokens = torch.full_like(canvas, -1)
    batch = _Batch(canvas, torch.arange(size, device=device), used, no_tokens, None, [()] * size)
    sampled = Sampled(
        ids=no_tokens.clone(),
        entropies=torch.full(canvas.shape, torch.inf, device=device),
        accepted_since=torch.zeros_like(canvas),
        steps=torch.zeros_like(used),
        lengths=used,
    )
    return batch, sampled


def _step(
    denoise: Denoise, batch: _Batch, draws: Draws, config: SamplerConfig, step: int
) -> tuple[StepEvent, _Batch]:
    """One denoising step of the rows still in the batch.

    1. Denoise: predict every token from the canvas x_t, the context and the step before's logits.
    2. Read: at temperature τ, draw a proposal x̂, and take the likeliest token x̂₀ and the entropy H of each
       position.
    3. Move, if tokens do: the likeliest ones are then the proposal; what grows beyond the row is cut off.
    4. Accept: the positions of lowest H, while the sum of H before them is at most the bound. Nothing is
       locked: the next step decides anew.
    5. Renoise: x_{t-1} is x̂ where accepted, a uniform random token elsewhere.
    6. Stop: a row whose x̂₀ repeats and whose mean H is low leaves the batch.
    7. Condition: the tempered logits go back into the model in the next step, unless tokens move.
    """
    numbers = draws.step(batch.rows.tolist())
    # 1. Denoise
    logits = denoise(batch.canvas, batch.rows, batch.conditioning).float()
    # 2. Read
    temperature = config.temperature(step, logits.device)
    logits = logits.div_(temperature)
    proposed, best, entropy = _read(logits, numbers if config.end is None else None, batch.lengths.tolist())
    # 3. Move
    displaced = batch.displaced
    if config.end is not None:
        best, sources, displaced = move_rows(batch.canvas, best, batch.displaced, batch.lengths, config.end)
        proposed, entropy = best, entropy.gather(1, sources)
    # 4. Accept
    accepted = accept(entropy, config.entropy_bound)
    # 5. Renoise
    renoised = torch.where(accepted, proposed, numbers.noise)
    # 6. Stop
    stopped = _done(batch, best, entropy, config.stop_entropy, step)
    event = StepEvent(
        step, temperature, batch.rows, batch.canvas, proposed, best, entropy, accepted, renoised, stopped
    )
    # 7. Condition
    conditioning = logits.to(config.conditioning_dtype) if config.end is None else None
    return event, batch.next(event, conditioning, displaced)


def _read(logits: Tensor, numbers: StepDraws | None, lengths: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
    """Proposed tokens, likeliest tokens and entropies, each (k, n), of tempered logits (k, n, vocab).

    Without numbers, the likeliest tokens are proposed. Row by row: the temporaries are as large as one row's
    logits, not as the batch's.
    """
    k, n, _ = logits.shape
    proposed = torch.zeros(k, n, dtype=torch.int64, device=logits.device)
    best = torch.zeros_like(proposed)
    entropy = torch.full((k, n), torch.inf, device=logits.device)
    for index, length in enumerate(lengths):
        row = logits[index, :length]  # (m, vocab)
        best[index, :length] = row.argmax(dim=-1)
        if numbers is None:
            proposed[index] = best[index]
        else:
            proposed[index, :length] = numbers.choose(index, row.softmax(dim=-1))
        entropy[index, :length] = token_entropy(row)
    return proposed, best, entropy


def _done(batch: _Batch, best: Tensor, entropy: Tensor, stop_entropy: float, step: int) -> Tensor:
    """Which rows meet the stop rule: bool (k,)."""
    used = entropy.where(entropy != torch.inf, 0.0)
    mean = used.sum(dim=-1) / batch.lengths
    if bool(mean.isnan().any()):
        raise DenoisingFailed(step)
    repeats = (best == batch.best).all(dim=-1)
    return repeats & (mean < stop_entropy)


def _note(sampled: Sampled, event: StepEvent) -> None:
    """Write the step's outcome down for the rows that were in it."""
    rows = event.rows
    since = sampled.accepted_since[rows]
    since = since.where(since > 0, event.step)  # those accepted for the first time
    sampled.ids[rows] = event.best
    sampled.entropies[rows] = event.entropy
    sampled.accepted_since[rows] = since.where(event.accepted, 0)
    sampled.steps[rows] = event.step
