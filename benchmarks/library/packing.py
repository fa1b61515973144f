"""Forty films of 1 to 3 minutes of real speech: as a library, against one after the other in one process.

The films are made of English telephone prompts; speech is looked for, speakers are not told apart.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
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
    one_s = _timed([*plain, "-o", str(folder / "one"), *films])
    log = folder / "log.json"
    library = [str(folder / "films"), "-r", "-o", str(folder / "many"), "--json-log", str(log)]
    many_s = _timed([*plain, *library])
    again_s = _timed([*plain, *library, "-f", "vtt"])
    events = [json.loads(line) for line in log.read_text().splitlines()]
    batches = [event["speech_s"] for event in events if event["event"] == "recognised"]
    same = sum(
        (folder / "many" / file.name).read_bytes() == file.read_bytes() for file in (folder / "one").iterdir()
    )
    print(f"{given.films} films, {audio_s / 60:.0f} min of sound")
    print(f"one after the other  {one_s:6.1f} s  {audio_s / one_s:6.1f}× real time")
    print(
        f"as a library         {many_s:6.1f} s  {audio_s / many_s:6.1f}× real time  ({one_s / many_s:.2f}×)"
    )
    print(f"a second format      {again_s:6.1f} s")
    print(
        f"{len(batches)} batches, {np.mean(batches):.0f} s of speech in each; {same} subtitles are the same"
    )


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


def _timed(words: list[str]) -> float:
    begun_s = time.monotonic()
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
    return time.monotonic() - begun_s
