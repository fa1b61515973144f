"""What a journal knows of a job -> one page for a browser: totals, failures by their causes, a row per film.

The page stands alone: it fetches nothing, and what films are called is text in it, whatever it looks like.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..output import whole_file
from .failures import by_cause
from .journal import DONE, FAILED, STATES, Entry
from .seeing import in_hours

__all__ = ["report_page", "write_report"]

COLUMNS = {
    "film": False,
    "state": False,
    "language": False,
    "length": True,
    "cues": True,
    "× real time": True,
    "reason": False,
}
"""What each film has a cell for, and whether that is a number."""


@dataclass(frozen=True)
class _Row:
    """A film as the page shows it; what is not known is empty."""

    film: str
    state: str
    language: str
    length_s: str
    length: str
    cues: str
    speed: str
    reason: str


def write_report(path: Path, job: str, entries: Sequence[Entry]) -> None:
    """Write the page, whole or not at all; one that is there is replaced.

    Args:
        job: what was asked for, in words.

    Raises:
        OutputError: it cannot be written.
    """
    with whole_file(path, overwrite=True) as partial:
        partial.write_text(report_page(job, entries), encoding="utf-8")


def report_page(job: str, entries: Sequence[Entry]) -> str:
    """The page as HTML."""
    # Imported here, as it takes a while and few runs need it.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader(__package__ or "", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    failed = by_cause(entry for entry in entries if entry.state == FAILED)
    page: str = environment.get_template("report.html").render(
        title="A library's subtitles",
        facts=_facts(job, entries),
        causes={_text(cause): [_text(entry.path) for entry in group] for cause, group in failed.items()},
        columns=COLUMNS,
        rows=[_row(entry) for entry in entries],
    )
    return page


def _facts(job: str, entries: Iterable[Entry]) -> dict[str, str]:
    states = [entry.state for entry in entries]
    done_s = sum(entry.duration_s or 0.0 for entry in entries if entry.state == DONE)
    return {
        "asked for": _text(job),
        "films": str(len(states)),
        **{state: str(states.count(state)) for state in STATES if state in states},
        "of film done": in_hours(done_s),
        "written": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    }


def _row(entry: Entry) -> _Row:
    length_s, took_s = entry.duration_s, entry.elapsed_s
    return _Row(
        film=_text(entry.path),
        state=entry.state,
        language=entry.language or "",
        length_s="" if length_s is None else f"{length_s:.2f}",
        length="" if length_s is None else in_hours(length_s),
        cues="" if entry.cues is None else str(entry.cues),
        speed=f"{length_s / took_s:.1f}" if length_s and took_s else "",
        reason=_text((entry.reason or "").partition("\n")[0]),
    )


def _text(name: Path | str) -> str:
    """A name as text, whatever bytes it is made of."""
    return os.fsencode(name).decode(errors="replace")
