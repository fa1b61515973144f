"""espeak-ng, a synthesiser by rule: every language, robotic, in as many voices as it has variants.

Calls the library itself: an unpacked one, else that of the package `espeakng-loader`, else the system's. Its
MBROLA voices are never used: their licences forbid commercial use, also of what is made with them.
Source: `speak_lib.h`, whose functions and constants are called by name.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_int, c_short, c_void_p
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from .engine import Manner, Samples, to_rate
from .errors import EngineMissing, SynthesisFailed

__all__ = ["DATA", "LIBRARY", "Espeak"]

LIBRARY, DATA = "libespeak-ng.so", "espeak-ng-data"
"""In a folder `espeak-ng`, and in the package."""

_DIALECTS = {
    "en": ("en-us", "en", "en-gb-x-rp", "en-gb-scotland"),
    "de": ("de",),
    "fr": ("fr", "fr-be"),
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

_SYNCHRONOUS, _DONT_EXIT = 2, 0x8000
_RATE, _PITCH = 1, 3
_UTF8, _CHARACTER, _IPA = 1, 1, 2

_OnSound = ctypes.CFUNCTYPE(c_int, POINTER(c_short), c_int, c_void_p)


class Espeak:
    """The library. There is one in a process, whatever the number of these.

    Args:
        folder: holds a folder `espeak-ng` with the library and its data; None: they are installed.

    Raises:
        EngineMissing: it is not there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        path, data = _find(folder)
        try:
            self._library = ctypes.CDLL(path)
        except OSError as error:
            raise EngineMissing("espeak-ng", str(error), _REMEDY) from error
        self._library.espeak_TextToPhonemes.restype = c_char_p
        place = None if data is None else str(data).encode()
        self._rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, place, _DONT_EXIT)
        if self._rate <= 0:
            raise EngineMissing("espeak-ng", f"{path} finds no data", _REMEDY)
        self._chunks: list[bytes] = []
        # Kept here: the library does not hold on to it.
        self._on_sound = _OnSound(self._take)
        self._library.espeak_SetSynthCallback(self._on_sound)

    def voices(self, language: str) -> tuple[str, ...]:
        dialects = _DIALECTS.get(language, ())
        return tuple(
            f"{dialect}+{variant}" if variant else dialect for dialect in dialects for variant in _VARIANTS
        )

    def say(self, text: str, language: str, voice: str, manner: Manner) -> Samples:
        speed = max(80, min(400, round(_WORDS_A_MINUTE * manner.speed * manner.tract)))
        pitch = max(5, min(95, round(_MIDDLE_PITCH * manner.pitch * manner.tract)))
        self._choose(voice, text)
        self._library.espeak_SetParameter(_RATE, speed, 0)
        self._library.espeak_SetParameter(_PITCH, pitch, 0)
        self._chunks = []
        data = text.encode() + b"\0"
        status = self._library.espeak_Synth(data, len(data), 0, _CHARACTER, 0, _UTF8, None, None)
        samples = np.frombuffer(b"".join(self._chunks), np.int16)
        if status != 0 or not len(samples):
            raise SynthesisFailed("espeak-ng", text, f"status {status}, {len(samples)} samples")
        return to_rate((samples / np.float32(32768)).astype(np.float32), self._rate / manner.tract)

    def phonemes(self, text: str, voice: str) -> str:
        """How it says a text, in the phonetic alphabet, without marks."""
        self._choose(voice, text)
        left = c_char_p(text.encode())
        clauses = []
        while left.value:
            clauses.append(self._library.espeak_TextToPhonemes(ctypes.byref(left), _UTF8, _IPA).decode())
        return " ".join(" ".join(clauses).split())

    def _choose(self, voice: str, text: str) -> None:
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SynthesisFailed("espeak-ng", text, f"there is no voice {voice}")

    def _take(self, samples: object, count: int, _: object) -> int:
        if samples and count > 0:
            self._chunks.append(ctypes.string_at(samples, 2 * count))  # type: ignore[arg-type]
        return 0  # go on


_REMEDY = "pip install espeakng-loader, or give --engines a folder made with: diffasr synth kit FOLDER"


def _find(folder: Path | None) -> tuple[str, Path | None]:
    """The library, and the folder of its data; None: where it looks by itself."""
    places = [] if folder is None else [folder.absolute() / "espeak-ng"]
    spec = find_spec("espeakng_loader")
    if spec is not None and spec.submodule_search_locations:
        places.append(Path(spec.submodule_search_locations[0]))
    for place in places:
        if (place / LIBRARY).is_file():
            return str(place / LIBRARY), place / DATA
    name = find_library("espeak-ng")
    if name is None:
        raise EngineMissing("espeak-ng", "there is no library of that name", _REMEDY)
    return name, None
