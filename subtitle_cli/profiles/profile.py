"""A house's numbers by language -> the rules of one film.

Does not know where the numbers come from: they are read by `load`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ..rules import DEFAULT_FRAME_RATE, Rules, primary_language

__all__ = ["Profile"]

_PLAUSIBLE_FRAME_RATES = (5, 240)
"""Containers give cover pictures rates such as 90,000; such a rate is as good as none."""


@dataclass(frozen=True)
class Profile:
    """What a house asks of its subtitles.

    Attributes:
        name: what `--profile` calls it: a built-in name, or the path of a file.
        title: what it is, in a few words.
        base: for languages without an entry of their own.
        languages: by BCP-47 code in lower case, such as "de" or "pt-br".
    """

    name: str
    title: str
    base: Rules
    languages: Mapping[str, Rules] = field(default_factory=dict)

    def rules(self, language: str | None = None, frame_rate: Fraction | None = None) -> Rules:
        """The rules for a film in that language (BCP-47; None: unknown) and at that rate.

        The entry for the language with its region goes before the one for the language alone; without either,
        the house's shared numbers count. Without a frame rate, or with an absurd one, it is 24.
        """
        exact = (language or "").lower().replace("_", "-")
        rules = self.languages.get(exact) or self.languages.get(primary_language(language)) or self.base
        lowest, highest = _PLAUSIBLE_FRAME_RATES
        if frame_rate is None or not lowest <= frame_rate <= highest:
            frame_rate = DEFAULT_FRAME_RATE
        return replace(rules, language=language, frame_rate=frame_rate)
