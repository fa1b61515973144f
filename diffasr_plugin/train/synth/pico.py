"""SVOX Pico, the synthesiser of early Android phones: one voice a language, hundreds of times real time.

Calls the library itself (Debian's `libttspico0` with the voices of `libttspico-data`): no process a sentence.
Source: `picoapi.h`, whose functions are called by name.
"""

from __future__ import annotations

import ctypes
from ctypes import byref, c_char_p, c_int16, c_uint32, c_void_p
from ctypes.util import find_library
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from .engine import Manner, Samples, to_rate
from .errors import EngineMissing, SynthesisFailed

__all__ = ["Pico"]

_LINGWARE = {
    "de-DE": ("de-DE_ta.bin", "de-DE_gl0_sg.bin"),
    "en-GB": ("en-GB_ta.bin", "en-GB_kh0_sg.bin"),
    "en-US": ("en-US_ta.bin", "en-US_lh0_sg.bin"),
    "es-ES": ("es-ES_ta.bin", "es-ES_zl0_sg.bin"),
    "fr-FR": ("fr-FR_ta.bin", "fr-FR_nk0_sg.bin"),
}
"""Of each voice, the file with the analysis of text and the one with the sounds."""

_REMEDY = (
    "install Debian's libttspico0 and libttspico-data, or give --engines a folder where they are unpacked"
)
_ARENA = 2_500_000
_STEP_BUSY, _STEP_IDLE = 201, 200
_CHUNK = 1024


class Pico:
    """The library with the voices loaded that were asked for.

    Args:
        folder: where Debian's packages are unpacked; None: they are installed.

    Raises:
        EngineMissing: the library or its voices are not there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._library = ctypes.CDLL(_library(folder))
        self._lingware = (folder or Path("/")) / "usr" / "share" / "pico" / "lang"
        if not self._lingware.is_dir():
            raise EngineMissing("pico", f"there is no {self._lingware}", _REMEDY)
        self._speakers: dict[str, _Speaker] = {}

    def voices(self, language: str) -> tuple[str, ...]:
        return tuple(voice for voice in _LINGWARE if voice.startswith(f"{language}-"))

    def say(self, text: str, language: str, voice: str, manner: Manner) -> Samples:
        if voice not in self._speakers:
            self._speakers[voice] = _Speaker(self._library, self._lingware, voice)
        # Speech that is said slower and higher, then played at a lower rate, keeps speed and pitch.
        speed = max(20, min(500, round(100 * manner.speed * manner.tract)))
        pitch = max(50, min(200, round(100 * manner.pitch * manner.tract)))
        marked = f'<speed level="{speed}"><pitch level="{pitch}">{escape(text)}</pitch></speed>'
        samples = self._speakers[voice].say(marked)
        if not len(samples):
            raise SynthesisFailed("pico", text, "no sound came")
        return to_rate(samples, 16_000 / manner.tract)


class _Speaker:
    """One voice, in memory of its own."""

    def __init__(self, library: ctypes.CDLL, lingware: Path, voice: str) -> None:
        self._library = library
        self._arena = ctypes.create_string_buffer(_ARENA)
        self._system, self._engine = c_void_p(), c_void_p()
        self._call("pico_initialize", self._arena, c_uint32(_ARENA), byref(self._system))
        self._call("pico_createVoiceDefinition", self._system, b"voice")
        for file in _LINGWARE[voice]:
            resource, name = c_void_p(), ctypes.create_string_buffer(64)
            path = str(lingware / file).encode()
            self._call("pico_loadResource", self._system, c_char_p(path), byref(resource))
            self._call("pico_getResourceName", self._system, resource, name)
            self._call("pico_addResourceToVoiceDefinition", self._system, b"voice", name)
        self._call("pico_newEngine", self._system, b"voice", byref(self._engine))

    def say(self, marked: str) -> Samples:
        rest = marked.encode() + b"\0"
        chunks: list[bytes] = []
        while rest:
            taken = c_int16()
            self._call("pico_putTextUtf8", self._engine, rest, c_int16(len(rest)), byref(taken))
            rest = rest[taken.value :]
            chunks += self._sound()
        samples = np.frombuffer(b"".join(chunks), np.int16)
        return (samples / np.float32(32768)).astype(np.float32)

    def _sound(self) -> list[bytes]:
        """What is ready to be heard."""
        chunks = []
        buffer = ctypes.create_string_buffer(_CHUNK)
        while True:
            size, kind = c_int16(), c_int16()
            status = self._library.pico_getData(
                self._engine, buffer, c_int16(_CHUNK), byref(size), byref(kind)
            )
            chunks.append(buffer.raw[: size.value])
            if status == _STEP_IDLE:
                return chunks
            if status != _STEP_BUSY:
                raise SynthesisFailed("pico", "", f"status {status}")

    def _call(self, name: str, *arguments: object) -> None:
        status = getattr(self._library, name)(*arguments)
        if status != 0:
            raise EngineMissing("pico", f"{name} gave status {status}", _REMEDY)


def _library(folder: Path | None) -> str:
    if folder is not None and (found := sorted(folder.glob("usr/lib/*/libttspico.so.0"))):
        return str(found[0])
    name = find_library("ttspico")
    if name is None:
        raise EngineMissing("pico", "there is no libttspico.so.0", _REMEDY)
    return name
