"""A voice or a sentence -> whether it is kept for validation, as `held_out.toml` says."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

__all__ = ["HeldOut", "held_out"]

_FILE = Path(__file__).with_name("held_out.toml")


@dataclass(frozen=True)
class HeldOut:
    """What is never trained on.

    Attributes:
        voices: of each synthesiser.
        one_in: of so many sentences, one.
    """

    voices: Mapping[str, frozenset[str]]
    one_in: int

    def has_voice(self, engine: str, voice: str) -> bool:
        """Whether a voice, or one that is mixed into it, is held out."""
        kept = self.voices.get(engine, frozenset())
        return any(name in kept for name in voice.split("+")) if engine == "kokoro" else voice in kept

    def has_text(self, text: str) -> bool:
        return int.from_bytes(sha256(text.encode()).digest(), "big") % self.one_in == 0


@lru_cache
def held_out() -> HeldOut:
    """What the file says."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    voices = {engine: frozenset(names) for engine, names in table["voices"].items()}
    return HeldOut(voices, table["texts"]["one_in"])
