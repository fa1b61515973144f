"""A text file -> the names that a film uses, and how they are spelled.

    # Comments and empty lines are skipped.
    Kubernetes                      a term a line, as it is to be written
    Whisper-base
    cooper netties => Kubernetes    what is heard => what is to be written, exactly

Knows no words of a film: what is near enough to a term to be one is judged in `glossary`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import regex

from ..errors import GlossaryError
from .marks import key

__all__ = ["Glossary", "read_glossary"]

_ARROW = "=>"
_LETTER = regex.compile(r"[\p{L}\p{N}]")
_MAX_BYTES = 5_000_000
"""More is no list of names but the wrong file."""


@dataclass(frozen=True)
class Glossary:
    """How names are spelled.

    Attributes:
        terms: as they are to be written.
        replacements: (what is heard, what is to be written), for what no ear would take for one another.
    """

    terms: tuple[str, ...] = ()
    replacements: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms or self.replacements)


def read_glossary(path: Path) -> Glossary:
    """The glossary in a UTF-8 text file, laid out as above.

    Raises:
        GlossaryError: it cannot be read, a line says nothing, or two lines contradict each other; the
            message names the line.
    """
    terms: dict[str, None] = {}
    replacements: dict[str, tuple[str, str]] = {}
    for number, line in enumerate(_text(path).splitlines(), start=1):
        line = " ".join(line.split())
        if not line or line.startswith("#"):
            continue
        heard, arrow, written = (part.strip() for part in line.partition(_ARROW))
        for part in (heard, written) if arrow else (heard,):
            if not _LETTER.search(part):
                raise GlossaryError(path, f"{path}, line {number}: {line!r} lacks a word to write or to hear")
        if not arrow:
            terms[heard] = None
            continue
        known = replacements.setdefault(key(heard), (heard, written))
        if known[1] != written:
            raise GlossaryError(
                path, f"{path}, line {number}: {heard!r} is to be {known[1]!r} already, not {written!r} too"
            )
    return Glossary(tuple(terms), tuple(replacements.values()))


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise GlossaryError(path, f"the glossary {path} has {size} bytes: is it a list of names?")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise GlossaryError(path, f"the glossary {path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise GlossaryError(
            path, f"the glossary {path} is no UTF-8 text (byte {error.start}): save it as UTF-8"
        ) from error
