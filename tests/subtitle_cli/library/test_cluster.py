"""A Ray cluster of two nodes on this machine: the same subtitles, even if a worker is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile

from subtitle_cli.demo import find_conversation
from tests.support.libraries import environment, heard, subtitles

pytest.importorskip("ray", reason='Ray is not installed: pip install "diffsub[ray]"')

WORDS = ("-r", "--lang", "en", "--no-diarize", "--backend", "scripted", "-q")
RATE = 16_000


@pytest.fixture(scope="module")
def cluster():
    """Variables that lead to a cluster of two nodes, a core each."""
    from ray.cluster_utils import Cluster

    # Its processes see what this one sees at the start.
    before = dict(os.environ)
    os.environ.update(environment(RAY_AUTH_MODE="disabled"))
    node = {"num_cpus": 1, "num_gpus": 0, "object_store_memory": 100_000_000}
    cluster = Cluster(initialize_head=True, head_node_args={**node, "include_dashboard": False})
    try:
        cluster.add_node(**node)
        yield {"RAY_ADDRESS": cluster.address, "RAY_AUTH_MODE": "disabled"}
    finally:
        cluster.shutdown()
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture
def make_films(tmp_path):
    """Three parts of a real conversation, in a folder."""
    samples, rate = soundfile.read(find_conversation(), dtype="float32")
    assert rate == RATE

    def make(name):
        folder = tmp_path / name
        folder.mkdir()
        for number, (start_s, end_s) in enumerate([(6, 14), (12, 24), (18, 30)]):
            soundfile.write(folder / f"{number}.wav", samples[start_s * RATE : end_s * RATE], RATE)
        return folder

    return make


def start(library: Path, *words: str, **variables: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "subtitle_cli", str(library), *WORDS, *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment(**variables))


def finish(process: subprocess.Popen) -> None:
    _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err


def test_a_cluster_writes_what_one_machine_writes_even_if_a_worker_is_killed(cluster, make_films, tmp_path):
    local, remote, wounded = (make_films(name) for name in ("local", "remote", "wounded"))
    finish(start(local))
    finish(start(remote, "--executor", "ray", **cluster))
    assert len(subtitles(local)) == 3
    assert subtitles(remote) == subtitles(local)

    log = tmp_path / "log"
    slow = ["--set", f"log={log}", "--set", "delay_s=1.5"]
    process = start(wounded, "--executor", "ray", *slow, **cluster)
    while not heard(log):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.1)
    os.kill(int(log.read_text().split()[0]), signal.SIGKILL)
    finish(process)
    assert subtitles(wounded) == subtitles(local)
