"""Whisper's token ids -> the bytes of text that they stand for, and what its special tokens mean.

Does not know audio or the network. Text is put together from bytes, because one character may be
spread over several tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .languages import LANGUAGES, token_of_language

__all__ = ["BYTE_OF", "Vocabulary"]


@dataclass(frozen=True)
class Vocabulary:
    """The tokens of one Whisper model.

    Attributes:
        token_bytes: of each text token; ids from `len(token_bytes)` on are special.
        start, end, no_timestamps, no_speech: ids of special tokens.
        tasks: id of each task; empty for an English-only model.
        languages: id of each BCP-47 language; empty for an English-only model.
        suppressed: text tokens that are no speech: brackets, notes and the like.
        suppressed_first: tokens that may not come first: the end, and an empty word.
    """

    token_bytes: tuple[bytes, ...]
    start: int
    end: int
    no_timestamps: int
    no_speech: int | None
    tasks: dict[str, int]
    languages: dict[str, int]
    suppressed: tuple[int, ...] = ()
    suppressed_first: tuple[int, ...] = ()

    @classmethod
    def of(cls, tokenizer: Any, generation: Any, *, multilingual: bool) -> Vocabulary:  # noqa: ANN401
        """Read it out of transformers' tokenizer and generation config."""
        ids: dict[str, int] = tokenizer.get_vocab()
        end = ids["<|endoftext|>"]
        names = {id_: token for token, id_ in ids.items() if id_ < end}
        tokens = {language: token_of_language(language) for language in LANGUAGES}
        languages = {language: ids[token] for language, token in tokens.items() if token in ids}
        suppressed = getattr(generation, "suppress_tokens", None) or ()
        return cls(
            token_bytes=tuple(_bytes_of(names.get(id_, "")) for id_ in range(end)),
            start=ids["<|startoftranscript|>"],
            end=end,
            no_timestamps=ids["<|notimestamps|>"],
            no_speech=ids.get("<|nospeech|>", ids.get("<|nocaptions|>")),  # the latter is its older name
            tasks={task: ids[f"<|{task}|>"] for task in ("transcribe", "translate")} if multilingual else {},
            languages=languages if multilingual else {},
            suppressed=tuple(id_ for id_ in suppressed if id_ < end),
            suppressed_first=tuple(getattr(generation, "begin_suppress_tokens", None) or ()),
        )

    def prompt(self, language: str, task: str) -> list[int]:
        """What the decoder is given after the start token."""
        if not self.languages:
            return [self.no_timestamps]
        return [self.languages[language], self.tasks[task], self.no_timestamps]

    def text(self, ids: Sequence[int]) -> str:
        """The text of text tokens; a character cut off at the end is left out."""
        return b"".join(self.token_bytes[id_] for id_ in ids).decode("utf-8", errors="ignore")

    @cached_property
    def language_ids(self) -> list[int]:
        return list(self.languages.values())


def _bytes_of(token: str) -> bytes:
    return bytes(BYTE_OF[character] for character in token)


def _byte_alphabet() -> dict[str, int]:
    """The character by which byte-level BPE writes each byte: itself if it is visible, else one from 256 on.

    Source: GPT-2's encoder, whose alphabet Whisper's vocabulary is written in.
    """
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in set(visible)]
    alphabet = {chr(byte): byte for byte in visible}
    return alphabet | {chr(256 + number): byte for number, byte in enumerate(hidden)}


BYTE_OF = _byte_alphabet()
"""The byte that each character of a token in the vocabulary file stands for."""
