"""Causal models for the verifier: one whose answers are known, and the tiny DiffusionGemma's encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

__all__ = ["GemmaReader", "HashReader"]


class HashReader:
    """The next token's scores hang on all tokens before it, as a hash: any slip in what was read shows.

    Attributes:
        truth: texts that it writes, if nothing else has been read; None: whatever the hash says.
        passes: rows and tokens of each call.
    """

    START, END = 0, 1

    def __init__(self, vocab: int = 40, truth: Sequence[Sequence[int]] | None = None) -> None:
        self.vocab = vocab
        self.truth = truth
        self.passes: list[tuple[list[int], int]] = []
        self._read: dict[int, list[int]] = {}

    def read(self, rows: Sequence[int], begins: Sequence[int], ids: Tensor) -> Tensor:
        assert set(rows) <= set(self._read) or not self._read, "a row came back"
        kept = {row: self._read.get(row, [])[:begin] for row, begin in zip(rows, begins, strict=True)}
        assert all(len(kept[row]) == begin for row, begin in zip(rows, begins, strict=True))
        self.passes.append((list(rows), ids.shape[1]))
        self._read = {row: kept[row] + new for row, new in zip(rows, ids.tolist(), strict=True)}
        return torch.stack(
            [
                torch.stack(
                    [self._scores(row, self._read[row][: begin + n + 1]) for n in range(ids.shape[1])]
                )
                for row, begin in zip(rows, begins, strict=True)
            ]
        )

    def _scores(self, row: int, read: list[int]) -> Tensor:
        seed = hash((row, *read)) % 2**31
        scores = torch.rand(self.vocab, generator=torch.Generator().manual_seed(seed))
        if self.truth is None:
            scores[self.END] += 0.02 * len(read)
        elif read == [self.START, *self.truth[row][: len(read) - 1]]:
            follows = [*self.truth[row], self.END][len(read) - 1]
            scores[follows] += 10
        return scores


class GemmaReader:
    """The causal encoder of a DiffusionGemma after given prompts (b, t); it reads all again in each pass."""

    def __init__(self, model: Any, prompts: Tensor) -> None:
        self.model = model
        self.prompts = prompts.tolist()
        self.passes = 0
        self._read = {row: list[int]() for row in range(len(prompts))}

    def read(self, rows: Sequence[int], begins: Sequence[int], ids: Tensor) -> Tensor:
        self.passes += 1
        for row, begin, new in zip(rows, begins, ids.tolist(), strict=True):
            self._read[row] = self._read[row][:begin] + new
        texts = [self.prompts[row] + self._read[row] for row in rows]
        longest = max(map(len, texts))
        whole = torch.tensor([text + [0] * (longest - len(text)) for text in texts])
        decoder = self.model.model.decoder
        encoder = self.model.model.encoder.language_model
        hidden = encoder(inputs_embeds=decoder.embed_tokens(whole)).last_hidden_state
        cap = self.model.final_logit_softcapping
        scores = torch.tanh(self.model.lm_head(hidden) / cap) * cap
        wanted = ids.shape[1]
        return torch.stack([scores[k, len(text) - wanted : len(text)] for k, text in enumerate(texts)])
