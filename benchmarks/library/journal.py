"""How long each operation of the journal takes, with many films in it; the median and the 99th percentile."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from subtitle_cli.library.database import Database
from subtitle_cli.library.fingerprint import Stamp
from subtitle_cli.library.journal import DONE, Entry, Journal, Result
from subtitle_cli.library.leases import this_process

PIECES = 16
"""Results that one batch keeps, and that are looked up at once."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--films", type=int, default=100_000)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)


def main(given: argparse.Namespace, folder: Path) -> None:
    chance = random.Random(given.seed)
    journal = Journal(Database(folder / "journal.sqlite"), this_process())
    job = journal.job("key", "benchmark")
    places = [Path(f"season {n // 24}", f"episode {n % 24}.mkv") for n in range(given.films)]
    begun_s = time.monotonic()
    journal.expect(job, places)
    print(f"{given.films} films expected in {time.monotonic() - begun_s:.1f} s, in one transaction")
    some = chance.sample(places, given.samples)
    stamp, audio = Stamp(1, 2), chance.randbytes(16)
    keys = [[chance.randbytes(16) for _ in range(PIECES)] for _ in some]
    data = chance.randbytes(600)
    by_place = dict(zip(some, keys, strict=True))
    operations: dict[str, Callable[[Path], object]] = {
        "claim": lambda place: journal.claim(job, place, stamp),
        "identify": lambda place: journal.identify(job, place, chance.randbytes(16)),
        f"keep {PIECES}": lambda place: journal.keep([Result(key, audio, data) for key in by_place[place]]),
        f"look up {PIECES}": lambda place: journal.look_up(by_place[place]),
        "settle": lambda place: journal.settle(job, Entry(place, DONE, cues=3, files=("a.srt",)), stamp),
    }
    for name, operation in operations.items():
        _report(name, [_milliseconds(operation, place) for place in some])
    for place in some[:100]:
        journal.claim(job, place, Stamp(3, 4))
    _report("beat, 100 films taken", [_milliseconds(lambda _: journal.beat(), place) for place in some[:50]])
    _report("counts", [_milliseconds(lambda _: journal.counts(job), place) for place in some[:50]])


def _milliseconds(operation: Callable[[Path], object], place: Path) -> float:
    begun_s = time.perf_counter()
    operation(place)
    return (time.perf_counter() - begun_s) * 1000


def _report(name: str, times_ms: list[float]) -> None:
    median, late = np.percentile(times_ms, [50, 99])
    print(f"{name:<22} median {median:6.2f} ms   99 % within {late:6.2f} ms")
