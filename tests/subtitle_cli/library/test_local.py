"""The recogniser in a process of its own: what it says and raises comes through, and its end is survived."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from diffasr_plugin.asr import (
    ContractViolation,
    LanguageDetector,
    OutOfMemory,
    TranscribeOptions,
    Utterance,
    build_registry,
    recognise,
)
from subtitle_cli.library.errors import RecogniserDied, RecogniserFailed
from subtitle_cli.library.executor import Setup
from subtitle_cli.library.local import LocalExecutor, _environments
from subtitle_cli.recogniser import Recognisers, Wish


@pytest.fixture
def executor(scripted):
    executor = LocalExecutor(Setup(device="cpu", stall_s=20.0))
    yield executor
    executor.close()


@pytest.fixture
def load(executor):
    """A stand-in for the scripted recogniser with these options."""

    def load(**options):
        wish = Wish("scripted", options)
        several = Recognisers(build_registry(), wish, lambda choice: None, load=executor.load)
        return several.get("en").model

    return load


def say(*seconds):
    return [Utterance(np.full(int(s * 16_000), 0.1, np.float32), "en") for s in seconds]


def test_a_stand_in_says_what_the_recogniser_says(load):
    model = load()
    assert model.status.model == "scripted"
    assert not isinstance(model, LanguageDetector)
    first, second = recognise(model, say(1.0, 2.0), TranscribeOptions())
    assert (first.text, second.text) == ("one two", "one two three four")


def test_a_bug_in_the_recogniser_is_told_with_its_kind(load):
    with pytest.raises(RecogniserFailed, match="a bug in the plugin") as told:
        recognise(load(fault="raise"), say(1.0), TranscribeOptions())
    assert told.value.kind == "ValueError"


def test_running_out_of_memory_stays_what_it_is(load):
    with pytest.raises(OutOfMemory) as told:
        recognise(load(fault="memory"), say(1.0, 1.0, 1.0), TranscribeOptions())
    assert told.value.batch_size == 3


def test_a_broken_contract_is_found_here(load):
    with pytest.raises(ContractViolation, match="gave 1 transcripts for 2"):
        recognise(load(fault="too few"), say(1.0, 1.0), TranscribeOptions())


def test_a_process_that_dies_is_replaced(load):
    model = load(fault="die<1.5")
    with pytest.raises(RecogniserDied, match="exit code 7"):
        recognise(model, say(1.0), TranscribeOptions())
    assert recognise(model, say(2.0), TranscribeOptions())[0].text == "one two three four"


def test_a_process_that_never_answers_is_killed_and_replaced(scripted, tmp_path):
    executor = LocalExecutor(Setup(device="cpu", stall_s=8.0))
    try:
        options = {"fault": "hang<1.5", "log": str(tmp_path / "log")}
        several = Recognisers(
            build_registry(), Wish("scripted", options), lambda choice: None, load=executor.load
        )
        model = several.get("en").model
        with pytest.raises(RecogniserDied, match="gave no sign of life for 8 s"):
            recognise(model, say(1.0), TranscribeOptions())
        hung = int((tmp_path / "log").read_text().split()[0])
        assert not os.path.exists(f"/proc/{hung}") or hung == os.getpid()
        assert recognise(model, say(2.0), TranscribeOptions())[0].text == "one two three four"
    finally:
        executor.close()


def test_closing_ends_calls_under_way(executor, load):
    model = load(delay_s=30.0)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(recognise, model, say(1.0), TranscribeOptions())
        time.sleep(0.5)
        executor.close()
        with pytest.raises(RecogniserDied):
            call.result(20)
    with pytest.raises(RecogniserDied):
        recognise(model, say(1.0), TranscribeOptions())


def test_what_a_model_prints_is_no_result(load, capfd):
    recognise(load(), say(1.0), TranscribeOptions())
    assert capfd.readouterr().out == ""


def test_processes_share_the_cores(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    alone, two = _environments(Setup(device="cpu")), _environments(Setup(device="cpu", workers=2))
    assert (alone, two) == ([{}], [{"OMP_NUM_THREADS": "4"}] * 2)


def test_each_gpu_has_a_process_of_its_own(monkeypatch):
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    seen = [each["CUDA_VISIBLE_DEVICES"] for each in _environments(Setup(workers=3))]
    assert seen == ["5", "7", "5"]
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert _environments(Setup()) == [{"CUDA_VISIBLE_DEVICES": "0"}, {"CUDA_VISIBLE_DEVICES": "1"}]
    # Whoever names a device has chosen.
    assert _environments(Setup(device="cuda:1")) == [{}]
