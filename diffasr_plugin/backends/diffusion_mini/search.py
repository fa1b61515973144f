"""What the decoder heard -> the model's own greedy text, through the verifier, from drafts or none.

Does not know audio, words or times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ...diffusion.ngram import NgramMemory
from ...diffusion.verify import Drafting, Rules, verify
from ...models.mini import MiniDecoder
from ...models.mini_reader import MiniReader
from ..whisper.decoder import Heard, TextDecoder
from ..whisper.loops import find_loop
from ..whisper.search import LOOK_EVERY, Draft, Request, Search
from ..whisper.vocabulary import Vocabulary
from .diffuse import Guess
from .hearing import MiniHeard
from .spec import LANGUAGES

__all__ = ["Drafter", "Effort", "MiniSearch", "MiniTextDecoder"]

_PLACE_COST = {"cpu": 0.1, "cuda": 0.01}
"""What a pass costs more for each further token that it reads: measured at batches of 1 to 8."""


class MiniTextDecoder(TextDecoder):
    """The decoder as Whisper's search and aligner ask it."""

    def __init__(self, decoder: MiniDecoder) -> None:
        self._mini = decoder

    def listen(self, states: Tensor) -> Heard:
        """Take in encoder states (batch, frames, width)."""
        return Heard(self._mini.listen(states))

    # A `MiniReader` does all that is asked of Whisper's `State`.
    def start(self, heard: Heard) -> Any:  # noqa: ANN401
        return MiniReader(self._mini, heard.layers)

    def step(
        self,
        ids: Tensor,
        state: Any,  # noqa: ANN401
        queries: list[Tensor] | None = None,
    ) -> Tensor:
        """Read tokens (batch, n): states (batch, n, width)."""
        states: Tensor = state.step(ids, queries)
        return states

    def logits(self, states: Tensor, size: int | None = None) -> Tensor:
        """Scores of the vocabulary's first `size` tokens for states (batch, width)."""
        return self._mini.scores(states)[..., :size]


Drafter = Callable[[MiniHeard, Sequence[str]], list[Guess]]
"""What was heard and the rows' languages -> drafts."""


@dataclass(frozen=True)
class Effort:
    """What a row's text took.

    Attributes:
        tokens: of the text, the end included: passes that greedy search takes.
        steps: of the denoiser.
        passes: of the verifier.
    """

    tokens: int
    steps: int
    passes: int


class MiniSearch(Search):
    """Greedy search by verification.

    Attributes:
        memory: of texts so far, to guess from; None: no guesses.
        drafter: makes drafts; None: there are none.
        efforts: of each row since this was last emptied; None: nobody wants to know.
    """

    def __init__(self, decoder: MiniTextDecoder, vocabulary: Vocabulary, device: torch.device) -> None:
        super().__init__(decoder, vocabulary)
        self.memory: NgramMemory | None = None
        self.drafter: Drafter | None = None
        self.efforts: list[Effort] | None = None
        self._place_cost = _PLACE_COST[device.type]

    def run(self, heard: Heard, requests: Sequence[Request], task: str) -> list[Draft]:
        """See `Search.run`; the same texts."""
        if any(request.max_phrase is not None for request in requests):
            return super().run(heard, requests, task)  # a second attempt has rules that hang on the text
        scores, state = self._first_scores(heard)
        reader: Any = state
        languages = self._choose_languages(scores, requests)
        no_speech = self._no_speech(scores)
        prompts = self._tensor([self._vocabulary.prompt(language, task) for language in languages], scores)
        self._decoder.step(prompts[:, :-1], reader)
        guess = self.memory.guess if self.memory is not None else None
        limits = [request.max_tokens for request in requests]
        drafting = Drafting(self._place_cost, guess)
        drafts = self._drafts(heard, languages)
        texts = verify(reader, [draft.ids for draft in drafts], self._rules(), limits, drafting)
        if self.efforts is not None:
            self.efforts += [
                Effort(len(text.ids) + 1, draft.steps, text.passes)
                for text, draft in zip(texts, drafts, strict=True)
            ]
        if self.memory is not None:
            for text in texts:
                self.memory.remember(text.ids)
        return [
            Draft(text.ids, text.log_probs, language, silence, text.end_log_prob)
            for text, language, silence in zip(texts, languages, no_speech, strict=True)
        ]

    def _drafts(self, heard: Heard, languages: Sequence[str]) -> list[Guess]:
        if self.drafter is None:
            return [Guess([], 0)] * len(languages)
        assert isinstance(heard, MiniHeard), f"{type(heard).__name__} has no encoder states"
        return self.drafter(heard, languages)

    def _rules(self) -> Rules:
        known = self._vocabulary
        return Rules(
            start=known.no_timestamps,
            end=known.end,
            barred=known.suppressed,
            barred_first=known.suppressed_first,
            vocabulary=known.end + 1,
            lost=lambda ids: len(ids) % LOOK_EVERY == 0 and find_loop(ids) is not None,
        )

    def _choose_languages(self, scores: Tensor, requests: Sequence[Request]) -> list[str]:
        """As asked, else the likeliest of those that it can write."""
        detected = [max(LANGUAGES, key=row.__getitem__) for row in self._languages(scores)]
        return [request.language or language for request, language in zip(requests, detected, strict=True)]
