"""A sentence -> speech by espeak-ng, and where each of its words begins: the synthesiser knows."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char, c_int, c_short, c_uint, c_void_p

from diffasr_plugin.train.synth.engine import Manner, Samples
from diffasr_plugin.train.synth.espeak import Espeak

__all__ = ["TimedEspeak"]

_LIST_END, _WORD = 0, 1


class _Event(ctypes.Structure):
    """espeak_EVENT of espeak-ng's speak_lib.h; the last field is a union of eight bytes."""

    _fields_ = (
        ("type", c_int),
        ("unique_identifier", c_uint),
        ("text_position", c_int),
        ("length", c_int),
        ("audio_ms", c_int),
        ("sample", c_int),
        ("user_data", c_void_p),
        ("id", c_char * 8),
    )


_OnSound = ctypes.CFUNCTYPE(c_int, POINTER(c_short), c_int, POINTER(_Event))


class TimedEspeak(Espeak):
    """espeak-ng that listens to itself. There is one in a process."""

    def __init__(self) -> None:
        super().__init__()
        self._words: list[tuple[int, float]] = []
        self._on_both = _OnSound(self._take_both)
        self._library.espeak_SetSynthCallback(self._on_both)

    def say_words(self, text: str, language: str) -> tuple[Samples, list[tuple[str, float]]]:
        """Speech, float32 mono at 16 kHz, and its words with the seconds at which they begin."""
        self._words = []
        samples = self.say(text, language, self.voices(language)[0], Manner())
        begins: dict[int, float] = {}
        for at, start_s in self._words:  # "5:30" is several words to it
            begins.setdefault(text.rfind(" ", 0, at) + 1, start_s)
        return samples, [(text[begin:].split()[0], start_s) for begin, start_s in begins.items()]

    def _take_both(self, samples: object, count: int, events: object) -> int:
        self._take(samples, count, None)
        number = 0
        while (event := events[number]).type != _LIST_END:  # type: ignore[index]
            if event.type == _WORD:
                self._words.append((event.text_position - 1, event.audio_ms / 1000))
            number += 1
        return 0  # go on
