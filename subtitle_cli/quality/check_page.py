"""What a check found -> a page for people: a table of limits, then the cues to look at, the worst first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..listing import table
from ..types import Cue
from .check import Checked
from .conformity import Limit, Violation
from .coverage import Coverage, Stretch
from .words import clock, count, first_words, percent

__all__ = ["check_page"]

_SHOWN = 5
"""So many of each kind are listed; --json lists all."""


def check_page(checked: Checked) -> str:
    """The page, without a line end at its end."""
    parts = [_about(checked), _limits(checked)]
    if checked.file.flaws:
        parts.append(_block("cannot be read", [str(flaw) for flaw in checked.file.flaws]))
    parts += _offenders(checked)
    if checked.coverage is not None:
        parts += _coverage_blocks(checked.coverage, checked.file.cues)
    return "\n\n".join([*parts, _verdict(checked)])


def _about(checked: Checked) -> str:
    file, rules = checked.file, checked.rules
    language = f"language {file.language}" if file.language else "language unknown (--lang tells it)"
    rate = f"{float(rules.frame_rate):.5g} frames a second"
    if not checked.rate_known:
        rate = f"frame rate unknown (--video or --frame-rate tells it), taken as {float(rules.frame_rate):g}"
    return (
        f"{file.path}: {count(len(file.cues), 'cue')}, {file.format}, {file.encoding}, {language}\n"
        f"profile {checked.profile.name}: {checked.profile.title}; {rate}"
    )


def _limits(checked: Checked) -> str:
    conformity = checked.conformity
    rows = [
        (limit.name, _bound(limit), percent(conformity.share(limit)), str(len(conformity.of(limit)) or "-"))
        for limit in conformity.limits
    ]
    outside = str(conformity.cues_outside or "-")
    rows.append(("all of these", "", percent(conformity.share_within_all), outside))
    if checked.coverage is not None:
        rows += _coverage_rows(checked.coverage)
    return table(("limit", "asked for", "within", "cues outside"), rows)


def _bound(limit: Limit) -> str:
    if limit.name in ("overlap", "order"):
        return {"overlap": "none", "order": "in time"}[limit.name]
    if limit.name == "text":
        return "not empty"
    return f"{'at most' if limit.at_most else 'at least'} {limit.bound:g} {limit.unit}"


def _coverage_rows(coverage: Coverage) -> list[tuple[str, str, str, str]]:
    return [
        (
            "speech with a cue",
            f"all of {coverage.speech_ms / 1000:.0f} s",
            percent(coverage.speech_share),
            count(len(coverage.without_cue), "stretch", "stretches") if coverage.without_cue else "-",
        ),
        (
            "cues with speech",
            "all along",
            percent(coverage.cue_share),
            str(coverage.silent_cues or "-"),
        ),
    ]


def _offenders(checked: Checked) -> Iterator[str]:
    for limit in checked.conformity.limits:
        violations = checked.conformity.of(limit)
        if violations:
            title = f"{limit.name}: {_bound(limit)}"
            yield _block(title, [_offender(each) for each in violations])


def _offender(violation: Violation) -> str:
    cue = violation.cue
    value = f"{violation.value:.0f}" if violation.limit.unit == "ms" else f"{violation.value:.3g}"
    return f"{clock(cue.start_ms)}  #{violation.number:<4} {value:>6}  {first_words(cue.text)}"


def _coverage_blocks(coverage: Coverage, cues: Sequence[Cue]) -> Iterator[str]:
    if coverage.without_cue:
        longest = sorted(coverage.without_cue, key=lambda each: -each.duration_ms)
        yield _block("speech without a cue", [_span(each) for each in longest])
    if coverage.without_speech:
        silent = sorted(coverage.without_speech, key=lambda each: -each[1].duration_ms)
        lines = [
            f"{_span(each)}  #{number:<4} {first_words(cues[number - 1].text)}" for number, each in silent
        ]
        yield _block("cues without speech", lines)


def _span(stretch: Stretch) -> str:
    return f"{clock(stretch.start_ms)} - {clock(stretch.end_ms)}  {stretch.duration_ms / 1000:4.1f} s"


def _block(title: str, lines: Sequence[str]) -> str:
    more = len(lines) - _SHOWN
    tail = [f"... and {more} more; --json lists all"] if more > 0 else []
    return "\n".join([title, *(f"  {line}" for line in [*lines[:_SHOWN], *tail])])


def _verdict(checked: Checked) -> str:
    asked = "" if checked.min_share == 1 else f" (asked for: {percent(checked.min_share)} within each)"
    if checked.conforms:
        return f"conforms{asked}"
    return f"does not conform{asked}: {', '.join(checked.failures)}"
