"""Frames and the tokens said in them -> the frames in which each token is said.

Viterbi alignment under the rule of CTC: tokens in their order, each in one frame or more in a row, blanks
anywhere between, and at least one between two equal tokens. Knows no vocabulary, no text and no seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Alignment", "forced_align"]


@dataclass(frozen=True, eq=False)
class Alignment:
    """Where each token is said; (b, l) but for `forced`, padded with zeros.

    Attributes:
        starts, ends: int64, first frame of the token and the one after its last.
        log_probs: float32, of the token in the frame that says it most clearly.
        forced: bool (b,), False where no path fits (more tokens than frames): there, tokens are spread evenly
            and may share frames.
    """

    starts: Tensor
    ends: Tensor
    log_probs: Tensor
    forced: Tensor


@torch.no_grad()
def forced_align(log_probs: Tensor, ids: Tensor, lengths: Tensor, frame_lengths: Tensor) -> Alignment:
    """The likeliest CTC path that says just these tokens, for every row of a batch at once.

    1. States: s = 0 … 2l; even ones are blanks, s = 2i + 1 is token i. A path begins in state 0 or 1, ends in
       2l or 2l - 1, and goes from s to s, s + 1, or s + 2 where that skips a blank between unequal tokens.
    2. Forward: best log-probability α of the paths into each state, and how far back each came from.
    3. Back: from the better end state.
    4. Spans: the frames of each token's state.
    5. Where no path fits, spread the tokens evenly.

    Args:
        log_probs: float32 (b, t, 1 + l), the blank in column 0, token i in column 1 + i.
        ids: int64 (b, l) tokens: needed only to see which neighbours are equal.
        lengths: int64 (b,), tokens of each row; 0 is fine.
        frame_lengths: int64 (b,), frames of each row, at least 1.
    """
    # 1. States
    scores = _state_scores(log_probs)
    may_skip = _may_skip(ids)
    # 2. Forward
    alpha, back = _forward(scores, may_skip, frame_lengths)
    # 3. Back
    last = 2 * lengths  # the blank after the last token
    ends = torch.stack([last, (last - 1).clamp(min=0)])  # (2, b)
    end_alpha, choice = alpha.gather(1, ends.T).max(dim=1)
    path = _walk_back(back, ends.gather(0, choice[None])[0])
    # 4. Spans
    frames = torch.arange(log_probs.shape[1], device=ids.device)
    inside = frames < frame_lengths[:, None]  # (b, t)
    tokens = torch.arange(ids.shape[1], device=ids.device)
    said = (path[:, :, None] == 2 * tokens + 1) & inside[:, :, None]  # (b, t, l)
    # 5. Spread
    forced = end_alpha > -torch.inf
    said = said.where(forced[:, None, None], _spread(said, lengths, frame_lengths))
    return _spans(said, log_probs[:, :, 1:], tokens < lengths[:, None], forced)


def _state_scores(log_probs: Tensor) -> Tensor:
    """(b, t, 1 + l) by column -> (b, t, 2 l + 1) by state."""
    scores = log_probs[:, :, :1].repeat(1, 1, 2 * log_probs.shape[2] - 1)
    scores[:, :, 1::2] = log_probs[:, :, 1:]
    return scores


def _may_skip(ids: Tensor) -> Tensor:
    """Whether each state may be entered from two states before: bool (b, 2 l + 1)."""
    size, longest = ids.shape
    may = torch.zeros(size, 2 * longest + 1, dtype=torch.bool, device=ids.device)
    may[:, 3::2] = ids[:, 1:] != ids[:, :-1]
    return may


def _forward(scores: Tensor, may_skip: Tensor, frame_lengths: Tensor) -> tuple[Tensor, Tensor]:
    """α after each row's last frame (b, states), and the steps back (b, t, states), 0 to 2."""
    b, t, states = scores.shape
    back = torch.zeros(b, t, states, dtype=torch.int64, device=scores.device)
    alpha = torch.full((b, states), -torch.inf, device=scores.device)
    alpha[:, :2] = scores[:, 0, :2]
    for frame in range(1, t):
        moved = torch.nn.functional.pad(alpha, (2, 0), value=-torch.inf)  # moved[:, s] is α of s - 2
        skipped = moved[:, :-2].masked_fill(~may_skip, -torch.inf)
        best, step = torch.stack([alpha, moved[:, 1:-1], skipped]).max(dim=0)
        running = (frame < frame_lengths)[:, None]
        alpha = torch.where(running, best + scores[:, frame], alpha)
        back[:, frame] = step.where(running, 0)
    return alpha, back


def _walk_back(back: Tensor, state: Tensor) -> Tensor:
    """The state of each frame, int64 (b, t), of the path that ends in `state` (b,)."""
    path = []
    for frame in range(back.shape[1] - 1, -1, -1):
        path.append(state)
        state = state - back[:, frame].gather(1, state[:, None])[:, 0]
    return torch.stack(path[::-1], dim=1)


def _spread(said: Tensor, lengths: Tensor, frame_lengths: Tensor) -> Tensor:
    """Tokens spread evenly over their row's frames, each in one at least: bool like `said` (b, t, l)."""
    _, t, longest = said.shape
    tokens = torch.arange(longest + 1, device=said.device)
    cuts = tokens * frame_lengths[:, None] // lengths.clamp(min=1)[:, None]  # (b, l + 1)
    starts, ends = cuts[:, :-1], torch.maximum(cuts[:, 1:], cuts[:, :-1] + 1)
    frames = torch.arange(t, device=said.device)[:, None]
    return (starts[:, None] <= frames) & (frames < ends[:, None])


def _spans(said: Tensor, log_probs: Tensor, real: Tensor, forced: Tensor) -> Alignment:
    """First and last frames of the tokens, and the best log-probability within them."""
    starts = said.int().argmax(dim=1).where(real, 0)
    ends = (starts + said.sum(dim=1)).where(real, 0)
    clearest = log_probs.where(said, -torch.inf).amax(dim=1).where(real, 0.0)
    return Alignment(starts, ends, clearest, forced)
