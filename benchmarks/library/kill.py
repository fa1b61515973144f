"""Kills diffsub with kill -9 at random moments over a library of short films, and looks at what is left.

After each kill: every subtitle file that is there is byte-equal to an undisturbed run's, and no recogniser's
process outlives its parent. At the end: all are there, and no more was recognised twice than the batches that
were under way when it was killed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from subtitle_cli.transcribe import BATCH_SIZE
from tests.support.libraries import caption, command, environment, heard, make_library, subtitles

DELAY_S = 0.03
"""Each piece takes so long, so that there is something to kill."""

GRACE_S = 10.0
"""Processes without a parent may take so long to see it."""


@dataclass
class Findings:
    """What a campaign found.

    Attributes:
        kills: how often a process was killed while it worked.
        rounds: how often the library was done from the start.
        wrong: what should never be, in words.
        recognised: pieces that were begun to be recognised; `repeated`: those that were so before.
        longest_s: how long an undisturbed run takes: the latest moment to kill.
    """

    kills: int = 0
    rounds: int = 0
    repeated: int = 0
    recognised: int = 0
    longest_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--films", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)


def main(given: argparse.Namespace, folder: Path) -> None:
    findings = campaign(folder, given.films, given.moments, given.seed)
    print(
        f"{findings.kills} kills over {given.films} films in {findings.rounds} rounds, seed {given.seed}: "
        f"{findings.recognised} pieces begun, {findings.repeated} of them again "
        f"(a batch for each kill would be {findings.kills * BATCH_SIZE}); {len(findings.wrong)} things wrong"
    )
    for what in findings.wrong:
        print(f"  {what}")


def campaign(folder: Path, films: int, moments: int, seed: int) -> Findings:
    """Kill until `moments` kills hit a process at work; each time a library is done, begin it anew."""
    chance = random.Random(seed)
    library = make_library(folder / "undisturbed", films, seed=seed)
    begun_s = time.monotonic()
    assert caption(library, "--set", f"delay_s={DELAY_S}").returncode == 0
    findings = Findings(longest_s=time.monotonic() - begun_s)
    expected = subtitles(library)
    while findings.kills < moments:
        findings.rounds += 1
        disturbed = make_library(folder / f"round {findings.rounds}", films, seed=seed)
        _one_round(disturbed, expected, chance, moments, findings)
        shutil.rmtree(disturbed)
    return findings


def _one_round(
    library: Path, expected: dict[str, bytes], chance: random.Random, moments: int, findings: Findings
) -> None:
    log = library / "heard.log"
    words = ("--set", f"log={log}", "--set", f"delay_s={DELAY_S}")
    kills_before = findings.kills
    while findings.kills < moments and _is_killed(library, words, chance.uniform(0.5, findings.longest_s)):
        findings.kills += 1
        _look(library, expected, findings)
        _wait_for_orphans(log, findings)
    last = caption(library, *words)
    if last.returncode != 0:
        findings.wrong.append(f"the last run ended with {last.returncode}: {last.stderr}")
    if subtitles(library) != expected:
        findings.wrong.append("the library is not as in an undisturbed run")
    sums = heard(log)
    repeated = len(sums) - len(set(sums))
    findings.recognised += len(sums)
    findings.repeated += repeated
    if repeated > BATCH_SIZE * (findings.kills - kills_before):
        findings.wrong.append(f"{repeated} pieces were recognised twice")


def _is_killed(library: Path, words: tuple[str, ...], after_s: float) -> bool:
    """Whether a run was killed; false: it came to its end before that."""
    process = subprocess.Popen(
        command(library, *words), env=environment(), stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.wait(after_s)
        return False
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True


def _look(library: Path, expected: dict[str, bytes], findings: Findings) -> None:
    for place, text in subtitles(library).items():
        if expected.get(place) != text:
            findings.wrong.append(f"kill {findings.kills}: {place} is not as it should be")


def _wait_for_orphans(log: Path, findings: Findings) -> None:
    """A recogniser's process must end soon after its parent was killed."""
    pids = {int(line.split()[0]) for line in log.read_text().splitlines()} if log.exists() else set()
    deadline_s = time.monotonic() + GRACE_S
    while orphans := [pid for pid in pids if Path(f"/proc/{pid}").exists()]:
        if time.monotonic() > deadline_s:
            findings.wrong.append(f"kill {findings.kills}: processes {orphans} outlive it")
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.05)
