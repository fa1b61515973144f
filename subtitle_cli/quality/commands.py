"""The commands `diffsub check`, `score` and `retime`: options to a page or JSON, and an exit code.

What they measure is in the modules beside this one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from ..errors import OutputError, UsageError
from ..media import language_tag
from ..media.film import steady_rate
from ..output import Target, write
from ..profiles import load_profile
from ..progress import forward_logs, make_reporter
from ..reading import SubtitleFile, read_subtitles
from .check import ASSUMED_RATE, check_subtitles, checked_json
from .check_page import check_page
from .film import HeardFilm, hear_film
from .retime import Retimed, check_movable, retime_subtitles, retimed_json, retimed_page
from .score import RATES, score_json, score_subtitles
from .score_page import score_page

__all__ = ["check", "retime", "score"]

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


def score(given: Given) -> int:
    """Compare a subtitle file with a reference; the exit code.

    Raises:
        UsageError: there is no such profile, language, rate or encoding.
        SubtitlesUnreadable: one of the files is no subtitle file.
        ScoreUnavailable: a limit is set to a rate whose package is missing.
    """
    profile = load_profile(given["profile"])
    rate = _frame_rate(given["frame_rate"])
    limits = {name: given[f"max_{name}"] for name in RATES if given[f"max_{name}"] is not None}
    reference, hypothesis = _read(given["reference"], given), _read(given["hypothesis"], given)
    for file in (reference, hypothesis):
        for flaw in file.flaws:
            click.echo(f"warning: {file.path}: {flaw}", err=True)
    language = reference.language or hypothesis.language
    scored = score_subtitles(reference, hypothesis, language, profile.rules(language, rate or ASSUMED_RATE))
    beyond = scored.beyond(limits)
    click.echo(_json(score_json(scored, beyond)) if given["as_json"] else score_page(scored, limits, beyond))
    return int(bool(beyond))


def retime(given: Given) -> int:
    """Move a subtitle file to where its film's speech is; the exit code.

    Raises:
        OutputError: the new file exists, or cannot be written; nothing is left of it.
        SubtitlesUnreadable: the file is no subtitle file, or not all of it can be read.
        WeakEvidence: file and film do not fit together clearly; nothing is written.
        MediaError: the film cannot be read.
    """
    target = _target(Path(given["file"]), given["output"], given["overwrite"])
    file = _read(given["file"], given)
    check_movable(file)
    retimed = retime_subtitles(file, _hear(given, file.language))
    write(target, _text(retimed))
    as_json = given["as_json"]
    told = _json(retimed_json(retimed, target.path)) if as_json else retimed_page(retimed, target.path)
    click.echo(told, err=target.path is None)
    return 0


def _target(file: Path, output: str | None, overwrite: bool) -> Target:
    """Where the moved file goes: as asked; over the old one if that is asked for; else beside it.

    Raises:
        OutputError: something is there already. Said before the film is listened to.
    """
    if output == "-":
        return Target(file.suffix, None)
    path = Path(output) if output else file if overwrite else file.with_stem(f"{file.stem}.retimed")
    if not overwrite and os.path.lexists(path):
        raise OutputError(path, f"{str(path)!r} exists already: name another with -o, or give --overwrite")
    return Target(path.suffix, path, overwrite)


def _text(retimed: Retimed) -> str:
    """The new text with the line ends and the byte order mark that the old file had."""
    mark = "\ufeff" if retimed.file.encoding == "utf-8-sig" else ""
    return mark + retimed.text.replace("\n", retimed.file.line_end)


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
