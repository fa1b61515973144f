"""A path -> `SubtitleFile`: what is in a subtitle file, and in which language it says it is.

How each format is read is the business of `parse`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import SubtitlesUnreadable
from ..media import language_tag
from ..types import Cue
from .encoding import decode_text
from .flaws import Flaw, find_lost_characters
from .parse import PARSERS, READABLE, find_format

__all__ = ["SubtitleFile", "read_subtitles"]

_OTHER_PARTS = frozenset({"avi", "sdh", "srt", "sub"})
"""Parts of file names that are codes of languages too, of which there are no films."""

_TOO_LONG_BYTES = 64_000_000
"""No subtitles of a film are so long; a film is, and would take minutes to be refused as text."""


@dataclass(frozen=True)
class SubtitleFile:
    """What is in a subtitle file.

    Attributes:
        format: name out of `READABLE`; by the content, not by the file's name.
        encoding: as Python calls it.
        language: BCP-47, by the file's name or by what it says inside; None: it does not say.
        line_end: that of its first line.
        text: all of it, with LF line ends.
        cues: in the order of the file, without styling.
        flaws: what could not be read.
    """

    path: Path
    format: str
    encoding: str
    line_end: str
    language: str | None
    text: str
    cues: tuple[Cue, ...]
    flaws: tuple[Flaw, ...] = ()

    @property
    def resolution_ms(self) -> int:
        """The shortest time that the format can tell apart."""
        return 10 if self.format == "ass" else 1


def read_subtitles(
    path: Path | str, language: str | None = None, encoding: str | None = None
) -> SubtitleFile:
    """Read a subtitle file.

    Args:
        language: BCP-47 language of the text, if the user says so; it helps with old encodings.
        encoding: its encoding, if the user says so.

    Raises:
        SubtitlesUnreadable: there is no such file, or it is no subtitle file.
        UsageError: there is no such encoding.
    """
    path = Path(path)
    language = language or _language_of_name(path)
    raw, used = decode_text(path, _bytes_of(path), language, encoding)
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    line_end = "\r\n" if raw.partition("\n")[0].endswith("\r") else "\n"
    format = find_format(path, text)
    if format is None:
        raise SubtitlesUnreadable(
            path, f"{str(path)!r} is no subtitle file of a known kind; known are {', '.join(READABLE)}"
        )
    parsed = PARSERS[format](path, text)
    return SubtitleFile(
        path,
        format,
        used,
        line_end,
        language or parsed.language,
        text,
        tuple(parsed.cues),
        (*parsed.flaws, *find_lost_characters(text)),
    )


def _language_of_name(path: Path) -> str | None:
    """`movie.de.srt` and `movie.pt-BR.sdh.srt` -> "de", "pt-BR"; None where no part names a language."""
    import langcodes

    parts = [part for part in path.name.split(".")[1:-1] if part.lower() not in _OTHER_PARTS]
    tags = [language_tag(part) for part in parts if len(part) <= 10 and langcodes.tag_is_valid(part)]
    named = [tag for tag in tags if tag is not None]
    # "movie.en.hi.srt" is English for the hearing-impaired; "movie.hi.srt" is Hindi.
    if len(named) > 1 and named[-1] == "hi":
        named.pop()
    return named[-1] if named else None


def _bytes_of(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise SubtitlesUnreadable(path, f"{str(path)!r} is a folder: name a subtitle file in it")
        if path.stat().st_size > _TOO_LONG_BYTES:
            raise SubtitlesUnreadable(
                path, f"{str(path)!r} is too long for a subtitle file; if it is the film: --video takes it"
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SubtitlesUnreadable(path, f"there is no file {str(path)!r}") from error
    except OSError as error:
        raise SubtitlesUnreadable(path, f"{str(path)!r} cannot be read: {error.strerror}") from error
