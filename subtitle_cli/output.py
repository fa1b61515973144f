"""Texts of subtitles -> files: where each goes, and writing it so that it is there whole or not at all.

It knows nothing of what is in them.
"""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import OutputError, UsageError
from .formats import FORMATS

__all__ = ["Destination", "Plan", "Target", "choose_destination", "make_plan", "whole_file", "write"]

STDIN = Path("-")
STDIN_STEM = "stdin"
"""What subtitles of a film are called that was piped in; they go to the working directory."""


@dataclass(frozen=True)
class Target:
    """Where the text of one format goes, or a film with its subtitles in it; no path: standard output."""

    format: str
    path: Path | None
    overwrite: bool = False


@dataclass(frozen=True)
class Plan:
    """What is to be written of one film, and the files that exist already and are left alone."""

    targets: tuple[Target, ...]
    skipped: tuple[Path, ...]

    def make_ready(self) -> None:
        """Make the folders and try them out, so that a long run fails at once if it must.

        Raises:
            OutputError: a folder cannot be made or written to.
        """
        for folder in {target.path.parent for target in self.targets if target.path}:
            _make_ready(folder)


@dataclass(frozen=True)
class Destination:
    """Where the user wants subtitles; made by `choose_destination`.

    Attributes:
        folder: of all subtitles; None: beside their films.
        file: the one file of the one film.
        stdout: to standard output instead.
        overwrite: whether files that exist are replaced.
        root: the folder whose tree of folders `folder` mirrors; None: all subtitles lie in `folder` itself.
    """

    folder: Path | None = None
    file: Path | None = None
    stdout: bool = False
    overwrite: bool = False
    root: Path | None = None

    def path(self, film: Path, language: str, format: str) -> Path | None:
        """`movie.mp4`, "de", "srt" -> `movie.de.srt`; None: standard output."""
        if self.stdout:
            return None
        if self.file is not None:
            return self.file
        return self.folder_of(film) / f"{_stem(film)}.{language}.{format}"

    def targets(self, film: Path, language: str, formats: Sequence[str]) -> list[Target]:
        """Where the texts of this film go."""
        return [Target(each, self.path(film, language, each), self.overwrite) for each in formats]

    def folder_of(self, film: Path) -> Path:
        """Where this film's subtitles go, unless to `file` or standard output.

        Raises:
            OutputError: a link in `folder` would lead them out of it.
        """
        if self.folder is None:
            return film.parent
        absolute, root = Path(os.path.abspath(film)), Path(os.path.abspath(self.root or "/"))
        if self.root is None or not absolute.is_relative_to(root):
            return self.folder
        folder = self.folder / absolute.parent.relative_to(root)
        if not folder.resolve().is_relative_to(self.folder.resolve()):
            raise OutputError(folder, f"{str(folder)!r} leads out of {str(self.folder)!r}: remove that link")
        return folder


def make_plan(targets: Sequence[Target]) -> Plan:
    """The targets, parted into what is to be written and what exists already; nothing is touched."""
    skipped = [each.path for each in targets if each.path and _is_taken(each)]
    wanted = [each for each in targets if each.path not in skipped]
    return Plan(tuple(wanted), tuple(skipped))


def choose_destination(
    output: str | None, films: Sequence[Path], formats: Sequence[str], overwrite: bool = False
) -> Destination:
    """What `-o OUTPUT` means: nothing, a folder, a file such as `x.srt`, or "-" for standard output.

    Raises:
        UsageError: one file or standard output for several texts, a file of another format than asked for,
            or two films whose subtitles would have one name.
    """
    one_text = len(films) == 1 and len(formats) == 1
    if output == "-":
        if not one_text:
            raise UsageError("-o - writes one text to standard output: give one film and one format")
        return Destination(stdout=True)
    if output is not None and _names_file(output):
        if not one_text:
            raise UsageError(f"-o {output} is one file: give one film and one format, or name a folder")
        if Path(output).suffix.lower() != f".{formats[0]}":
            raise UsageError(f"-o {output} does not fit the format {formats[0]!r}: change one of them")
        return Destination(file=Path(output), overwrite=overwrite)
    destination = Destination(folder=None if output is None else Path(output), overwrite=overwrite)
    _refuse_collisions(destination, films)
    return destination


def write(target: Target, text: str) -> None:
    """Write a text to its target, as UTF-8 whatever the locale says, as `whole_file` does.

    Raises:
        OutputError: it cannot be written; nothing is left of it.
    """
    data = text.encode()
    if target.path is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    with whole_file(target.path, target.overwrite) as partial:
        partial.write_bytes(data)


@contextmanager
def whole_file(path: Path, overwrite: bool) -> Iterator[Path]:
    """The path of a hidden file beside `path` to write to, which takes its name at the end.

    So a file is there whole, and on the disk, or not at all. Its mode is what the umask gives any new file.

    Raises:
        OutputError: it cannot be written, or a file of that name has come up that must not be overwritten;
            nothing is left of it.
    """
    partial = _partial_name(path.parent)
    try:
        try:
            yield partial
            with partial.open("r+b") as file:
                os.fsync(file.fileno())
            if not overwrite and os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, "it has come up meanwhile, and is left alone")
            os.replace(partial, path)
        finally:
            # After an interrupt too; after success there is nothing of this name.
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise _cannot_write(path, error) from error


def _names_file(output: str) -> bool:
    path = Path(output)
    return path.suffix.lower().removeprefix(".") in FORMATS and not path.is_dir()


def _refuse_collisions(destination: Destination, films: Sequence[Path]) -> None:
    taken: dict[tuple[Path, str], Path] = {}
    for film in films:
        place = (destination.folder_of(film).resolve(), _stem(film))
        other = taken.setdefault(place, film)
        if other is not film:
            raise UsageError(
                f"{str(other)!r} and {str(film)!r} would have subtitles of one name in {place[0]}: "
                "caption them in two runs, with two folders (-o)"
            )


def _stem(film: Path) -> str:
    return STDIN_STEM if film == STDIN else film.stem


def _is_taken(target: Target) -> bool:
    # lexists: a link that leads nowhere is somebody's too.
    return target.path is not None and not target.overwrite and os.path.lexists(target.path)


def _make_ready(folder: Path) -> None:
    """Make the folder, and try it out."""
    probe = _partial_name(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.open("xb").close()
        probe.unlink()
    except OSError as error:
        raise _cannot_write(folder, error) from error


def _partial_name(folder: Path) -> Path:
    # Not made from a film's name, which may be as long as names can be.
    return folder / f".diffsub-{secrets.token_hex(8)}.part"


def _cannot_write(path: Path, error: OSError) -> OutputError:
    return OutputError(path, f"cannot write {str(path)!r}: {error.strerror or error}")
