"""The command `diffsub check`: words of the command line to a page or JSON, and an exit code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from ..errors import UsageError
from ..media import language_tag
from ..media.film import steady_rate
from ..profiles import load_profile
from ..progress import forward_logs, make_reporter
from ..reading import SubtitleFile, read_subtitles
from .check import check_subtitles, checked_json
from .check_page import check_page
from .film import HeardFilm, hear_film

__all__ = ["check"]

Given = Mapping[str, Any]
"""The command line's options by name, as click parsed them."""


def check(given: Given) -> int:
    """Check a subtitle file; the exit code.

    Raises:
        UsageError: there is no such profile, language, rate or encoding.
        SubtitlesUnreadable: the file is no subtitle file.
        MediaError: the film cannot be read.
    """
    profile = load_profile(given["profile"])
    rate = _frame_rate(given["frame_rate"])
    file = _read(given["file"], given)
    film = _hear(given, file.language) if given["video"] else None
    checked = check_subtitles(file, profile, rate, film, given["min_share"] / 100)
    click.echo(_json(checked_json(checked)) if given["as_json"] else check_page(checked))
    return int(not checked.conforms)


def _read(path: str, given: Given) -> SubtitleFile:
    asked = given["language"]
    language = None if asked is None else language_tag(asked)
    if asked is not None and language is None:
        raise UsageError(f"{asked!r} is no language; give a code such as de or pt-BR")
    return read_subtitles(Path(path), language, given["encoding"])


def _frame_rate(asked: str | None) -> Fraction | None:
    """--frame-rate as an exact rate: "23.976" and "24000/1001" are the same."""
    if asked is None:
        return None
    try:
        said = Fraction(asked)
        rate = steady_rate(said, said)
    except (ValueError, ZeroDivisionError):
        rate = None
    if rate is None:
        raise UsageError(f"--frame-rate {asked} is none that films have; give one such as 23.976 or 25")
    return rate


def _hear(given: Given, language: str | None) -> HeardFilm:
    verbosity = -1 if given["quiet"] else given["verbose"]
    with make_reporter(verbosity) as reporter:
        forward_logs(reporter, verbosity)
        return hear_film(Path(given["video"]), language, given["audio_stream"], reporter)


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
