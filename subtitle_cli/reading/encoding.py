"""The bytes of a subtitle file -> its text, and the name of the encoding.

It knows nothing of subtitles but that they are text.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from ..errors import SubtitlesUnreadable, UsageError
from ..rules import primary_language

__all__ = ["decode_text"]

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16: its mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_LEGACY = {
    **dict.fromkeys("ca da de en es fi fr is it nb nl no pt sv".split(), "cp1252"),
    **dict.fromkeys("bs cs hr hu pl ro sk sl".split(), "cp1250"),
    **dict.fromkeys("be bg mk ru sr uk".split(), "cp1251"),
    "ar": "cp1256",
    "el": "cp1253",
    "he": "cp1255",
    "ja": "cp932",
    "ko": "cp949",
    "tr": "cp1254",
    "zh": "gb18030",
}
"""What programs of a language wrote before UTF-8. A short file gives too little to guess from."""


def decode_text(path: Path, data: bytes, language: str | None, encoding: str | None) -> tuple[str, str]:
    """(the text with the line ends that it has, the encoding's name).

    Args:
        language: BCP-47, of the text; it tells legacy encodings apart. None: unknown.
        encoding: what the user says it is; None: find out.

    Raises:
        UsageError: there is no such encoding.
        SubtitlesUnreadable: the bytes are no text in it, or in any.
    """
    if encoding is not None:
        return _as_asked(path, data, encoding)
    return _by_mark(path, data) or _by_trial(path, data, language)


def _as_asked(path: Path, data: bytes, encoding: str) -> tuple[str, str]:
    try:
        text = data.decode(encoding)
    except LookupError as error:
        raise UsageError(f"no encoding is called {encoding!r}; try utf-8, cp1252 or gb18030") from error
    except UnicodeDecodeError as error:
        raise _undecodable(path, encoding, error) from error
    return text.removeprefix("\ufeff"), encoding


def _by_mark(path: Path, data: bytes) -> tuple[str, str] | None:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise _undecodable(path, encoding, error) from error
    return None


def _by_trial(path: Path, data: bytes, language: str | None) -> tuple[str, str]:
    if _is_damaged_utf8(data):
        return data.decode("utf-8", "replace"), "utf-8"
    for encoding in _candidates(data, language):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    guess = None if b"\0" in data else _guess(data)
    if guess is None:
        raise SubtitlesUnreadable(
            path, f"{str(path)!r} is no text, so it is no subtitle file; a film goes behind --video"
        )
    return guess


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether most of what is not ASCII is UTF-8, but not all: text of an old encoding hardly ever is any."""
    text = data.decode("utf-8", "replace")
    lost = text.count("\ufffd") - data.count("\ufffd".encode())
    whole = sum(not character.isascii() for character in text) - lost
    return 0 < 3 * lost <= whole


def _candidates(data: bytes, language: str | None) -> list[str]:
    if b"\0" in data:
        # UTF-16 without its mark: numbers and line ends have their zeros all on one side.
        return ["utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"]
    legacy = _LEGACY.get(primary_language(language))
    return ["utf-8", legacy] if legacy else ["utf-8"]


def _guess(data: bytes) -> tuple[str, str] | None:
    # MIT licence. Imported here, as hardly any file needs it.
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return None if best is None else (str(best), best.encoding)


def _undecodable(path: Path, encoding: str, error: UnicodeDecodeError) -> SubtitlesUnreadable:
    return SubtitlesUnreadable(
        path,
        f"{str(path)!r} is not in the encoding {encoding} (byte {error.start} does not fit): "
        "name the right one with --encoding, or save it as UTF-8",
    )
