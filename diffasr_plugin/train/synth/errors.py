"""Every error that making synthetic speech may cause.

SynthError               speech cannot be made
├── NoTexts              no sentence of a language was found
├── EngineMissing        a synthesiser, or a part of it, is not installed
├── SynthesisFailed      a synthesiser could not say a sentence
├── NotAGraph            a file of a network is not ONNX, or is cut off
└── UnknownOperators     a network has operators that are not known here
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ...asr import DiffasrError

__all__ = ["EngineMissing", "NoTexts", "NotAGraph", "SynthError", "SynthesisFailed", "UnknownOperators"]


class SynthError(DiffasrError):
    """Speech cannot be made."""


class NoTexts(SynthError):
    """No sentence of a language was found."""

    def __init__(self, places: Iterable[Path], language: str) -> None:
        names = ", ".join(map(str, places)) or "nothing"
        super().__init__(
            f"no clean sentence in {language!r} in {names}: unpack Debian's libreoffice-help packages there "
            "(apt-get download, dpkg -x), or give files with a sentence a line"
        )
        self.language = language


class EngineMissing(SynthError):
    """A synthesiser, or a part of it, is not installed; `remedy` says what to do."""

    def __init__(self, engine: str, lack: str, remedy: str) -> None:
        super().__init__(f"the synthesiser {engine} cannot run: {lack}; {remedy}")
        self.engine = engine
        self.remedy = remedy


class SynthesisFailed(SynthError):
    """A synthesiser could not say a sentence."""

    def __init__(self, engine: str, text: str, reason: str) -> None:
        super().__init__(f"{engine} could not say {text!r}: {reason}")
        self.engine = engine
        self.text = text


class NotAGraph(SynthError):
    """A file of a network is not ONNX, or is cut off."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file} cannot be read as an ONNX file: {reason}; fetch it again")
        self.file = file


class UnknownOperators(SynthError):
    """A network has operators that are not known here."""

    def __init__(self, *names: str) -> None:
        super().__init__(
            f"the network has what is not known here: {', '.join(sorted(names))}; take another file"
        )
        self.names = names
