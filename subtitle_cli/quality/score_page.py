"""The comparison of two subtitle files -> one table for people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..listing import table
from .line import Clock
from .rates import COLLAR_S
from .score import Scored
from .words import count, percent

__all__ = ["score_page"]

_NAMES = {"suber": "SubER", "wer": "WER", "cer": "CER", "tcpwer": "tcpWER"}


def score_page(scored: Scored, limits: Mapping[str, float], beyond: Sequence[str]) -> str:
    """The page, without a line end at its end.

    Args:
        limits: in per cent, by names out of `RATES`.
        beyond: those of them that are not kept.
    """
    rows = [
        (_NAMES[name], _rate(rate), _limit(name, limits, beyond), _about(name, scored))
        for name, rate in scored.rates.items()
    ]
    rows += _timing_rows(scored.timing)
    rows += _conformity_rows(scored)
    return "\n\n".join(
        [
            f"{scored.hypothesis.path} against {scored.reference.path}: "
            f"{count(len(scored.hypothesis.cues), 'cue')} against {len(scored.reference.cues)}, "
            f"language {scored.language or 'unknown (--lang tells it)'}",
            table(("score", "value", "limit", "what it counts"), rows),
            *_verdict(beyond, limits),
        ]
    )


def _rate(rate: float | None) -> str:
    if rate is None:
        return "-"
    return f"{rate:.1f} %" if math.isfinite(rate) else "infinite"


def _limit(name: str, limits: Mapping[str, float], beyond: Sequence[str]) -> str:
    if name not in limits:
        return ""
    return f"{limits[name]:g} %{' BROKEN' if name in beyond else ''}"


def _about(name: str, scored: Scored) -> str:
    if name in scored.missing:
        return f"not available: {scored.missing[name]}"
    words = count(scored.wording.words.reference_length, "word")
    who = "speakers counted" if scored.speakers else "speakers not told in both"
    return {
        "suber": "edits of words, line and cue breaks, where times overlap",
        "wer": f"wrong, missing and added words, of {words}",
        "cer": "the same in characters",
        "tcpwer": f"words more than {COLLAR_S:g} s away are wrong too; {who}",
    }[name]


def _timing_rows(timing: Clock | None) -> list[tuple[str, str, str, str]]:
    if timing is None:
        return [("offset", "-", "", "too few cues begin or end with the same word")]
    late = ("late" if timing.offset_s >= 0 else "early") + (" at the start" if timing.rate != 1 else "")
    drift_ms = 60_000 * (timing.rate - 1)
    drift = "none" if timing.rate == 1 else f"{drift_ms:+.1f} ms"
    return [
        (
            "offset",
            f"{timing.offset_s:+.3f} s",
            "",
            f"{late}; by {count(timing.pairs, 'cue edge')} that match, spread {timing.spread_s:.3f} s",
        ),
        ("drift", drift, "", "both run alike" if timing.rate == 1 else f"a minute; rate {timing.rate:.6f}"),
    ]


def _conformity_rows(scored: Scored) -> list[tuple[str, str, str, str]]:
    reference, hypothesis = scored.conformity
    pairs = [
        (limit.name, hypothesis.share(limit), reference.share(other))
        for limit, other in zip(hypothesis.limits, reference.limits, strict=True)
    ]
    pairs.append(("all limits", hypothesis.share_within_all, reference.share_within_all))
    return [
        (f"within {name}", percent(share), "", f"reference: {percent(other)}")
        for name, share, other in pairs
        if name == "all limits" or min(share, other) < 1
    ]


def _verdict(beyond: Sequence[str], limits: Mapping[str, float]) -> list[str]:
    if beyond:
        return [f"beyond its limit: {', '.join(_NAMES[name] for name in beyond)}"]
    return ["within all limits that were set"] if limits else []
