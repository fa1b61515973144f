"""Films whose sound is known by construction: beeps at chosen seconds, over a moving picture."""

import subprocess
from pathlib import Path

import numpy as np

from subtitle_cli.media import choose_stream, decode, find_ffmpeg, probe

RATE = 16000
BEEP_S = 0.05
QUIET = ("-hide_banner", "-nostdin", "-loglevel", "error", "-y")


def render(path: Path, *arguments: str) -> Path:
    """Run ffmpeg with these arguments and the path as its output."""
    command = [find_ffmpeg(), *QUIET, *arguments, f"file:{path}"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return path


def picture(seconds: float, rate: str = "25") -> list[str]:
    return ["-f", "lavfi", "-i", f"testsrc2=size=64x48:rate={rate}:duration={seconds}"]


VARYING_RATE = ["-vf", "select=not(mod(n\\,3))+lt(mod(n\\,60)\\,30)", "-fps_mode", "vfr"]
"""Leaves out pictures: of each second second two of three."""


def tone(formula: str, seconds: float, sample_rate: int = 48000) -> list[str]:
    """Sound of a formula of t for each channel, with | between them."""
    return ["-f", "lavfi", "-i", f"aevalsrc='{formula}':s={sample_rate}:d={seconds}"]


def beeps(*at_s: float, seconds: float, level: float = 0.5, sample_rate: int = 48000) -> list[str]:
    """Silence with a beep of 50 ms at each of these seconds."""
    return tone(beep_formula(*at_s, level=level), seconds, sample_rate)


def beep_formula(*at_s: float, level: float = 0.5) -> str:
    inside = "+".join(f"between(t,{at},{at + BEEP_S})" for at in at_s) or "0"
    return f"{level}*({inside})*sin(2*PI*1000*t)"


def film(path: Path, *at_s: float, seconds: float = 4.0, codec: str = "flac") -> Path:
    """A picture with beeps."""
    return render(path, *picture(seconds), *beeps(*at_s, seconds=seconds), "-c:v", "mpeg4", "-c:a", codec)


def hear(path: Path, folder: Path) -> np.ndarray:
    """All samples of the stream that is chosen by default."""
    known = probe(path)
    return decode(known, choose_stream(known), folder)


def onsets(samples: np.ndarray, threshold: float = 0.1) -> list[float]:
    """Seconds at which something begins after at least 0.2 s of silence."""
    loud = np.flatnonzero(np.abs(samples) > threshold)
    if not len(loud):
        return []
    first = np.concatenate([[True], np.diff(loud) > 0.2 * RATE])
    return [float(at) / RATE for at in loud[first]]
