"""The command `diffsub FOLDER -r`: words of the command line to a run over a library, and its exit code."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Semaphore
from typing import Any

import click

from diffasr_plugin.asr import DiffasrError
from diffasr_plugin.assets import OFFLINE_VARIABLE

from ..captioning import prepare_recognisers, read_settings, read_wish
from ..commands import open_registry
from ..extensions import build_extensions, choose, not_only_here
from ..pipeline import preview_film
from ..progress import Reporter, forward_logs, make_reporter
from ..settings import Settings
from .database import Database
from .events import ENDED, NOTE, RECOGNISED, Event, Events, Tally
from .executor import ExecutorSpec, Setup
from .finding import Found, Rules, find_films, parse_shard, read_list
from .journal import Journal
from .keys import job_key
from .leases import this_process
from .recognition import Recognition
from .run import Run
from .seeing import JsonLog, Metrics, Screen, final_table
from .stopping import Stop, stop_on_signals
from .work import Inside, Workshop

__all__ = ["caption_library", "journal_of", "open_journal", "watch_library"]

JOURNAL = Path(".diffsub", "journal.sqlite")
"""Where a library's journal lies in it."""

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Library:
    """What the command line says of a library.

    Attributes:
        root: of the library.
        journal: its file.
        wanted: films, folders and patterns.
        rules: which films to leave by their names.
        inside: which by what is in them.
    """

    root: Path
    journal: Path
    wanted: Sequence[Path]
    rules: Rules
    inside: Inside


def caption_library(given: Given) -> int:
    """Caption a library; the exit code: 0 all is well, 1 some films failed, 128 + signal if it was ended.

    Raises:
        UsageError, UnknownModel, InvalidOption, UnsupportedLanguage: there is no such thing.
        LibraryError: the run cannot go on.
    """
    library = _read_library(given)
    settings = _read_settings(given, library)
    films = list(find_films(library.root, library.wanted, library.rules))
    if given["dry_run"]:
        return _preview(films, settings)
    return _run(films, library, settings, given)


def watch_library(given: Given) -> int:
    """Caption the films of a folder, and those that come into it, until a signal ends it; the exit code.

    Raises:
        As `caption_library`.
    """
    library = _read_library(given)
    return _run([], library, _read_settings(given, library), given, settle_s=given["settle"])


def journal_of(folder: Path, elsewhere: str | None = None) -> Path:
    """The journal's file of a library."""
    return Path(elsewhere) if elsewhere else folder / JOURNAL


@contextmanager
def open_journal(path: Path, reporter: Reporter) -> Iterator[Journal]:
    """A library's journal, made if there is none.

    Raises:
        JournalError: it cannot be used.
    """
    database = Database(path)
    try:
        if database.set_aside:
            reporter.note(
                f"the journal was damaged or of an older version; it is kept as {database.set_aside}, and a "
                "new one is begun: films with subtitles are not done again"
            )
        yield Journal(database, this_process())
    finally:
        database.close()


def _read_library(given: Given) -> Library:
    wanted = [Path(film) for film in given["films"]]
    if given["films_from"]:
        with click.open_file(given["films_from"], encoding="utf-8", errors="surrogateescape") as source:
            wanted += read_list(source)
    root = wanted[0] if len(wanted) == 1 and wanted[0].is_dir() else Path()
    return Library(
        root=root,
        journal=journal_of(root, given["journal"]),
        wanted=wanted,
        rules=Rules(given["exclude"], parse_shard(given["shard"])),
        inside=Inside(given["min_length"], given["skip_subtitled"]),
    )


def _read_settings(given: Given, library: Library) -> Settings:
    if given["offline"]:
        os.environ[OFFLINE_VARIABLE] = "1"  # read by whoever would fetch something, in libraries too
    settings = read_settings(given, [])
    return replace(settings, destination=replace(settings.destination, root=library.root))


def _preview(films: Sequence[Found], settings: Settings) -> int:
    """Say of each film what would be done, or why nothing."""
    failed = False
    for found in films:
        if found.left:
            click.echo(f"{found.place}: would be left: {found.left}")
            continue
        try:
            click.echo(preview_film(found.path, settings))
        except DiffasrError as error:
            failed = True
            click.echo(f"diffsub: {found.place}: {error}", err=True)
    return int(failed)


