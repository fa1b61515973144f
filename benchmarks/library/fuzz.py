"""A library of broken media files, and what diffsub makes of it.

What is looked for afterwards: the run ended in time and without a traceback; each file is done, or failed
with an error that has a name and a reason; what failed has no subtitles; nothing temporary and no process is
left; no playlist led to another file or to a server; a film that is whole is done.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from benchmarks.library.damage import break_films, make_material
from diffasr_plugin.asr import DiffasrError
from subtitle_cli.library.command import journal_of
from subtitle_cli.library.database import Database
from subtitle_cli.library.journal import DONE, FAILED, Entry, Journal
from tests.support.libraries import command, environment, make_library, subtitles

PACKETS = 1_000_000
"""In the film of tiny packets."""


@dataclass
class Findings:
    """What a campaign found.

    Attributes:
        causes: how often films failed with each class of error.
        wrong: what should never be, in words.
        temporary_bytes: the most that temporary files took at once.
    """

    files: int
    done: int = 0
    elapsed_s: float = 0.0
    temporary_bytes: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds for all of them")
    parser.add_argument("--packets", type=int, default=PACKETS, help="in the film of tiny ones")


def main(given: argparse.Namespace, folder: Path) -> None:
    findings = campaign(folder, given.files, given.seed, given.timeout, given.packets)
    causes = ", ".join(f"{kind} {count}" for kind, count in findings.causes.most_common())
    print(
        f"{findings.files} broken files, seed {given.seed}: {findings.done} heard all the same, "
        f"failed: {causes}; {findings.elapsed_s:.0f} s, at most {findings.temporary_bytes / 1e6:.0f} MB of "
        f"temporary files; {len(findings.wrong)} things wrong"
    )
    for what in findings.wrong:
        print(f"  {what}")


def campaign(folder: Path, files: int, seed: int, timeout_s: float, packets: int) -> Findings:
    """Break so many films, and caption the folder that they lie in."""
    library = make_library(folder / "library", 1)
    findings = Findings(files)
    with _server() as (address, asked):
        material = make_material(folder / "whole", address, packets)
        broken = list(break_films(library, files, seed, material))
        _caption(library, folder / "temporary", timeout_s, findings)
    findings.wrong += [f"the server was asked for {path}" for path in asked]
    _look_at_films(library, broken, findings)
    return findings


@contextmanager
def _server() -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def _caption(library: Path, temporary: Path, timeout_s: float, findings: Findings) -> None:
    temporary.mkdir()
    begun_s = time.monotonic()
    with (temporary.parent / "stderr").open("w+b") as errors:
        process = subprocess.Popen(
            command(library), env=environment(TMPDIR=str(temporary)), stderr=errors, start_new_session=True
        )
        while process.poll() is None and time.monotonic() - begun_s < timeout_s:
            findings.temporary_bytes = max(findings.temporary_bytes, _held_bytes(temporary))
            time.sleep(0.2)
        findings.elapsed_s = time.monotonic() - begun_s
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    if process.poll() is None:
        findings.wrong.append(f"it did not end in {timeout_s:g} s")
        process.kill()
        process.wait()
    elif process.returncode not in (0, 1):
        findings.wrong.append(f"it ended with {process.returncode}: {said[-2000:]}")
    if "Traceback" in said:
        findings.wrong.append(f"it told a traceback: {said[said.index('Traceback') :][:2000]}")
    _look_at_rest(temporary, findings)


def _look_at_rest(temporary: Path, findings: Findings) -> None:
    time.sleep(0.5)  # what was told to end may take a moment
    findings.wrong += [f"{path} is left" for path in temporary.rglob("*")]
    for pid in _processes(temporary):
        name = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        findings.wrong.append(f"the process {name} is left")
        os.kill(pid, signal.SIGKILL)


def _look_at_films(library: Path, broken: list[Path], findings: Findings) -> None:
    findings.wrong += [f"{path} is left" for path in library.rglob(".diffsub-*.part")]
    known = _entries(library)
    written = {name.removesuffix(".en.srt") for name in subtitles(library)}
    for path in broken:
        entry = known.pop(path.name, Entry(path))
        is_written = path.stem in written
        if entry.state == DONE:
            findings.done += 1
        elif entry.state == FAILED and entry.kind in _named(DiffasrError) and entry.reason:
            findings.causes[entry.kind] += 1
        else:
            findings.wrong.append(f"{path.name} is {entry.state}: {entry.kind}: {entry.reason}")
        if is_written != (entry.state == DONE):
            findings.wrong.append(f"{path.name} is {entry.state}, subtitles of it: {is_written}")
        if "playlist" in path.name and entry.state != FAILED:
            findings.wrong.append(f"{path.name} was followed")
    findings.wrong += [
        f"{name} is whole, but {entry.state}" for name, entry in known.items() if entry.state != DONE
    ]


def _entries(library: Path) -> dict[str, Entry]:
    database = Database(journal_of(library))
    try:
        journal = Journal(database, "")
        return {str(entry.path): entry for job in journal.jobs() for entry in journal.entries(job)}
    finally:
        database.close()


def _named(base: type[Exception]) -> set[str]:
    """The names of a class of errors and of all below it, as far as they were imported."""
    return {base.__name__}.union(*(_named(each) for each in base.__subclasses__()))


def _processes(temporary: Path) -> list[int]:
    """Processes that were started for this campaign's temporary folder."""
    mark = b"TMPDIR=" + os.fsencode(temporary) + b"\0"
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdecimal() and mark in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue  # another's, or gone
    return found


def _held_bytes(temporary: Path) -> int:
    """What files in the folder take on the disk, those without a name too."""
    total = 0
    for pid in _processes(temporary):
        try:
            links = list(Path(f"/proc/{pid}/fd").iterdir())
            places = [link for link in links if os.readlink(link).startswith(str(temporary))]
            total += sum(link.stat().st_blocks * 512 for link in places)
        except OSError:
            continue  # it has ended
    return total
