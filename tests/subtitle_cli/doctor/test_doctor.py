"""Each thing that can be broken, broken; and the advice read."""

import json
import shutil
import subprocess
import sys

import pytest

from diffasr_plugin.asr import Readiness, build_registry
from subtitle_cli.doctor import (
    State,
    can_run,
    checks,
    examine,
    machine,
    network,
    packages,
    recognisers,
    to_json,
    to_text,
)
from subtitle_cli.doctor.finding import fine, problem, warning
from tests.support.fake_models import make_plugin, make_point, make_spec


def only(findings, subject):
    (found,) = [finding for finding in findings if finding.subject == subject]
    return found


def test_versions_that_fit_are_fine():
    findings = packages.check_versions()
    assert {finding.state for finding in findings} == {State.OK}
    assert "Python 3." in only(findings, "diffsub").text
    assert only(findings, "torch").text


def test_a_version_that_does_not_fit_is_named_with_the_command(monkeypatch):
    monkeypatch.setattr(
        packages, "requires", lambda name: ["numpy>=99", "no-such-thing>=1", 'x>1; extra == "y"']
    )
    findings = packages.check_versions()
    assert only(findings, "numpy").state is State.WARNING
    assert only(findings, "numpy").remedy == 'pip install "numpy>=99"'
    assert only(findings, "no-such-thing").state is State.PROBLEM
    assert only(findings, "no-such-thing").remedy == 'pip install "no-such-thing>=1"'
    assert len(findings) == 3


def test_ffmpeg_is_found_and_decodes_what_films_have():
    findings = machine.check_ffmpeg()
    assert {finding.state for finding in findings} == {State.OK}
    assert "ffmpeg version" in only(findings, "ffmpeg").text


