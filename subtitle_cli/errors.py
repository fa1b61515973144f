"""What can go wrong with a film, each error with the offending value. The tree:

DiffasrError                 (diffasr_plugin.asr)
└── SubtitleError
    ├── UsageError           the command line asks for something that does not exist; exit code 2
    │   ├── GlossaryError    the file of names cannot be used
    │   └── SpeakerNamesError  the file of speakers' names cannot be used
    ├── MediaError           this film cannot be read
    │   ├── FilmNotFound
    │   ├── NoAudio          it has no (such) audio stream
    │   ├── NoPicture        it has no picture to put subtitles into
    │   └── FfmpegFailed     ffmpeg is missing, crashed, or took too long
    ├── DiarizationError     the diarization model cannot be had
    ├── SubtitlesUnreadable  a file is no subtitle file, or a broken one
    ├── ScoreUnavailable     a score asked for needs a package that is not installed
    ├── WeakEvidence         subtitles and film do not fit clearly enough to move anything
    ├── TranslationError     a translator failed, or broke its contract
    └── OutputError          subtitles cannot be written there
"""

from __future__ import annotations

from diffasr_plugin.asr import DiffasrError

__all__ = [
    "DiarizationError",
    "FfmpegFailed",
    "FilmNotFound",
    "GlossaryError",
    "MediaError",
    "NoAudio",
    "NoPicture",
    "OutputError",
    "ScoreUnavailable",
    "SpeakerNamesError",
    "SubtitleError",
    "SubtitlesUnreadable",
    "TranslationError",
    "UsageError",
    "WeakEvidence",
]


class SubtitleError(DiffasrError):
    """Base of the errors of the subtitle tool."""


class UsageError(SubtitleError):
    """The command line asks for something that does not exist."""


class GlossaryError(UsageError):
    """The file of names at `path` cannot be read, or a line of it says nothing."""

    def __init__(self, path: object, message: str) -> None:
        super().__init__(message)
        self.path = path


class SpeakerNamesError(UsageError):
    """The file of speakers' names at `path` cannot be read, or `value` does not fit its `key`."""

    def __init__(self, path: object, message: str, key: str | None = None, value: object = None) -> None:
        super().__init__(message)
        self.path = path
        self.key = key
        self.value = value


class MediaError(SubtitleError):
    """A film cannot be read; `path` names it."""

    def __init__(self, path: object, message: str) -> None:
        super().__init__(message)
        self.path = path


class FilmNotFound(MediaError):
    """There is no such file."""


class NoAudio(MediaError):
    """The film has no audio stream, or not the one asked for."""


class NoPicture(MediaError):
    """The film has no picture, so subtitles cannot be put into it."""


class FfmpegFailed(MediaError):
    """ffmpeg is missing, crashed, or took too long; the message holds the end of its stderr."""


class DiarizationError(SubtitleError):
    """The diarization model cannot be had; the message says what to do."""


class SubtitlesUnreadable(SubtitleError):
    """The file at `path` is no subtitle file, or a broken one."""

    def __init__(self, path: object, message: str) -> None:
        super().__init__(message)
        self.path = path


class ScoreUnavailable(SubtitleError):
    """A score that was asked for needs a package that is not installed; the message says how to get it."""


class WeakEvidence(SubtitleError):
    """Subtitles and film do not fit clearly enough to move anything; the message says what was found."""


class TranslationError(SubtitleError):
    """A translator failed, does not read the language, or broke its contract; `translator` names it."""

    def __init__(self, translator: str, message: str) -> None:
        super().__init__(f"the translator {translator!r} failed: {message}")
        self.translator = translator


class OutputError(SubtitleError):
    """Subtitles cannot be written to `path`."""

    def __init__(self, path: object, message: str) -> None:
        super().__init__(message)
        self.path = path
