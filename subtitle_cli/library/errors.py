"""What can go wrong with a library beyond what can go wrong with a film. The tree:

SubtitleError                (subtitle_cli.errors)
└── LibraryError
    ├── JournalError         the journal cannot be opened, read or written; ends the run
    ├── FilmChanged          a film was changed while it was worked on
    ├── RecogniserFailed     a recogniser raised something, in its own process
    └── RecogniserDied       a recogniser's process is gone, or was killed because it hung
"""

from __future__ import annotations

from ..errors import SubtitleError

__all__ = ["FilmChanged", "JournalError", "LibraryError", "RecogniserDied", "RecogniserFailed"]


class LibraryError(SubtitleError):
    """Base of the errors of libraries."""


class JournalError(LibraryError):
    """The journal cannot be used; `path` is its file."""

    def __init__(self, path: object, message: str) -> None:
        super().__init__(message)
        self.path = path


class FilmChanged(LibraryError):
    """The film at `path` is not the one that was begun with."""

    def __init__(self, path: object) -> None:
        super().__init__(f"{str(path)!r} was changed while it was read")
        self.path = path


class RecogniserFailed(LibraryError):
    """A recogniser raised an error in its process; `kind` is the name of the error's class."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class RecogniserDied(LibraryError):
    """The process of the recogniser `model` ended in the middle of its work."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"the recogniser {model!r} {reason}")
        self.model = model
