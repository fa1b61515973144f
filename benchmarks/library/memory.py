"""How much memory a run over many films takes: the peak after the first of them, and after all.

The films are short and the recogniser takes no time, so that what grows, grows by films.
"""

from __future__ import annotations

import argparse
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.support.libraries import command, environment, make_library, subtitles

STATUS_EVERY_S = 0.05


@dataclass
class Findings:
    """The most memory that a run held, in MB, and how long it took.

    Attributes:
        early_mb, late_mb: of diffsub itself, after the first films and after all.
        early_worker_mb, late_worker_mb: of its recogniser's process.
        written: films with subtitles.
    """

    early_mb: float = 0.0
    late_mb: float = 0.0
    early_worker_mb: float = 0.0
    late_worker_mb: float = 0.0
    elapsed_s: float = 0.0
    written: int = 0


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--films", type=int, default=1000)
    parser.add_argument("--early", type=int, default=100, help="films after which memory is looked at first")
    parser.add_argument("--seed", type=int, default=0)


def main(given: argparse.Namespace, folder: Path) -> None:
    found = campaign(folder, given.films, given.early, given.seed)
    print(
        f"{found.written} of {given.films} films in {found.elapsed_s:.0f} s, seed {given.seed}; peak memory:"
    )
    print(f"{'':<12} after {given.early} films   after {given.films}")
    for name, early, late in (
        ("diffsub", found.early_mb, found.late_mb),
        ("recogniser", found.early_worker_mb, found.late_worker_mb),
    ):
        print(f"{name:<12} {early:10.1f} MB   {late:10.1f} MB")


def campaign(folder: Path, films: int, early: int, seed: int) -> Findings:
    """Caption so many films in one run, and watch its memory."""
    library, log = make_library(folder / "library", films, seconds=4.0, seed=seed), folder / "log.json"
    found = Findings()
    begun_s = time.monotonic()
    process = subprocess.Popen(command(library, "--json-log", str(log)), env=environment())
    try:
        while process.poll() is None:
            own, worker = _peak_mb(process.pid), max(map(_peak_mb, _recognisers(process.pid)), default=0.0)
            found.late_mb = max(found.late_mb, own)
            found.late_worker_mb = max(found.late_worker_mb, worker)
            if log.exists() and log.read_text().count('"event": "settled"') <= early:
                found.early_mb, found.early_worker_mb = found.late_mb, found.late_worker_mb
            time.sleep(STATUS_EVERY_S)
    finally:
        process.kill()
        process.wait()
    found.elapsed_s = time.monotonic() - begun_s
    found.written = len(subtitles(library))
    return found


def _peak_mb(process: int) -> float:
    """The most that a process ever held; 0 of one that is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def _recognisers(process: int) -> list[int]:
    """Its children that recognise; for a moment, one that is to be ffmpeg looks like the process itself."""
    found = []
    for thread in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = thread.read_text().split()
            found += [
                int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
            ]
        except OSError:
            continue  # it has ended
    return found