def test_without_any_ffmpeg_the_advice_is_to_install_one(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    (finding,) = machine.check_ffmpeg()
    assert finding.state is State.PROBLEM
    assert finding.remedy == "pip install imageio-ffmpeg"


def test_an_ffmpeg_without_decoders_is_named(monkeypatch, tmp_path):
    fake = tmp_path / "ffmpeg"
    fake.write_text("#!/bin/sh\necho 'ffmpeg version tiny'\necho ' A....D aac  AAC'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    findings = machine.check_ffmpeg()
    assert findings[-1].state is State.WARNING
    assert "DTS" in findings[-1].text
    assert "AAC" not in findings[-1].text


def test_torch_is_looked_at_in_a_process_of_its_own():
    findings = machine.check_torch()
    assert {finding.state for finding in findings} == {State.OK}
    assert "threads" in only(findings, "CPU").text
    assert only(findings, "GPU").text


@pytest.mark.parametrize(
    "source",
    ["raise OSError('libtorch_cpu.so: no such file')", "import os; os.abort()"],
    ids=["raises", "dies"],
)
def test_a_broken_torch_is_a_problem_and_not_the_end(monkeypatch, tmp_path, source):
    (tmp_path / "torch.py").write_text(source)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (finding,) = machine.check_torch()
    assert finding.state is State.PROBLEM
    assert "cannot be imported" in finding.text
    assert "pip install" in finding.remedy


def test_gpus_are_told_with_their_memory():
    facts = {
        "gpus": [["Big GPU", [2**30, 8 * 2**30]]],
        "memory": 2**34,
        "threads": 4,
        "torchaudio": "repaired",
    }
    findings = machine._torch_findings(facts)
    assert only(findings, "GPU").text == "Big GPU, 1 of 8 GiB free"
    assert "works without" in only(findings, "torchaudio").text


def test_a_cache_that_cannot_be_written_is_a_problem(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("DIFFASR_HOME", str(tmp_path / "file" / "below"))
    (finding,) = machine.check_cache()
    assert finding.state is State.PROBLEM
    assert finding.remedy.startswith("export DIFFASR_HOME=")


def test_little_room_is_a_warning(monkeypatch, tmp_path):
    monkeypatch.setenv("DIFFASR_HOME", str(tmp_path))
    assert machine.check_cache()[0].state is State.OK
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**9, 10**9, 10**6))
    assert machine.check_cache()[0].state is State.WARNING


def test_a_registry_that_does_not_answer_is_a_warning(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.delenv("DIFFASR_OFFLINE", raising=False)
    (finding,) = network.check_registry()
    assert finding.state is State.WARNING
    assert "pip index versions" in finding.remedy


def test_a_hub_that_cannot_be_reached_is_no_problem_but_said(monkeypatch):
    monkeypatch.delenv("DIFFASR_OFFLINE", raising=False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    (finding,) = network.check_hub()
    assert finding.state is State.OK
    assert "cannot be reached" in finding.text


def test_offline_asks_nothing(monkeypatch):
    monkeypatch.setenv("DIFFASR_OFFLINE", "1")
    monkeypatch.setattr(subprocess, "run", None)
    assert "not asked" in network.check_registry()[0].text
    assert network.check_hub() == []


def test_the_gated_model_is_named_with_its_page_and_step(monkeypatch):
    monkeypatch.delenv("DIFFASR_OFFLINE", raising=False)
    monkeypatch.setattr("urllib.request.urlopen", lambda *args, **kwargs: open("/dev/null", "rb"))
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    _, finding = network.check_hub()
    assert "pyannote/speaker-diarization-community-1" in finding.remedy
    assert "hf auth login" in finding.remedy


def use(monkeypatch, *points):
    monkeypatch.setattr(recognisers, "build_registry", lambda: build_registry(points=points))


def test_a_broken_plugin_is_a_warning_with_what_to_do(monkeypatch):
    use(
        monkeypatch,
        make_point("bad", ImportError("gone"), "bad-plugin"),
        make_point("good", make_plugin(make_spec())),
    )
    findings = recognisers.check_plugins()
    assert only(findings, "plugin good").state is State.OK
    broken = only(findings, "plugin bad")
    assert (broken.state, broken.text) == (State.WARNING, "left out: ImportError: gone")
    assert broken.remedy == "pip install --upgrade bad-plugin, or leave it out: --no-plugin bad"


def test_no_recogniser_that_can_run_is_a_problem(monkeypatch):
    lacking = make_spec(probe=lambda: Readiness(False, ("no GPU", "no weights")))
    use(monkeypatch, make_point("some", make_plugin(lacking)))
    findings = recognisers.check_recognisers()
    assert only(findings, "counting").text == "cannot run here: no GPU; no weights"
    assert only(findings, "default").state is State.PROBLEM


def test_model_files_that_are_absent_are_a_problem_only_if_they_cannot_be_fetched(monkeypatch, tmp_path):
    monkeypatch.setenv("DIFFASR_HOME", str(tmp_path))
    monkeypatch.setattr(recognisers, "registry_reachable", lambda: True)
    monkeypatch.delenv("DIFFASR_OFFLINE", raising=False)
    shipped, absent = "pyannote-segmentation-3.0", "campplus-speaker-embedding"
    states = {finding.subject: finding.state for finding in recognisers.check_model_files()}
    assert states == {shipped: State.OK, absent: State.WARNING}
    monkeypatch.setenv("DIFFASR_OFFLINE", "1")
    findings = recognisers.check_model_files()
    assert only(findings, shipped).state is State.OK
    assert only(findings, absent).state is State.PROBLEM
    assert only(findings, absent).remedy.startswith("diffsub models fetch ")


def test_a_check_that_fails_does_not_stop_the_others():
    def check_the_weather():
        raise RuntimeError("it rains")

    findings = examine((check_the_weather, lambda: [fine("sun", "shines")]))
    assert [finding.text for finding in findings] == [
        "could not be checked: RuntimeError: it rains",
        "shines",
    ]
    assert findings[0].subject == "the weather"


def test_only_problems_stop_the_default_run():
    assert can_run([fine("a", "b"), warning("c", "d", "e")])
    assert not can_run([fine("a", "b"), problem("c", "d", "e")])


def test_the_page_shows_remedies_and_the_verdict():
    page = to_text([fine("torch", "2.13"), problem("ffmpeg", "is missing", "pip install imageio-ffmpeg")])
    assert "XX  ffmpeg  is missing" in page
    assert "-> pip install imageio-ffmpeg" in page
    assert page.endswith("diffsub cannot work here yet: mend what is marked XX")


def test_json_holds_everything():
    document = json.loads(to_json([problem("ffmpeg", "is missing", "install it")]))
    assert document == {
        "works": False,
        "findings": [{"subject": "ffmpeg", "state": "problem", "text": "is missing", "remedy": "install it"}],
    }


def test_every_check_is_run():
    modules = (machine, network, packages, recognisers)
    there = {name for module in modules for name in module.__all__ if name.startswith("check_")}
    assert {check.__name__ for check in checks.CHECKS} == there
