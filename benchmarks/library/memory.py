"""How much memory a run over many short films takes as it goes on: that of diffsub and of its recogniser.

The recogniser is a scripted one that takes no time, so that a thousand films are done in minutes.
"""

from __future__ import annotations

import argparse
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.support.libraries import command, environment, make_library, subtitles

EVERY_S = 0.5


@dataclass(frozen=True)
class Look:
    """Films done so far, and the memory of all processes then."""

    films: int
    bytes: int


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--films", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)


def main(given: argparse.Namespace, folder: Path) -> None:
    library = make_library(folder / "library", given.films, seed=given.seed)
    begun_s = time.monotonic()
    process = subprocess.Popen(command(library), env=environment())
    looks: list[Look] = []
    while process.poll() is None:
        looks.append(Look(len(subtitles(library)), sum(map(_resident_bytes, _family(process.pid)))))
        time.sleep(EVERY_S)
    print(f"{given.films} films, exit code {process.returncode}, {time.monotonic() - begun_s:.0f} s")
    for share in (0.1, 0.25, 0.5, 0.75, 1.0):
        seen = [look for look in looks if (share - 0.1) * given.films < look.films <= share * given.films]
        if seen:
            most = max(look.bytes for look in seen)
            print(f"up to film {round(share * given.films):5}: at most {most / 1e6:6.1f} MB")


def _family(pid: int) -> list[int]:
    """The process and its children; ffmpeg comes and goes among them."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [each for child in task.read_text().split() for each in _family(int(child))]
        except OSError:  # it has ended meanwhile
            continue
    return found


def _resident_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)
