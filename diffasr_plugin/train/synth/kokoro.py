"""Kokoro-82M, a neural synthesiser of natural voices; mixed two and two they make as many more.

Phonemes come from espeak-ng, those of Mandarin from misaki or from a file made with it. German has no voice
of its own: others read it, with an accent.
"""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .engine import Manner, Samples, to_rate
from .errors import EngineMissing, SynthesisFailed
from .espeak import Espeak
from .kokoro_network import Network, OnGpu, OnProcessor

__all__ = ["MANDARIN", "MODEL", "SYMBOLS", "VOICES", "Kokoro", "mandarin_phonemes", "write_mandarin"]

MODEL, VOICES, SYMBOLS, MANDARIN = "model.onnx", "voices.npz", "symbols.json", "mandarin.json.xz"
"""Files of its folder; the last one, sentences with their phonemes, stands in for misaki."""

_RATE = 24_000
_MOST_SYMBOLS = 400
_REMEDY = "give --engines a folder made with: diffasr synth kit FOLDER --neural"

_DIALECTS = {"en": "en-us", "de": "de", "fr": "fr", "es": "es", "hi": "hi"}
_SPEAKERS = {"en": "ab", "de": "ab", "fr": "f", "es": "e", "hi": "h", "zh": "z"}
"""First letters of the names of the voices that read a language."""

_GUESTS = "abefip"
"""First letters of voices that are mixed with those of any language: by themselves they would have an accent,
but French has one voice, and Spanish three."""

_MIXED = "+"
"""Between the names of two voices: their mean."""

_ONE_SYMBOL = {
    "aɪ": "I",
    "aʊ": "W",
    "dʒ": "ʤ",
    "eɪ": "A",
    "oʊ": "O",
    "əʊ": "Q",
    "tʃ": "ʧ",
    "ɔɪ": "Y",
    "ts": "ʦ",
}
"""Pairs of sounds that the model has one symbol for."""

_MARKS = re.compile(r"\s*([,.?!:;¿¡।—]+)\s*")


class Kokoro:
    """The model.

    Args:
        folder: holds a folder `kokoro`, and maybe espeak-ng unpacked.

    Raises:
        EngineMissing: a file or espeak-ng is not there, or neither a GPU nor onnxruntime.
    """

    def __init__(self, folder: Path | None = None) -> None:
        own = (folder or Path()) / "kokoro"
        for name in (MODEL, VOICES, SYMBOLS):
            if not (own / name).is_file():
                raise EngineMissing("kokoro", f"there is no {own / name}", _REMEDY)
        self._network = _network(own / MODEL)
        with np.load(own / VOICES) as voices:
            self._voices = {name: voices[name].astype(np.float32) for name in voices.files}
        self._symbols: Mapping[str, int] = json.loads((own / SYMBOLS).read_text(encoding="utf-8"))
        self._espeak = Espeak(folder)
        self._mandarin = _read_mandarin(own / MANDARIN)

    def voices(self, language: str) -> tuple[str, ...]:
        """Those of the language, each two of them mixed, and each mixed with its guests."""
        letters = _SPEAKERS.get(language, "")
        if language == "zh" and not (self._mandarin or find_spec("misaki")):
            return ()
        single = sorted(name for name in self._voices if name[0] in letters)
        guests = sorted(name for name in self._voices if name[0] in _GUESTS and name not in single)
        mixed = (
            f"{one}{_MIXED}{other}" for n, one in enumerate(single) for other in (*single[n + 1 :], *guests)
        )
        return (*single, *mixed)

    def say(self, text: str, language: str, voice: str, manner: Manner) -> Samples:
        phonemes = self._phonemes(text, language)
        ids = [self._symbols[symbol] for symbol in phonemes if symbol in self._symbols]
        if not 0 < len(ids) <= _MOST_SYMBOLS:
            raise SynthesisFailed("kokoro", text, f"{len(ids)} phonemes; it takes 1 to {_MOST_SYMBOLS}")
        # The voice has a manner for each length. Pitch follows from the tract: it has no other.
        speed = min(max(manner.speed * manner.tract, 0.5), 2.0)
        tokens, rate = np.array([[0, *ids, 0]], np.int64), np.array([speed], np.float32)
        samples = self._network.run(tokens, self._style(voice, len(ids)), rate)
        return to_rate(samples, _RATE / manner.tract)

    def _style(self, voice: str, length: int) -> NDArray[np.float32]:
        parts = [self._voices[name] for name in voice.split(_MIXED)]
        rows = [part[min(length, len(part)) - 1] for part in parts]
        style: NDArray[np.float32] = np.mean(rows, axis=0, dtype=np.float32).reshape(1, -1)
        return style

    def _phonemes(self, text: str, language: str) -> str:
        if language == "zh":
            return self._mandarin.get(text) or mandarin_phonemes(text)
        spoken = [
            piece if _MARKS.fullmatch(piece) else self._espeak.phonemes(piece, _DIALECTS[language])
            for piece in _MARKS.split(text)
            if piece
        ]
        joined = "".join(f"{piece} " if _MARKS.fullmatch(piece) else piece for piece in spoken)
        for pair, symbol in _ONE_SYMBOL.items():
            joined = joined.replace(pair, symbol)
        return joined.replace("।", ".").strip()


def _network(file: Path) -> Network:
    import torch  # wanted here only

    if torch.cuda.is_available():
        return OnGpu(file)
    if find_spec("onnxruntime") is None:
        raise EngineMissing("kokoro", "onnxruntime is not installed", "pip install onnxruntime")
    return OnProcessor(file)


def mandarin_phonemes(text: str) -> str:
    """The phonemes of a Mandarin sentence.

    Raises:
        EngineMissing: misaki is not installed.
    """
    if find_spec("misaki") is None:
        raise EngineMissing("kokoro", "Mandarin needs misaki", 'pip install "misaki[zh]"')
    from misaki import zh  # type: ignore[import-not-found]  # wanted for Mandarin only

    if "reader" not in _readers:
        _readers["reader"] = zh.ZHG2P()
    return str(_readers["reader"](text)[0])


_readers: dict[str, Any] = {}
"""misaki's reader of Mandarin, once it is loaded: that takes a second."""


def write_mandarin(file: Path, phonemes: Mapping[str, str]) -> None:
    """Write sentences with their phonemes, for machines without misaki."""
    text = json.dumps(dict(phonemes), ensure_ascii=False, separators=(",", ":"))
    file.write_bytes(lzma.compress(text.encode()))


def _read_mandarin(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    phonemes: dict[str, str] = json.loads(lzma.decompress(file.read_bytes()))
    return phonemes
