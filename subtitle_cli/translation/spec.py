"""What is known of a translator, and what it is given: sentences with their times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..rules import primary_language

__all__ = ["Sentence", "Translation", "TranslatorSpec"]


@dataclass(frozen=True)
class Sentence:
    """A sentence of one speaker; seconds from the start of the picture.

    `language` is BCP-47, or None where nobody could tell it.
    """

    text: str
    start_s: float
    end_s: float
    language: str | None = None
    speaker: str | None = None


@dataclass(frozen=True)
class TranslatorSpec:
    """A translator as its plugin describes it, without importing what it needs to run.

    Attributes:
        name: what users type after `--translator`.
        description: one line.
        translate: called with all sentences of a film in one language, in order, and the language wanted
            (BCP-47); gives back a text for each, empty only for a sentence without text. Its imports happen
            in there.
        sources: languages (BCP-47) that it reads; empty: any.
        targets: languages that it writes; empty: any.
    """

    name: str
    description: str
    translate: Callable[[Sequence[Sentence], str], Sequence[str]]
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()

    def reads(self, language: str | None) -> bool:
        return not self.sources or language is None or _is_one_of(language, self.sources)

    def writes(self, language: str) -> bool:
        return not self.targets or _is_one_of(language, self.targets)


@dataclass(frozen=True)
class Translation:
    """What the user wants translated, and by whom; names only, so that it can go to another process.

    Attributes:
        language: BCP-47, to translate into.
        translator: its name.
        blocked: plugins that are left out.
    """

    language: str
    translator: str
    blocked: tuple[str, ...] = ()


def _is_one_of(language: str, known: Sequence[str]) -> bool:
    """Whether a language is named, or the whole of which it is a part: "pt-BR" is "pt" too."""
    return language in known or primary_language(language) in known
