"""The commands `diffsub check`, `score` and `retime` as users type them: options and exit codes.

Exit codes: 0 fine, 1 not, 2 wrong usage. What they do is in `quality`, which is imported when one runs.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from .command_line import complete_profiles, talk_options

__all__ = ["check"]

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
        click.option(
            "--frame-rate", metavar="RATE", help="Of the film, such as 23.976; else the film's own, or 24."
        ),
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
    """Check a subtitle file against a house style; exit code 1 if it does not conform."""
    from .quality import commands

    sys.exit(commands.check(given))
