"""Words for libraries on the command line: options of `diffsub FOLDER -r`, and commands about journals."""

from __future__ import annotations

import sys
from typing import Any

import click

from .command_line import FILES, LIBRARY, ConfiguredCommand, option

__all__ = ["forget", "library_options", "make_watch", "status"]

_JOURNAL_HELP = "The journal's file; left out: FOLDER/.diffsub/journal.sqlite."


def _complete_executors(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from .extensions import build_extensions
    from .library.executor import ExecutorSpec

    offered = build_extensions().collect("register_executors", ExecutorSpec)
    return [name for name in offered if name.startswith(incomplete)]


_OPTIONS = (
    option(
        "-r",
        "--recursive",
        section=FILES,
        basic=True,
        is_flag=True,
        help="All films in the folders named: a library, whose journal lets it be resumed.",
    ),
    option(
        "--films-from",
        section=FILES,
        metavar="FILE",
        type=click.Path(allow_dash=True),
        help="Names of films or folders, a line each, or with NUL between them; -: from standard input.",
    ),
    option(
        "--exclude",
        section=LIBRARY,
        multiple=True,
        metavar="PATTERN",
        help="Leave films whose name or place fits, such as '*sample*'; may be repeated.",
    ),
    option(
        "--min-length",
        section=LIBRARY,
        type=click.FloatRange(0),
        default=0.0,
        metavar="SECONDS",
        help="Leave shorter films.",
    ),
    option(
        "--skip-subtitled",
        section=LIBRARY,
        is_flag=True,
        help="Leave films with subtitles of this language, as a file of any format or a stream.",
    ),
    option("--retry-failed", section=LIBRARY, is_flag=True, help="Try films again that failed before."),
    option(
        "--shard",
        section=LIBRARY,
        default="1/1",
        metavar="I/N",
        help="Only part I of N, as for an array of jobs without a shared journal.",
    ),
    option(
        "--route",
        section=LIBRARY,
        metavar="LIST",
        help="Recognisers of certain languages: hi=diffusion-gemma,ja=whisper.",
    ),
    option(
        "--executor",
        section=LIBRARY,
        default="local",
        metavar="NAME",
        shell_complete=_complete_executors,
        help="Where the work is done.",
    ),
    option(
        "--workers",
        section=LIBRARY,
        type=click.IntRange(1),
        metavar="N",
        help="Recogniser processes; left out: one for each GPU, else one.",
    ),
    option(
        "--stall",
        section=LIBRARY,
        type=click.FloatRange(1),
        default=600.0,
        metavar="SECONDS",
        help="A recogniser that is silent for so long is killed and started again.",
    ),
    option("--journal", section=LIBRARY, metavar="FILE", help=_JOURNAL_HELP),
    option(
        "--json-log", section=LIBRARY, metavar="FILE", help="Append what happens, as a line of JSON each."
    ),
    option(
        "--metrics-file",
        section=LIBRARY,
        metavar="FILE",
        help="Keep the run's numbers there, for Prometheus.",
    ),
    option(
        "--report",
        section=LIBRARY,
        metavar="FILE",
        help="At the end, write a page for a browser there: every film, and why some failed.",
    ),
)


def library_options(command: Any) -> Any:  # noqa: ANN401
    """Options of every command that captions libraries."""
    for add in reversed(_OPTIONS):
        command = add(command)
    return command


def make_watch(caption: click.Command) -> click.Command:
    """The command `watch`: it has all options of the command that captions films, which it is given."""
    left_out = {"films", "recursive", "films_from", "dry_run"}
    settle = option(
        "--settle",
        section=LIBRARY,
        type=click.FloatRange(0),
        default=10.0,
        metavar="SECONDS",
        help="A file that has not changed for so long is complete.",
    )

    @click.argument("folder", type=click.Path(exists=True, file_okay=False))
    @settle
    def watch(folder: str, **given: Any) -> None:  # noqa: ANN401
        """Caption the films in a folder, and those that come into it, until Ctrl-C."""
        from .library.command import watch_library

        sys.exit(watch_library({**given, "films": (folder,), "films_from": None}))

    command = ConfiguredCommand(
        "watch", callback=watch, help=watch.__doc__, params=watch.__click_params__[::-1]
    )
    command.params += [param for param in caption.params if param.name not in left_out]
    return command


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False), default=".")
@click.option("--journal", metavar="FILE", help=_JOURNAL_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def status(folder: str, journal: str | None, as_json: bool) -> None:
    """Tell how far a library is, who works on it, and why films failed."""
    from .library import status as room

    room.show_status(folder, journal, as_json)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False))
@click.argument("films", nargs=-1, metavar="[FILM...]", type=click.Path())
@click.option("--journal", metavar="FILE", help=_JOURNAL_HELP)
def forget(folder: str, films: tuple[str, ...], journal: str | None) -> None:
    """Let the journal forget films, or with none named all, so that they are done from the start.

    Subtitles stay where they are.
    """
    from .library import status as room

    sys.exit(room.forget_films(folder, films, journal))
