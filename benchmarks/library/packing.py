"""Forty films of 1 to 3 minutes of real speech: as a library, against one after the other in one process.

The films are made of English telephone prompts; speech is looked for, speakers are not told apart.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.speech import SAMPLE_RATE, Prompt, asterisk_prompts, glue, write_wav


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--films", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest", type=float, default=180.0, help="seconds of the longest film")
    parser.add_argument("words", nargs="*", default=[], help="further words for diffsub, after --")


def main(given: argparse.Namespace, folder: Path) -> None:
    audio_s = make_films(folder / "films", given.films, given.longest, given.seed)
    films = sorted(map(str, (folder / "films").iterdir()))
    plain = [sys.executable, "-m", "subtitle_cli", "--lang", "en", "--no-diarize", *given.words]
    one = _timed([*plain, "-o", str(folder / "one"), *films])
    log = folder / "log.json"
    library = [str(folder / "films"), "-r", "-o", str(folder / "many"), "--json-log", str(log)]
    many = _timed([*plain, *library])
    again = _timed([*plain, *library, "-f", "vtt"])
    events = [json.loads(line) for line in log.read_text().splitlines()]
    batches = [event["speech_s"] for event in events if event["event"] == "recognised"]
    same = sum(
        (folder / "many" / file.name).read_bytes() == file.read_bytes() for file in (folder / "one").iterdir()
    )
    print(f"{given.films} films, {audio_s / 60:.0f} min of sound, {os.cpu_count()} cores")
    for name, took in (("one after the other", one), ("as a library", many), ("a second format", again)):
        speed = audio_s / took.wall_s
        print(
            f"{name:<20} {took.wall_s:6.1f} s {speed:7.1f}× real time {took.processor_s:7.1f} s of processor"
        )
    print(
        f"the library is {one.wall_s / many.wall_s:.2f} times as fast; {same} of its subtitles are the same"
    )
    print(f"{len(batches)} batches with {np.mean(batches):.0f} s of speech in each")


@dataclass(frozen=True)
class Took:
    """How long a run took, and how much of all cores together."""

    wall_s: float
    processor_s: float


def make_films(folder: Path, count: int, longest_s: float, seed: int) -> float:
    """Films of prompts drawn by chance; how many seconds they last in all."""
    folder.mkdir(parents=True)
    chance = random.Random(seed)
    prompts = asterisk_prompts(250)
    total = 0
    for number in range(count):
        wanted_s = chance.uniform(min(60.0, longest_s), longest_s)
        drawn: list[Prompt] = []
        while sum(len(prompt.samples) / SAMPLE_RATE + 1 for prompt in drawn) < wanted_s:
            drawn.append(chance.choice(prompts))
        samples, _ = glue(drawn)
        write_wav(folder / f"film{number:02}.wav", samples)
        total += len(samples)
    return total / SAMPLE_RATE


def _timed(words: list[str]) -> Took:
    begun_s, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(time.monotonic() - begun_s, used_s)
