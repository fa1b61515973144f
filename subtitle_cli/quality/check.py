"""A subtitle file, a profile, and perhaps the film -> whether the subtitles conform, and if not, why.

It measures nothing itself: `conformity` and `coverage` do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..profiles import Profile
from ..reading import SubtitleFile
from ..rules import Rules
from .conformity import Conformity, check_conformity
from .coverage import Coverage, Stretch, check_coverage
from .film import HeardFilm

__all__ = ["ASSUMED_RATE", "Checked", "check_subtitles", "checked_json"]

ASSUMED_RATE = Fraction(30)
"""Of a film that nobody tells the rate of: a gap of two frames is then the shortest that films have, and
subtitles made for a slower one are not blamed."""


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes:
        rules: the profile's, for the file's language and the film's frame rate.
        coverage: None where no film was given.
        min_share: the share of cues, 0 to 1, that must be within each limit.
        rate_known: whether the rules' frame rate is the film's, not assumed.
    """

    file: SubtitleFile
    profile: Profile
    rules: Rules
    conformity: Conformity
    coverage: Coverage | None
    min_share: float
    rate_known: bool = True

    @property
    def failures(self) -> tuple[str, ...]:
        """What too few cues keep to, by name; nothing: the subtitles conform."""
        return tuple(name for name, share in self._shares() if share < self.min_share)

    @property
    def conforms(self) -> bool:
        return not self.failures

    def _shares(self) -> Iterator[tuple[str, float]]:
        # A cue that cannot be read is within no limit.
        yield "readable", 0.0 if self.file.flaws else 1.0
        for limit in self.conformity.limits:
            yield limit.name, self.conformity.share(limit)
        if self.coverage is not None:
            yield "speech with a cue", self.coverage.speech_share
            yield "cues with speech", self.coverage.cue_share


def check_subtitles(
    file: SubtitleFile,
    profile: Profile,
    frame_rate: Fraction | None = None,
    film: HeardFilm | None = None,
    min_share: float = 1.0,
) -> Checked:
    """Check a file against a profile, and against the speech of its film if there is one.

    Args:
        frame_rate: of the picture; None: the film's, else `ASSUMED_RATE`.
        min_share: the share of cues, 0 to 1, that must be within each limit.
    """
    known = frame_rate or (film.frame_rate if film else None)
    rules = profile.rules(file.language, known or ASSUMED_RATE)
    conformity = check_conformity(file.cues, rules, file.resolution_ms)
    coverage = None if film is None else check_coverage(file.cues, film.turns)
    return Checked(file, profile, rules, conformity, coverage, min_share, known is not None)


def checked_json(checked: Checked) -> dict[str, Any]:
    """All of it as plain values, for JSON; shares from 0 to 1, times in milliseconds."""
    file, conformity = checked.file, checked.conformity
    return {
        "file": str(file.path),
        "format": file.format,
        "encoding": file.encoding,
        "language": file.language,
        "profile": checked.profile.name,
        "frame_rate": str(checked.rules.frame_rate) if checked.rate_known else None,
        "conforms": checked.conforms,
        "failures": list(checked.failures),
        "min_share": checked.min_share,
        "cues": conformity.cues,
        "share_within_all": round(conformity.share_within_all, 4),
        "limits": [
            {
                "name": limit.name,
                "unit": limit.unit,
                "at_most" if limit.at_most else "at_least": limit.bound,
                "share": round(conformity.share(limit), 4),
                "cues_outside": len(conformity.of(limit)),
            }
            for limit in conformity.limits
        ],
        "violations": [
            {
                "cue": each.number,
                "start_ms": each.cue.start_ms,
                "end_ms": each.cue.end_ms,
                "text": each.cue.text,
                "limit": each.limit.name,
                "value": round(each.value, 3),
            }
            for each in conformity.violations
        ],
        "flaws": [{"line": flaw.line, "message": flaw.message} for flaw in file.flaws],
        "coverage": None if checked.coverage is None else _coverage_json(checked.coverage),
    }


def _coverage_json(coverage: Coverage) -> dict[str, Any]:
    return {
        "speech_ms": coverage.speech_ms,
        "speech_share": round(coverage.speech_share, 4),
        "cue_share": round(coverage.cue_share, 4),
        "speech_without_cue": [_stretch_json(each) for each in coverage.without_cue],
        "cues_without_speech": [
            {"cue": number, **_stretch_json(each)} for number, each in coverage.without_speech
        ],
    }


def _stretch_json(stretch: Stretch) -> dict[str, int]:
    return {"start_ms": stretch.start_ms, "end_ms": stretch.end_ms}