def _run(
    films: Sequence[Found],
    library: Library,
    settings: Settings,
    given: Given,
    settle_s: float | None = None,
) -> int:
    """Do these films, or, with `settle_s`, watch for films that have not changed for so long."""
    verbosity = -1 if given["quiet"] else given["verbose"]
    to_do = [found for found in films if found.left is None]
    tally, stop = Tally(len(to_do)), Stop()
    with ExitStack() as stack:
        reporter = stack.enter_context(make_reporter(verbosity))
        forward_logs(reporter, verbosity)
        stack.enter_context(stop_on_signals(stop, reporter.note))
        events = _events(tally, reporter, given, stack)
        workshop = _open_workshop(library, settings, given, reporter, events, stack)
        for found in films:
            if found.left:
                events.tell(Event(NOTE, found.place, text=f"left: {found.left}"))
        workshop.journal.expect(workshop.job, (found.place for found in to_do))
        if given["report"]:
            # At the end, also of a run that is ended.
            stack.callback(_report, Path(given["report"]), workshop, _describe(settings, given))
        source: Iterator[Found] = iter(to_do)
        if settle_s is not None:
            from .watch import Watcher

            reporter.note(f"watching {library.root}; Ctrl-C ends it")
            watcher = Watcher(library.root, library.rules, settle_s, stop.flag, tally.expect_one)
            source = stack.enter_context(watcher)
        try:
            Run(workshop, events, source, given["retry_failed"], stop.flag).go()
        finally:
            events.tell(Event(ENDED))
    if not given["quiet"] or tally.failures:
        click.echo(final_table(tally), err=True)
    return stop.exit_code or int(bool(tally.failures))


def _open_workshop(
    library: Library,
    settings: Settings,
    given: Given,
    reporter: Reporter,
    events: Events,
    stack: ExitStack,
) -> Workshop:
    """The journal, the executor and the recognisers of a run; leaving the stack closes them."""
    wish = read_wish(given, settings.task)
    registry = open_registry(given["blocked"])
    executors = build_extensions(given["blocked"]).collect("register_executors", ExecutorSpec)
    spec = choose(executors, given["executor"], "executor")
    journal = stack.enter_context(open_journal(library.journal, reporter))
    executor = spec.factory(
        Setup(
            not_only_here(given["blocked"]), given["device"], workers=given["workers"], stall_s=given["stall"]
        )
    )
    stack.callback(executor.close)
    recognisers = stack.enter_context(prepare_recognisers(registry, wish, settings, reporter, executor.load))
    versions = {name: plugin.distribution for plugin in registry.plugins for name in plugin.models}
    return Workshop(
        library.root,
        settings,
        library.inside,
        journal,
        journal.job(job_key(settings, [wish, library.inside]), _describe(settings, given)),
        executor,
        recognisers,
        Recognition(journal, recognisers, versions, settings.task, _speech_teller(events)),
        Semaphore(executor.listeners),
    )


def _report(path: Path, workshop: Workshop, job: str) -> None:
    from .report import write_report

    write_report(path, job, workshop.journal.entries(workshop.job))


def _events(tally: Tally, reporter: Reporter, given: Given, stack: ExitStack) -> Events:
    listeners: list[Callable[[Event], None]] = [tally, Screen(reporter, tally)]
    if given["json_log"]:
        log = JsonLog(Path(given["json_log"]))
        stack.callback(log.close)
        listeners.append(log)
    if given["metrics_file"]:
        listeners.append(Metrics(Path(given["metrics_file"]), tally))
    return Events(listeners)


def _speech_teller(events: Events) -> Callable[[float], None]:
    return lambda speech_s: events.tell(Event(RECOGNISED, speech_s=speech_s))


def _describe(settings: Settings, given: Given) -> str:
    """A job in words, for `diffsub status`."""
    parts = [
        ",".join(settings.languages) or "language detected",
        ",".join(settings.formats),
        given["backend"],
    ]
    if settings.task != "transcribe":
        parts.append(settings.task)
    return ", ".join(parts)
