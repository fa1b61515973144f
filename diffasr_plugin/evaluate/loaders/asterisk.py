"""Asterisk's telephone prompts in English, Spanish and French -> clips.

Real voices (Allison Smith, June Wallack), one a language, CC-BY-SA 3.0. Transcripts and recordings come from
Debian's packages. Which lines are left out or corrected, and why, stands in asterisk_lists/, a line each.
"""

from __future__ import annotations

import csv
import gzip
import shutil
import subprocess
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ..errors import DatasetUnavailable
from ..manifest import Clip
from .debian import unpacked

__all__ = ["VOICES", "Decision", "decisions", "prompts", "transcripts"]

VOICES = {"en": "en_US_f_Allison", "es": "es_MX_f_Allison", "fr": "fr_CA_f_June"}

MIN_WORDS = 4
"""Shorter prompts are bits of sentences: digits, letters, names of days."""


@dataclass(frozen=True)
class Decision:
    """What was decided about one line before anything was recognised.

    Attributes:
        reason: why.
        text: what is said, if only the spelling was mended; None: the line is left out.
    """

    reason: str
    text: str | None


def decisions(language: str) -> dict[str, Decision]:
    """The committed list: key to decision."""
    source = files(__package__ or "") / "asterisk_lists" / f"{language}.tsv"
    lines = [line for line in source.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {
        row["key"]: Decision(row["reason"], row["text"] if row["decision"] == "correct" else None)
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    }


def transcripts(language: str, root: Path) -> dict[str, str]:
    """All lines of the package's own transcript, key to text, sorted by key."""
    path = root / f"usr/share/doc/asterisk-core-sounds-{language}/core-sounds-{language}.txt.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        pairs = [line.split(":", 1) for line in lines if ":" in line and not line.startswith(";")]
    return dict(sorted((key.strip(), text.strip()) for key, text in pairs))


def prompts(language: str, folder: Path, limit: int | None = None) -> list[Clip]:
    """The prompts that are used, in the order of their keys, as WAV files at 16 kHz in `folder`.

    Raises:
        DatasetUnavailable: the packages cannot be had, or there is no ffmpeg to decode G.722 with.
    """
    name = f"asterisk-{language}"
    packages = (f"asterisk-core-sounds-{language}", f"asterisk-core-sounds-{language}-g722")
    root = unpacked(name, packages, folder / "packages")
    decided = decisions(language)
    clips = []
    for key, written in transcripts(language, root).items():
        decision = decided.get(key)
        if len(written.split()) < MIN_WORDS or (decision and decision.text is None):
            continue
        sound = root / "usr/share/asterisk/sounds" / VOICES[language] / f"{key}.g722"
        audio = _decode(name, sound, folder / f"{key.replace('/', '-')}.wav")
        clips.append(Clip(audio, (decision and decision.text) or written, language, VOICES[language]))
        if len(clips) == limit:
            break
    return clips


def _decode(name: str, sound: Path, wav: Path) -> Path:
    if wav.exists():
        return wav
    command = [_ffmpeg(name), "-v", "error", "-y", "-f", "g722", "-i", str(sound)]
    done = subprocess.run(
        [*command, "-ac", "1", "-ar", "16000", "-f", "wav", f"{wav}.partial"], capture_output=True, text=True
    )
    if done.returncode:
        raise DatasetUnavailable(name, f"ffmpeg cannot decode {sound}: {done.stderr.strip()}")
    Path(f"{wav}.partial").rename(wav)
    return wav


def _ffmpeg(name: str) -> str:
    found = shutil.which("ffmpeg")
    if found:
        return found
    from imageio_ffmpeg import get_ffmpeg_exe

    try:
        program: str = get_ffmpeg_exe()
    except RuntimeError as error:
        raise DatasetUnavailable(name, f"no ffmpeg to decode its sounds with: {error}") from error
    return program
