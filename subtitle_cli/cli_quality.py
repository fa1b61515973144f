"""The commands `diffsub check`, `score` and `retime` as users type them: options and exit codes.

Exit codes: 0 fine, 1 not, 2 wrong usage. What they do is in `quality`, which is imported when one runs.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from .command_line import complete_profiles, talk_options

__all__ = ["check", "retime", "score"]

PERCENT = click.FloatRange(0, 100)


def _reading_options(command: Any) -> Any:  # noqa: ANN401
    """Options of every command that reads subtitle files."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs."),
        click.option("--encoding", metavar="NAME", help="Of the file, if it is old and not in UTF-8."),
        click.option(
            "-l", "--lang", "language", metavar="CODE", help="Of the text; else by the file's name."
        ),
    ):
        command = option(command)
    return command


def _rules_options(command: Any) -> Any:  # noqa: ANN401
    """Options of every command that holds cues to a house's rules."""
    for option in (
        click.option("--frame-rate", metavar="RATE", help="Of the film, such as 23.976."),
        click.option(
            "--profile",
            default="netflix",
            metavar="NAME|TOML",
            shell_complete=complete_profiles,
            help="House style: netflix, bbc, ted, ... or a file of your own.",
        ),
    ):
        command = option(command)
    return command


def _listening_options(command: Any) -> Any:  # noqa: ANN401
    """Options of every command that listens to a film."""
    command = talk_options(command)
    return click.option(
        "--audio-stream", type=int, metavar="N", help="Stream to listen to, as ffmpeg numbers it."
    )(command)


@click.command()
@click.argument("file", type=click.Path())
@click.option("--video", metavar="FILM", type=click.Path(), help="Look for speech without a cue, too.")
@_rules_options
@click.option(
    "--min-share", type=PERCENT, default=100, metavar="PERCENT", help="Cues that must be within each limit."
)
@_reading_options
@_listening_options
def check(**given: Any) -> None:  # noqa: ANN401
    """Hold a subtitle file to a house style.

    Tells the share of cues within each limit, and the worst cues. The exit code is 1 if it does not conform.
    """
    from .quality import commands

    sys.exit(commands.check(given))


def _limit_options(command: Any) -> Any:  # noqa: ANN401
    """--max-suber and the like: above it, the exit code is 1."""
    for name in ("tcpWER", "CER", "WER", "SubER"):
        command = click.option(
            f"--max-{name.lower()}",
            type=click.FloatRange(0),
            metavar="PERCENT",
            help=f"Exit code 1 if {name} is above.",
        )(command)
    return command


@click.command()
@click.argument("reference", type=click.Path())
@click.argument("hypothesis", type=click.Path())
@_limit_options
@_rules_options
@_reading_options
def score(**given: Any) -> None:  # noqa: ANN401
    """Compare subtitles with a reference.

    Tells SubER, WER, CER, tcpWER, offset and drift between the two, and how both keep to a house style.
    """
    from .quality import commands

    sys.exit(commands.score(given))


@click.command()
@click.argument("file", type=click.Path())
@click.option(
    "--video", metavar="FILM", type=click.Path(), required=True, help="The film that it belongs to."
)
@click.option(
    "-o", "--output", metavar="PATH", help="New file; -: standard output. Else FILE.retimed beside it."
)
@click.option("--overwrite", is_flag=True, help="Replace FILE itself, or what -o names.")
@_reading_options
@_listening_options
def retime(**given: Any) -> None:  # noqa: ANN401
    """Move subtitles to where the speech is.

    Removes one constant offset and one drift, found by listening for speech in the film. If it is not clear
    where the subtitles belong, nothing is written, and the exit code is 1. What cuts or inserted advertising
    have moved elsewhere is told, if it is long enough to be seen, and not repaired.
    """
    from .quality import commands

    sys.exit(commands.retime(given))
