"""Folders, patterns and lists -> films, each with its place in the library, or the reason why it is left.

It looks at names and folders only; what is inside a film is asked elsewhere.

Links: a link to a file is a film like any other, and its subtitles lie beside the link. A link to a folder is
not followed, for it may lead in a circle.
"""

from __future__ import annotations

import glob
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO

from ..errors import UsageError
from ..mux.targets import MARKS

__all__ = [
    "FILM_SUFFIXES",
    "MARKER",
    "Found",
    "Rules",
    "Shard",
    "find_films",
    "parse_shard",
    "place_in",
    "read_list",
]

FILM_SUFFIXES = frozenset(
    ".3g2 .3gp .asf .avi .divx .dv .f4v .flv .m2ts .m2v .m4v .mkv .mov .mp4 .mpeg .mpg .mts .mxf .ogm .ogv "
    ".rm .rmvb .ts .vob .webm .wmv "
    ".aac .ac3 .aif .aiff .amr .ape .au .caf .dts .eac3 .flac .m4a .m4b .mka .mp2 .mp3 .oga .ogg .opus .ra "
    ".tta .voc .w64 .wav .wma .wv".split()
)
"""What films and sound files are called, in lower case."""

MARKER = ".diffsub-skip"
"""A folder with a file of this name is left out with all below it; so is `movie.mp4` beside
`movie.mp4.diffsub-skip`."""


@dataclass(frozen=True)
class Found:
    """A file that was looked at.

    Attributes:
        path: as it is opened.
        place: relative to the library; absolute if it does not lie in it.
        left: why it is left, or None: it is a film to do.
    """

    path: Path
    place: Path
    left: str | None = None


@dataclass(frozen=True)
class Shard:
    """One of `count` parts of a library, numbered from 1; a film's part depends on its place alone."""

    number: int
    count: int

    def holds(self, place: Path) -> bool:
        return zlib.crc32(os.fsencode(place)) % self.count == self.number - 1


@dataclass(frozen=True)
class Rules:
    """Which films to leave by their names.

    Attributes:
        exclude: patterns as shells know them, for a name or a place in the library.
        shard: only films of this part.
    """

    exclude: Sequence[str] = ()
    shard: Shard = Shard(1, 1)

    def reason(self, found: Found) -> str | None:
        """Why this film is left, if it is."""
        if any(found.path.stem.endswith(f".{mark}") for mark in MARKS.values()):
            return "diffsub made it"
        for pattern in self.exclude:
            if fnmatchcase(found.path.name, pattern) or fnmatchcase(str(found.place), pattern):
                return f"its name fits {pattern!r}"
        if os.path.lexists(f"{found.path}{MARKER}"):
            return f"there is a file {found.path.name + MARKER!r}"
        return None


def find_films(root: Path, wanted: Iterable[Path], rules: Rules) -> Iterator[Found]:
    """Films in the order of their names, each once: of folders all that are in them, at whatever depth.

    Args:
        root: of the library.
        wanted: films, folders, and patterns such as "*.mkv" and "**/*.mkv" of either. A name under which
            there is nothing is taken for a film: whoever opens it will say so.
    """
    seen: set[Path] = set()
    stems: dict[Path, str] = {}
    for path in wanted:
        for found in _look(root, path):
            if found.place in seen:
                continue
            seen.add(found.place)
            reason = found.left or rules.reason(found)
            if reason is None:
                other = stems.setdefault(found.place.with_suffix(""), found.path.name)
                if other != found.path.name:
                    reason = f"its subtitles would have the name of those of {other!r}"
                elif not rules.shard.holds(found.place):
                    reason = f"it is not in part {rules.shard.number} of {rules.shard.count}"
            yield Found(found.path, found.place, reason)


def parse_shard(text: str) -> Shard:
    """ "2/8" as the second of eight parts.

    Raises:
        UsageError: it is no such thing.
    """
    number, slash, count = text.partition("/")
    if not (slash and number.isdecimal() and count.isdecimal()) or not 1 <= int(number) <= int(count):
        raise UsageError(f"{text!r} is no part of a library; write 2/8 for the second of eight")
    return Shard(int(number), int(count))


def read_list(source: IO[str]) -> list[Path]:
    """Names out of a text, a line each, or with NUL between them, as `find -print0` writes them."""
    text = source.read()
    names = text.split("\0") if "\0" in text else text.splitlines()
    return [Path(name) for name in names if name.strip()]


def _look(root: Path, path: Path) -> Iterator[Found]:
    if path.is_dir():
        yield from _walk(root, path)
    elif not os.path.lexists(path) and (matches := sorted(glob.glob(str(path), recursive=True))):
        for match in matches:
            yield from _look(root, Path(match))
    else:
        yield Found(path, place_in(root, path))


def _walk(root: Path, folder: Path) -> Iterator[Found]:
    for here, folders, files in os.walk(folder):
        if MARKER in files:
            folders.clear()
            yield Found(Path(here), place_in(root, Path(here)), f"the folder holds a file {MARKER!r}")
            continue
        # Sorted in place: os.walk goes into what is left of it, in this order.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(here, name)
            if not name.startswith(".") and path.suffix.lower() in FILM_SUFFIXES:
                yield Found(path, place_in(root, path))


def place_in(root: Path, path: Path) -> Path:
    """A path as the journal has it: relative to the library, or absolute where it does not lie in it."""
    # Not resolve(): what a link leads to is not where the film stands in the library.
    absolute = Path(os.path.abspath(path))
    home = Path(os.path.abspath(root))
    return absolute.relative_to(home) if absolute.is_relative_to(home) else absolute
