"""What the user wants of films with subtitles in them -> where each such film goes. Touches nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..output import STDIN, Destination, Target
from .containers import DEFAULT_SUFFIX, container_of, is_known

__all__ = ["FilmWish", "check_wishes", "film_target"]

MARKS = {"embed": "embedded", "burn": "burned"}
"""What stands in the name of such a film."""


@dataclass(frozen=True)
class FilmWish:
    """The wish for a film with its subtitles in it.

    Attributes:
        kind: "embed": as a stream to switch on; "burn": drawn into the picture.
        path: where it goes; None: beside the subtitles, under a name of its own.
    """

    kind: str
    path: Path | None = None


def check_wishes(wishes: Sequence[FilmWish], films: Sequence[Path]) -> None:
    """Find out whether these films can be meant at all.

    Raises:
        UsageError: a film from standard input; one file for several films; a file of an unknown kind; a file
            that is one of the films, or named twice.
    """
    if wishes and STDIN in films:
        raise UsageError(f"--{wishes[0].kind} needs the film as a file, not through standard input")
    named = [wish for wish in wishes if wish.path is not None]
    for wish in named:
        if len(films) > 1:
            raise UsageError(f"--{wish.kind}={wish.path} is one file: give one film, or leave the file out")
    paths = [wish.path for wish in named if wish.path is not None]
    for number, path in enumerate(paths):
        container_of(path)
        if any(_is_same(path, film) for film in films):
            raise UsageError(f"{str(path)!r} is the film itself: name another file to write to")
        if any(_is_same(path, other) for other in paths[:number]):
            raise UsageError(f"{str(path)!r} is named twice: --burn and --embed need a file each")


def film_target(film: Path, language: str, wish: FilmWish, destination: Destination) -> Target:
    """`movie.mkv`, "de", embed -> `movie.de.embedded.mkv`, unless the wish names a file."""
    suffix = film.suffix if is_known(film) else DEFAULT_SUFFIX
    name = f"{film.stem}.{language}.{MARKS[wish.kind]}{suffix}"
    return Target(wish.kind, wish.path or destination.folder_of(film) / name, destination.overwrite)


def _is_same(path: Path, other: Path) -> bool:
    if os.path.exists(path) and os.path.exists(other):
        return os.path.samefile(path, other)
    return path.resolve() == other.resolve()
