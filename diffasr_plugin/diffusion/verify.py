"""A draft of tokens -> the causal model's own greedy text, token for token, in as few passes as it takes.

One causal pass over a draft tells, at each place, which token the model itself would write there. As far as
the draft agrees, it has saved a pass for each token; where it does not, the model's token stands. Knows no
model, no audio and no text: what reads tokens comes in as a `CausalReader`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from .realign import continuation

__all__ = ["CausalReader", "Drafting", "Rules", "Scored", "Verified", "score", "verify"]


class CausalReader(Protocol):
    """A causal model with a batch of rows, each of which has read its prompt but for the last token of it."""

    def read(self, rows: Sequence[int], begins: Sequence[int], ids: Tensor) -> Tensor:
        """What each row would write after each of these tokens.

        Args:
            rows: which rows of the batch these k are, rising. Rows that are left out do not come back.
            begins: (k,), how many of the tokens that a row has been given it keeps; it forgets the others.
            ids: int64 (k, n), the tokens that follow those. What is read first is the prompt's last token.

        Returns:
            Scores before softmax, (k, n, vocab), for the verifier to overwrite.
        """
        ...


@dataclass(frozen=True)
class Rules:
    """What may be written, and when a text is over. Of equal scores, the lowest token wins.

    Attributes:
        start: the prompt's last token.
        end: the token that ends a text.
        barred: tokens that are never written.
        barred_first: tokens that may not come first.
        vocabulary: tokens from this one on are never written; None: there is no such bound.
        lost: asked after each token, with the text so far: True ends the text, as it leads nowhere.
    """

    start: int
    end: int
    barred: tuple[int, ...] = ()
    barred_first: tuple[int, ...] = ()
    vocabulary: int | None = None
    lost: Callable[[Sequence[int]], bool] | None = None

    def apply(self, scores: Tensor, begins: Sequence[int]) -> Tensor:
        """Log-probabilities (k, n, vocab) among the tokens allowed; overwrites the scores."""
        scores = scores.float()[..., : self.vocabulary]
        if self.barred:
            scores[..., list(self.barred)] = -math.inf
        first = [row for row, begin in enumerate(begins) if begin == 0]
        if first and self.barred_first:
            columns = torch.tensor(self.barred_first, device=scores.device)
            scores[torch.tensor(first, device=scores.device)[:, None], 0, columns] = -math.inf
        return scores


@dataclass(frozen=True)
class Drafting:
    """Where drafts come from, and how much of them is worth reading.

    Attributes:
        place_cost: what a pass costs more for each further place that it reads, as a share of a pass that
            reads one: about 0 where passes wait for memory, as on a GPU; it decides the speed, not the text.
        more: asked for a guess at what follows a text, where no draft is left; unlike a draft, a guess that
            goes wrong is thrown away.
        trust: how many tokens of a draft out of `trials` are right, before anything is known of it.
    """

    place_cost: float = 0.05
    more: Callable[[Sequence[int]], Sequence[int]] | None = None
    trust: float = 1.8
    trials: float = 2.0


@dataclass(frozen=True)
class Verified:
    """One row's text, as the model writes it.

    Attributes:
        ids: its tokens, without the end.
        log_probs: of each of them, among the tokens that the rules allow.
        end_log_prob: of the end; None where the text did not come to an end by itself.
        passes: that this row took part in.
        drafted: how many of the tokens, the end included, a draft had foretold in the pass that found them.
    """

    ids: tuple[int, ...]
    log_probs: tuple[float, ...]
    end_log_prob: float | None
    passes: int
    drafted: int


@dataclass(frozen=True)
class Scored:
    """What the model thinks of a given text.

    Attributes:
        log_probs: of each token after those before it; minus infinity for one that the rules bar.
        end_log_prob: of the end after the last of them.
    """

    log_probs: tuple[float, ...]
    end_log_prob: float


@dataclass
class _Row:
    """A text in the making."""

    number: int
    draft: Sequence[int]
    limit: int
    last: int
    at: int = 0  # the place in the draft that foretells the next token
    guessed: bool = False
    ids: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)
    end_log_prob: float | None = None
    done: bool = False
    passes: int = 0
    drafted: int = 0
    right: float = 0.0
    told: float = 0.0

    def ahead(self, drafting: Drafting) -> list[int]:
        """The next tokens of the draft, as many as are worth reading: the most tokens for the cost."""
        if self.at >= len(self.draft) and drafting.more is not None:
            self.draft, self.at, self.guessed = drafting.more(self.ids), 0, True
        left = min(len(self.draft) - self.at, self.limit - len(self.ids) - 1)
        right = (self.right + drafting.trust) / (self.told + drafting.trials)
        width = _best_width(left, right, drafting.place_cost)
        return list(self.draft[self.at : self.at + width])

    def take(self, tokens: Sequence[int], log_probs: Sequence[float], read: int, rules: Rules) -> None:
        """Write what the model would after the last token and each of the `read` tokens of the draft."""
        self.passes += 1
        for place, (token, log_prob) in enumerate(zip(tokens, log_probs, strict=True)):
            foretold = self.at < len(self.draft) and self.draft[self.at] == token
            self._write(token, log_prob, rules)
            if self.at < len(self.draft):
                self.told += 1
                self.right += foretold
            if self.done:
                return
            if not foretold:
                gone = len(self.draft)
                self.at = gone if self.guessed else continuation(self.draft, self.at, self.ids)
                return
            self.at += 1
            self.drafted += place < read

    def _write(self, token: int, log_prob: float, rules: Rules) -> None:
        self.last = token
        if token == rules.end:
            self.end_log_prob, self.done = log_prob, True
            return
        self.ids.append(token)
        self.log_probs.append(log_prob)
        lost = rules.lost is not None and rules.lost(self.ids)
        self.done = lost or len(self.ids) >= self.limit


@torch.no_grad()
def verify(
    reader: CausalReader,
    drafts: Sequence[Sequence[int]],
    rules: Rules,
    limits: Sequence[int],
    drafting: Drafting | None = None,
) -> list[Verified]:
    """The text that the model writes greedily, for each row; drafts decide the number of passes only.

    1. Choose how much of each row's draft to read: none, where it has proved wrong too often.
    2. Read the last token that was written and those of the draft, all rows in one pass.
    3. Take the model's own tokens as far as the draft agrees, and the one after that.
    4. Find the place in the rest of the draft that goes on from there. Rows that are done leave.

    Args:
        drafts: of each row, any tokens of the vocabulary, without the end; empty ones are fine.
        limits: most tokens of each row's text, at least 1.
        drafting: the defaults if None.
    """
    drafting = drafting or Drafting()
    rows = [
        _Row(number, draft, limit, rules.start)
        for number, (draft, limit) in enumerate(zip(drafts, limits, strict=True))
    ]
    while active := [row for row in rows if not row.done]:
        # 1. Choose
        ahead = [row.ahead(drafting) for row in active]
        # 2. Read
        tokens, log_probs = _pass(reader, active, ahead, rules)
        # 3. Take, 4. go on
        for row, read, told, sure in zip(active, ahead, tokens, log_probs, strict=True):
            row.take(told[: len(read) + 1], sure[: len(read) + 1], len(read), rules)
    return [Verified(tuple(r.ids), tuple(r.log_probs), r.end_log_prob, r.passes, r.drafted) for r in rows]


@torch.no_grad()
def score(reader: CausalReader, texts: Sequence[Sequence[int]], rules: Rules) -> list[Scored]:
    """What the model thinks of each token of given texts, in one pass; nothing is changed."""
    if not texts:
        return []
    begins = [0] * len(texts)
    ids = _padded([[rules.start, *text] for text in texts])
    scores = rules.apply(reader.read(range(len(texts)), begins, ids), begins).log_softmax(dim=-1)
    following = _padded([[*text, rules.end] for text in texts]).to(scores.device)
    taken = scores.gather(2, following[..., None]).squeeze(2).tolist()
    return [Scored(tuple(row[: len(text)]), row[len(text)]) for row, text in zip(taken, texts, strict=True)]


def _pass(
    reader: CausalReader, active: Sequence[_Row], ahead: Sequence[Sequence[int]], rules: Rules
) -> tuple[list[list[int]], list[list[float]]]:
    """The model's own token after the last one and after each of those ahead, with log-probabilities."""
    begins = [len(row.ids) for row in active]
    ids = _padded([[row.last, *tokens] for row, tokens in zip(active, ahead, strict=True)])
    scores = rules.apply(reader.read([row.number for row in active], begins, ids), begins)
    best, tokens = scores.max(dim=-1)  # torch promises the first of equal ones
    return tokens.tolist(), (best - scores.logsumexp(dim=-1)).tolist()


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Int64 (b, longest); what pads a row comes after it, where a causal model does not see it."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])


def _best_width(left: int, right: float, place_cost: float) -> int:
    """How many tokens of a draft to read, 0 to `left`, for the most tokens written for the cost of the pass.

    With each right with probability p, w tokens give 1 + p + … + p^w, for a cost of 1 + w · place_cost.
    """
    width, written, gain = 0, 1.0, 1.0
    while width < left:
        gain *= right
        # The share of tokens for the cost rises as long as the next one brings more than the average so far.
        if gain * (1 + width * place_cost) <= written * place_cost:
            break
        width, written = width + 1, written + gain
    return width
