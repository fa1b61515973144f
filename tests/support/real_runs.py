"""The command as users run it, in a process of its own, with the real recogniser; and how sound is made."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pysubs2

RATE = 16_000


@dataclass(frozen=True)
class Done:
    """What a run left: its exit code, what it told, and the files in the folder."""

    code: int
    told: str
    folder: object

    def cues(self, name):
        return list(pysubs2.load(str(self.folder / name)))

    def json(self, name):
        return json.loads((self.folder / name).read_text(encoding="utf-8"))


WHISPER = ("--backend", "whisper")
"""The recogniser that all real runs ask for: a test must not change with what else is installed."""


def run(folder, *words, **environment):
    """`diffsub WORDS…` in a folder, in a process of its own."""
    command = [sys.executable, "-m", "subtitle_cli", *map(str, words)]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=280, env={**os.environ, **environment}
    )
    return Done(done.returncode, done.stdout + done.stderr, folder)


def silence(seconds):
    return np.zeros(round(seconds * RATE), dtype=np.float32)


def rumble(seconds):
    """Brown noise, like wind or an engine."""
    steps = np.random.default_rng(8).normal(size=round(seconds * RATE))
    walk = np.cumsum(steps)
    walk -= np.convolve(walk, np.ones(800) / 800, "same")
    return (0.02 * walk / np.abs(walk).std()).astype(np.float32)


def music(seconds):
    """Plucked chords, a new one each second."""
    time = np.arange(round(seconds * RATE)) / RATE
    chords = ((220, 277, 330), (196, 247, 294), (175, 220, 262), (165, 208, 247))
    sound = np.zeros_like(time)
    for start in range(int(seconds) + 1):
        now = (time >= start) & (time < start + 1)
        for pitch in chords[start % 4]:
            for overtone in (1, 2, 3):
                decay = np.exp(-1.5 * (time[now] - start)) / overtone
                sound[now] += np.sin(2 * np.pi * pitch * overtone * time[now]) * decay
    return (0.08 * sound).astype(np.float32)
