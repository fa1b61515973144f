"""espeak-ng, a synthesiser by rule: every language, robotic, in as many voices as it has variants.

Runs the program, installed or unpacked. Its MBROLA voices are never used: their licences forbid commercial
use, also of what is made with them.
"""

from __future__ import annotations

import io
import subprocess
import wave
from pathlib import Path

import numpy as np

from .engine import Manner, Samples, find_program, library_path, to_rate
from .errors import EngineMissing, SynthesisFailed

__all__ = ["Espeak"]

_DIALECTS = {
    "en": ("en-us", "en-gb", "en-gb-x-rp", "en-gb-scotland"),
    "de": ("de",),
    "fr": ("fr-fr", "fr-be"),
    "es": ("es", "es-419"),
    "hi": ("hi",),
    "zh": ("cmn",),
}
_VARIANTS = (
    "",
    "m1",
    "m3",
    "m5",
    "m7",
    "f1",
    "f2",
    "f4",
    "f5",
    "klatt2",
    "klatt4",
    "Annie",
    "Michael",
    "steph",
)

_WORDS_A_MINUTE = 165
_MIDDLE_PITCH = 45
"""Of 99."""


class Espeak:
    """The program.

    Args:
        folder: where Debian's packages are unpacked; None: they are installed.

    Raises:
        EngineMissing: it is not there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        program = find_program("espeak-ng", folder)
        if program is None:
            remedy = "install espeak-ng, or give --engines a folder where Debian's packages are unpacked"
            raise EngineMissing("espeak-ng", "there is no program of that name", remedy)
        self._command = [str(program)]
        unpacked = sorted(folder.glob("usr/lib/*/espeak-ng-data")) if folder is not None else []
        if unpacked:
            self._command.append(f"--path={unpacked[0].parent}")
        self._environment = library_path(folder)

    def voices(self, language: str) -> tuple[str, ...]:
        dialects = _DIALECTS.get(language, ())
        return tuple(
            f"{dialect}+{variant}" if variant else dialect for dialect in dialects for variant in _VARIANTS
        )

    def say(self, text: str, language: str, voice: str, manner: Manner) -> Samples:
        speed = max(80, min(400, round(_WORDS_A_MINUTE * manner.speed * manner.tract)))
        pitch = max(5, min(95, round(_MIDDLE_PITCH * manner.pitch * manner.tract)))
        sound = self._run(text, "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout")
        # It writes the length of the longest file, before it knows its own: only the data counts.
        try:
            with wave.open(io.BytesIO(sound)) as file:
                rate = file.getframerate()
        except (wave.Error, EOFError) as error:
            raise SynthesisFailed("espeak-ng", text, f"no sound came ({error})") from error
        samples = np.frombuffer(sound[44 : len(sound) // 2 * 2], np.int16)
        return to_rate((samples / np.float32(32768)).astype(np.float32), rate / manner.tract)

    def phonemes(self, text: str, voice: str) -> str:
        """How it says a text, in the phonetic alphabet, one line."""
        spoken = self._run(text, "-v", voice, "-q", "--ipa", "--stdout").decode("utf-8", errors="ignore")
        return " ".join(spoken.split())

    def _run(self, text: str, *arguments: str) -> bytes:
        try:
            done = subprocess.run(
                [*self._command, *arguments, "--stdin"],
                input=text.encode(),
                capture_output=True,
                check=True,
                timeout=60,
                env=self._environment,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SynthesisFailed("espeak-ng", text, str(error)) from error
        return done.stdout
