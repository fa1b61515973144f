"""Events of a run -> what people and programs see of it: lines and a bar, a JSON log, a file for Prometheus.

Each is a listener of `events`; what goes to the terminal goes through the reporter.
"""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from ..errors import OutputError
from ..output import whole_file
from ..progress import Reporter
from .events import ENDED, NOTE, RETRIED, SETTLED, Event, Tally
from .failures import by_cause
from .journal import DONE, FAILED, SKIPPED, Entry

__all__ = ["JsonLog", "Metrics", "Screen", "final_table", "in_hours"]

METRICS_EVERY_S = 5.0
NAMES_SHOWN = 5
"""Of films that failed with one cause, so many are named."""


class Screen:
    """Lines for what became of each film, and how far the run is."""

    def __init__(self, reporter: Reporter, tally: Tally) -> None:
        self._reporter = reporter
        self._tally = tally

    def __call__(self, event: Event) -> None:
        line = _line(event)
        if line:
            self._reporter.note(line)
        tally = self._tally
        left_s = tally.left_s
        parts = [f"{in_hours(tally.audio_s)} of film", f"{tally.speed:.1f}× real time"]
        if left_s is not None:
            parts.append(f"about {in_hours(left_s)} to go")
        if tally.failures:
            parts.append(f"{len(tally.failures)} failed")
        self._reporter.overall(tally.finished, tally.total, ", ".join(parts))


class JsonLog:
    """A line of JSON for each event, appended to a file as it happens."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            OutputError: it cannot be written.
        """
        try:
            self._file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise OutputError(path, f"cannot write {str(path)!r}: {error.strerror}") from error

    def __call__(self, event: Event) -> None:
        facts: dict[str, object] = {"time": datetime.now(UTC).isoformat(), "event": event.kind}
        if event.film is not None:
            facts["film"] = _text(event.film)
        if event.entry is not None:
            facts |= _facts(event.entry)
        if event.text:
            facts["text"] = event.text
        if event.speech_s:
            facts["speech_s"] = round(event.speech_s, 3)
        self._file.write(json.dumps(facts, ensure_ascii=False) + "\n")
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class Metrics:
    """The run's numbers in the text format of Prometheus, for its node exporter: a file, written whole."""

    def __init__(self, path: Path, tally: Tally) -> None:
        self._path = path
        self._tally = tally
        self._written_s = -METRICS_EVERY_S

    def __call__(self, event: Event) -> None:
        now_s = time.monotonic()
        if event.kind == ENDED or now_s - self._written_s >= METRICS_EVERY_S:
            self._written_s = now_s
            with whole_file(self._path, overwrite=True) as partial:
                partial.write_text(self._page(), encoding="utf-8")

    def _page(self) -> str:
        tally = self._tally
        lines = [
            "# HELP diffsub_films Films of the library, by what became of them.",
            "# TYPE diffsub_films gauge",
            *(
                f'diffsub_films{{state="{state}"}} {tally.settled[state] + tally.known[state]}'
                for state in (DONE, SKIPPED, FAILED)
            ),
            f'diffsub_films{{state="left"}} {tally.total - tally.finished}',
        ]
        for name, meaning, value in (
            ("audio_seconds_total", "Seconds of film that this run has captioned.", tally.audio_s),
            ("speech_seconds_total", "Seconds of speech that this run has recognised.", tally.speech_s),
            ("run_seconds_total", "Seconds since this run began.", tally.elapsed_s),
        ):
            lines += [
                f"# HELP diffsub_{name} {meaning}",
                f"# TYPE diffsub_{name} counter",
                f"diffsub_{name} {value:.3f}",
            ]
        return "\n".join(lines) + "\n"


def final_table(tally: Tally) -> str:
    """What became of the library, and why films failed, each cause once."""
    lines = [
        f"{state:<8} {tally.settled[state]:>7} now {tally.known[state]:>7} before"
        for state in (DONE, SKIPPED, FAILED)
    ]
    left = tally.total - tally.finished
    if left:
        lines.append(f"{'left':<8} {left:>7}")
    lines.append(
        f"{in_hours(tally.audio_s)} of film in {in_hours(tally.elapsed_s)}, {tally.speed:.1f}× real time"
    )
    for cause, entries in by_cause(tally.failures).items():
        names = ", ".join(str(entry.path) for entry in entries[:NAMES_SHOWN])
        more = f" and {len(entries) - NAMES_SHOWN} more" if len(entries) > NAMES_SHOWN else ""
        lines.append(f"failed: {cause}\n  {_films(len(entries))}: {names}{more}")
    return "\n".join(lines)


def in_hours(seconds: float) -> str:
    """ "2 h 05 min", "3 min 20 s", "8.1 s"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def _films(count: int) -> str:
    return f"{count} film" if count == 1 else f"{count} films"


def _line(event: Event) -> str:
    """What people are told of an event, if anything."""
    if event.kind in (NOTE, RETRIED):
        return f"{event.film}: {event.text}" if event.film else event.text
    entry = event.entry
    if event.kind != SETTLED or entry is None:
        return ""
    if entry.state == DONE:
        files = ", ".join(os.path.basename(file) for file in entry.files)
        took_s = max(entry.elapsed_s or 0.0, 1e-3)
        length_s = entry.duration_s or 0.0
        said = f"{event.film}: {entry.cues} cues in {entry.language}"
        return f"{said}, {in_hours(length_s)} of film in {in_hours(took_s)}: {files}"
    return f"{event.film}: {entry.state}: {entry.reason}"


def _facts(entry: Entry) -> dict[str, object]:
    facts = {
        "state": entry.state,
        "kind": entry.kind,
        "reason": entry.reason,
        "language": entry.language,
        "cues": entry.cues,
        "duration_s": entry.duration_s,
        "elapsed_s": entry.elapsed_s,
        "files": [_text(Path(file)) for file in entry.files] or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _text(path: Path) -> str:
    """A name as text, whatever bytes it is made of."""
    return os.fsencode(path).decode(errors="replace")
