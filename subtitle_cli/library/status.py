"""A journal, told to people and programs: how far the library is, who works on it, why films failed."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ..errors import UsageError
from ..listing import table
from ..progress import PlainReporter
from .command import journal_of, open_journal
from .failures import by_cause
from .finding import place_in
from .journal import DONE, FAILED, STATES, TAKEN, Journal
from .seeing import in_hours

__all__ = ["forget_films", "show_status"]

NAMES_SHOWN = 20
"""Of films that failed with one cause, so many are named; all with --json."""


def show_status(folder: str, elsewhere: str | None, as_json: bool) -> None:
    """Print what the journal of a library knows.

    Raises:
        UsageError: the folder has no journal.
        JournalError: it cannot be read.
    """
    with open_journal(_existing(folder, elsewhere), PlainReporter(show_stages=False)) as journal:
        if as_json:
            jobs = [_facts(journal, job, text) for job, text in journal.jobs().items()]
            click.echo(json.dumps({"jobs": jobs}, indent=2))
            return
        for job, text in journal.jobs().items():
            click.echo(_page(journal, job, text))


def forget_films(folder: str, films: Sequence[str], elsewhere: str | None) -> int:
    """Let the journal forget films, or all; the exit code: 1 if it knew nothing of some.

    Raises:
        UsageError: the folder has no journal.
        JournalError: it cannot be written.
    """
    root = Path(folder)
    with open_journal(_existing(folder, elsewhere), PlainReporter(show_stages=False)) as journal:
        if not films:
            gone = journal.forget()
            click.echo(f"films forgotten: {gone['films']}, results: {gone['results']}")
            return 0
        unknown = [film for film in films if not journal.forget([place_in(root, Path(film))])["films"]]
    for film in unknown:
        click.echo(f"diffsub: the journal knows nothing of {film!r}", err=True)
    click.echo(f"films forgotten: {len(films) - len(unknown)}")
    return int(bool(unknown))


def _existing(folder: str, elsewhere: str | None) -> Path:
    path = journal_of(Path(folder), elsewhere)
    if not path.is_file():
        raise UsageError(f"there is no journal {str(path)!r}; diffsub {folder} -r begins one")
    return path


def _page(journal: Journal, job: int, text: str) -> str:
    counts = journal.counts(job)
    done = journal.entries(job, DONE)
    rows = [(state, str(counts[state])) for state in STATES if counts[state]]
    lines = [f"{text}:", table(("films", "count"), rows)]
    if done:
        lines.append(f"{in_hours(sum(entry.duration_s or 0.0 for entry in done))} of film are done")
    for entry in journal.entries(job, TAKEN):
        age_s = max(0.0, time.time() - (entry.beat or 0.0))
        lines.append(f"  {entry.path}: worked on by {_who(entry.owner)}, last heard of {age_s:.0f} s ago")
    for cause, entries in by_cause(journal.entries(job, FAILED)).items():
        lines.append(f"failed, {len(entries)}: {cause}")
        lines += [f"  {entry.path}" for entry in entries[:NAMES_SHOWN]]
        if len(entries) > NAMES_SHOWN:
            lines.append(f"  and {len(entries) - NAMES_SHOWN} more (all with --json)")
    if counts[FAILED]:
        lines.append("once the cause is mended, --retry-failed tries them again")
    return "\n".join(lines)


def _facts(journal: Journal, job: int, text: str) -> dict[str, Any]:
    entries = [entry for state in (TAKEN, FAILED) for entry in journal.entries(job, state)]
    films = [
        {"film": str(entry.path), "state": entry.state, "reason": entry.reason, "by": entry.owner}
        for entry in entries
    ]
    return {"job": text, "counts": journal.counts(job), "films": films}


def _who(owner: str | None) -> str:
    """A process's name in short: its host and number."""
    place, process, *_ = (owner or "?/?").rsplit("/", 3)
    return f"process {process} on {place.split(':')[0]}"
