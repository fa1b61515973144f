"""What the decoder heard -> the likeliest tokens, one after the other, for all rows of a batch at once.

Does not know audio, words or times. Greedy: no draws, so a row's tokens do not depend on the rows beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import torch

from .decoder import Heard, State, TextDecoder
from .loops import barred_by_repetition, find_loop
from .vocabulary import Vocabulary

__all__ = ["LOOK_EVERY", "Draft", "Request", "Search"]

LOOK_EVERY = 16
"""Tokens between two looks for a loop, which would otherwise hold up its whole batch."""

_DONE_SHARE = 0.25
"""Rows are taken out of the batch when this share of them is done: moving memory costs about two steps."""


@dataclass(frozen=True)
class Request:
    """What is wanted of one row.

    Attributes:
        language: BCP-47, or None: the likeliest.
        max_tokens: bound on its text.
        max_phrase: a phrase of so many tokens may stand once only; None: no such rule.
    """

    language: str | None
    max_tokens: int
    max_phrase: int | None = None


@dataclass(frozen=True)
class Draft:
    """One row's tokens.

    Attributes:
        ids: text tokens, without prompt and end.
        log_probs: of each of them.
        language: BCP-47, as asked or as detected.
        no_speech: probability that there is no speech, 0 to 1.
        end_log_prob: of the end; None where the row did not come to an end by itself.
    """

    ids: tuple[int, ...]
    log_probs: tuple[float, ...]
    language: str
    no_speech: float
    end_log_prob: float | None

    @property
    def mean_log_prob(self) -> float:
        all_of_them = self.log_probs if self.end_log_prob is None else (*self.log_probs, self.end_log_prob)
        return sum(all_of_them) / max(1, len(all_of_them))

    def only(self, positions: Sequence[int]) -> Draft:
        """The same draft with some of its tokens."""
        return replace(
            self,
            ids=tuple(self.ids[position] for position in positions),
            log_probs=tuple(self.log_probs[position] for position in positions),
        )


@dataclass
class _Row:
    """A draft in the making."""

    request: Request
    ids: list[int] = field(default_factory=list)
    log_probs: list[float] = field(default_factory=list)
    end_log_prob: float | None = None
    done: bool = False

    def take(self, id_: int, log_prob: float, end: int) -> None:
        if id_ == end:
            self.end_log_prob = log_prob
        else:
            self.ids.append(id_)
            self.log_probs.append(log_prob)
        looping = len(self.ids) % LOOK_EVERY == 0 and find_loop(self.ids) is not None
        self.done = id_ == end or looping or len(self.ids) >= self.request.max_tokens


class Search:
    """Greedy search with one decoder."""

    def __init__(self, decoder: TextDecoder, vocabulary: Vocabulary) -> None:
        self._decoder = decoder
        self._vocabulary = vocabulary

    def detect(self, heard: Heard) -> list[dict[str, float]]:
        """Probability of each language, for each row."""
        scores, _ = self._first_scores(heard)
        return self._languages(scores)

    def run(self, heard: Heard, requests: Sequence[Request], task: str) -> list[Draft]:
        """One draft for each row.

        1. Read the start token: it tells the language and whether there is speech.
        2. Read the rest of the prompt.
        3. Take the likeliest token, read it, and so on; rows that are done leave the batch.
        """
        scores, state = self._first_scores(heard)
        languages = self._choose_languages(scores, requests)
        no_speech = self._no_speech(scores)
        prompts = [self._vocabulary.prompt(language, task) for language in languages]
        hidden = self._decoder.step(self._tensor(prompts, scores), state)
        rows = [_Row(request) for request in requests]
        self._extend(rows, state, hidden[:, -1])
        return [
            Draft(tuple(row.ids), tuple(row.log_probs), language, silence, row.end_log_prob)
            for row, language, silence in zip(rows, languages, no_speech, strict=True)
        ]

    def _first_scores(self, heard: Heard) -> tuple[torch.Tensor, State]:
        """Scores of the whole vocabulary after the start token, shape (batch, vocabulary)."""
        start = torch.full((len(heard), 1), self._vocabulary.start, device=heard.device)
        state = self._decoder.start(heard)
        return self._decoder.logits(self._decoder.step(start, state)[:, -1]), state

    def _languages(self, scores: torch.Tensor) -> list[dict[str, float]]:
        ids = self._vocabulary.language_ids
        probabilities = scores[:, ids].softmax(-1).tolist()
        return [dict(zip(self._vocabulary.languages, row, strict=True)) for row in probabilities]

    def _choose_languages(self, scores: torch.Tensor, requests: Sequence[Request]) -> list[str]:
        if not self._vocabulary.languages:
            return ["en"] * len(requests)
        detected = [max(row, key=row.__getitem__) for row in self._languages(scores)]
        return [request.language or language for request, language in zip(requests, detected, strict=True)]

    def _no_speech(self, scores: torch.Tensor) -> list[float]:
        if self._vocabulary.no_speech is None:
            return [0.0] * len(scores)
        silence: list[float] = scores.softmax(-1)[:, self._vocabulary.no_speech].tolist()
        return silence

    def _extend(self, rows: Sequence[_Row], state: State, hidden: torch.Tensor) -> None:
        """Step 3; `hidden` are the decoder's last states, shape (batch, d_model)."""
        active = list(rows)
        while True:
            ids, log_probs = self._likeliest(hidden, active)
            for row, id_, log_prob in zip(active, ids.tolist(), log_probs.tolist(), strict=True):
                if not row.done:
                    row.take(id_, log_prob, self._vocabulary.end)
            left = [number for number, row in enumerate(active) if not row.done]
            if not left:
                return
            if len(active) - len(left) >= _DONE_SHARE * len(active):
                chosen = self._tensor(left, hidden)
                active, state, ids = [active[number] for number in left], state.select(chosen), ids[chosen]
            hidden = self._decoder.step(ids[:, None], state)[:, -1]

    def _likeliest(self, hidden: torch.Tensor, rows: Sequence[_Row]) -> tuple[torch.Tensor, torch.Tensor]:
        """The best token of each row and its log-probability, both of shape (batch,)."""
        vocabulary = self._vocabulary
        scores = self._decoder.logits(hidden, vocabulary.end + 1)
        scores[:, list(vocabulary.suppressed)] = -math.inf
        for number, row in enumerate(rows):
            if not row.ids:
                scores[number, list(vocabulary.suppressed_first)] = -math.inf
            if row.request.max_phrase is not None:
                scores[number, barred_by_repetition(row.ids, row.request.max_phrase)] = -math.inf
        best, ids = scores.max(-1)
        return ids, best - scores.logsumexp(-1)

    @staticmethod
    def _tensor(ids: Sequence[int] | Sequence[Sequence[int]], like: torch.Tensor) -> torch.Tensor:
        return torch.tensor(ids, device=like.device)
