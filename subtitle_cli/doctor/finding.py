"""One thing that the doctor found out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Finding", "State", "fine", "problem", "warning"]


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """The default run works; something else may not."""
    PROBLEM = "problem"
    """The default run does not work."""


@dataclass(frozen=True)
class Finding:
    """One fact, and for a warning or problem the command that mends it.

    Attributes:
        subject: what it is about: "ffmpeg", "torch", a package's name …
        text: what was found.
        remedy: a command to paste, or a step to take; None if all is well.
    """

    subject: str
    state: State
    text: str
    remedy: str | None = None


def fine(subject: str, text: str, remedy: str | None = None) -> Finding:
    return Finding(subject, State.OK, text, remedy)


def warning(subject: str, text: str, remedy: str | None = None) -> Finding:
    return Finding(subject, State.WARNING, text, remedy)


def problem(subject: str, text: str, remedy: str) -> Finding:
    return Finding(subject, State.PROBLEM, text, remedy)
