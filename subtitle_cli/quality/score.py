"""Two subtitle files -> how far the second is from the first, by every score of the field.

It measures nothing itself: `rates`, `wording`, `line` and `conformity` do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ScoreUnavailable
from ..reading import SubtitleFile
from ..rules import Rules
from ..types import Cue
from .conformity import Conformity, check_conformity
from .line import Clock
from .rates import suber, tcpwer, tells_speakers
from .wording import Wording, compare_timing, compare_wording

__all__ = ["RATES", "Scored", "score_json", "score_subtitles"]

RATES = ("suber", "wer", "cer", "tcpwer")
"""Scores that a limit may be set to; all in per cent, less is better."""


@dataclass(frozen=True)
class Scored:
    """How a hypothesis compares with a reference.

    Attributes:
        language: BCP-47, by which the words were compared; None: unknown.
        suber, tcpwer: in per cent; None: not available, for the reason in `missing`.
        speakers: whether both tell speakers, so that tcpWER counts them.
        timing: the reference's clock to the hypothesis's; None: too few words match.
        conformity: of the reference and of the hypothesis, by one set of rules.
        missing: why a rate could not be had, by its name.
    """

    reference: SubtitleFile
    hypothesis: SubtitleFile
    language: str | None
    rules: Rules
    suber: float | None
    tcpwer: float | None
    speakers: bool
    wording: Wording
    timing: Clock | None
    conformity: tuple[Conformity, Conformity]
    missing: Mapping[str, str]

    @property
    def rates(self) -> dict[str, float | None]:
        """Each of `RATES` in per cent; None: not available."""
        return {
            "suber": self.suber,
            "wer": 100 * self.wording.words.rate,
            "cer": 100 * self.wording.characters.rate,
            "tcpwer": self.tcpwer,
        }

    def beyond(self, limits: Mapping[str, float]) -> list[str]:
        """Rates above their limits, by name.

        Args:
            limits: in per cent, by names out of `RATES`.

        Raises:
            ScoreUnavailable: a rate that has a limit could not be had.
        """
        for name in limits:
            if self.rates[name] is None:
                raise ScoreUnavailable(self.missing[name])
        return [name for name, limit in limits.items() if (self.rates[name] or 0.0) > limit]


def score_subtitles(
    reference: SubtitleFile, hypothesis: SubtitleFile, language: str | None, rules: Rules
) -> Scored:
    """Compare a file with a reference.

    Args:
        language: BCP-47, of both texts; None: unknown.
        rules: by which the conformity of both is told.
    """
    missing: dict[str, str] = {}
    cues = reference.cues, hypothesis.cues

    def rate(
        name: str, function: Callable[[Sequence[Cue], Sequence[Cue], str | None], float]
    ) -> float | None:
        try:
            return function(*cues, language)
        except ScoreUnavailable as error:
            missing[name] = str(error)
            return None

    time_constrained = rate("tcpwer", tcpwer)
    return Scored(
        reference,
        hypothesis,
        language,
        rules,
        suber=rate("suber", suber),
        tcpwer=None if time_constrained is None else 100 * time_constrained,
        speakers=all(tells_speakers(each) for each in cues),
        wording=compare_wording(*cues, language),
        timing=compare_timing(*cues, language),
        conformity=(
            check_conformity(cues[0], rules, reference.resolution_ms),
            check_conformity(cues[1], rules, hypothesis.resolution_ms),
        ),
        missing=missing,
    )


def score_json(scored: Scored, beyond: Sequence[str]) -> dict[str, Any]:
    """All of it as plain values, for JSON; rates in per cent, null where infinite; shares from 0 to 1."""
    timing = scored.timing
    return {
        "reference": str(scored.reference.path),
        "hypothesis": str(scored.hypothesis.path),
        "language": scored.language,
        **{name: _finite(rate) for name, rate in scored.rates.items()},
        "missing": dict(scored.missing),
        "reference_words": scored.wording.words.reference_length,
        "speakers_counted": scored.speakers,
        "timing": None
        if timing is None
        else {
            "offset_s": round(timing.offset_s, 3),
            "rate": round(timing.rate, 7),
            "spread_s": round(timing.spread_s, 3),
            "edges": timing.pairs,
        },
        "conformity": {
            side: {
                "cues": conformity.cues,
                "share_within_all": round(conformity.share_within_all, 4),
                **{limit.name: round(conformity.share(limit), 4) for limit in conformity.limits},
            }
            for side, conformity in zip(("reference", "hypothesis"), scored.conformity, strict=True)
        },
        "beyond": list(beyond),
    }


def _finite(rate: float | None) -> float | None:
    return None if rate is None or math.isinf(rate) else round(rate, 3)
