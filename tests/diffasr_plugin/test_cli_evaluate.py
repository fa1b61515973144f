"""The commands, with the fake recogniser and recordings made here."""

import json
import subprocess
import sys

import click
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from diffasr_plugin import asr
from diffasr_plugin.asr import InvalidOption, ModelUnavailable, UnknownModel, build_registry
from diffasr_plugin.cli_evaluate import bench, evaluate, sweep
from diffasr_plugin.evaluate import rivals
from tests.support.fake_models import make_plugin, make_point, make_spec

GROUP = click.Group("diffasr", commands=[evaluate, sweep, bench])


@pytest.fixture
def run(monkeypatch, tmp_path):
    point = make_point("fake", make_plugin(make_spec()))
    monkeypatch.setattr(asr, "build_registry", lambda: build_registry(points=[point]))
    monkeypatch.chdir(tmp_path)

    def invoke(*words):
        return CliRunner().invoke(GROUP, words, catch_exceptions=False)

    return invoke


@pytest.fixture
def manifest(tmp_path):
    lines = []
    for name, halves, text in (("a", 2, "one two"), ("b", 3, "one two four")):
        soundfile.write(tmp_path / f"{name}.wav", np.full(halves * 8000, 0.5), 16_000)
        lines.append(json.dumps({"audio": f"{name}.wav", "text": text, "language": "de"}))
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join(lines))
    return str(path)


def test_evaluate(run, manifest, tmp_path):
    done = run(
        *("evaluate", "--model", "counting", manifest, "--set", "steps=4", "--batch", "2"),
        *("--json", "out.json", "--html", "out.html"),
    )
    assert done.exit_code == 0
    assert "model: counting" in done.stdout
    assert "options: steps=4, batch=2" in done.stdout
    assert "20.0 (0.0–33.3)" in done.stdout
    assert "Whisper-large-v3" not in done.stdout
    assert done.stderr.splitlines()[-2:] == ["written: out.json", "written: out.html"]
    assert json.loads((tmp_path / "out.json").read_text())["measurements"][0]["set"] == "mine"
    assert "b.wav" in (tmp_path / "out.html").read_text()


def test_evaluate_a_part(run, manifest):
    done = run("evaluate", "--model", "counting", manifest, "--limit", "1", "--published")
    assert " 0.0 " in done.stdout
    assert "not measured" in done.stdout


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--model", "countin"], UnknownModel),
        (["--model", "counting", "--set", "stepz=4"], InvalidOption),
        (["--model", "counting", "--set", "steps"], InvalidOption),
    ],
)
def test_errors_are_the_projects_own(run, manifest, words, error):
    with pytest.raises(error):
        run("evaluate", manifest, *words)


def test_an_output_folder_that_is_not_there(run, manifest):
    done = run("evaluate", "--model", "counting", manifest, "--html", "no/where.html")
    assert done.exit_code == 2
    assert "there is no folder" in done.stderr


def test_sweep(run, manifest, tmp_path):
    done = run(
        *("sweep", "--model", "counting", manifest, "--over", "steps=1,2"),
        *("--json", "out.json", "--html", "out.html"),
    )
    assert done.exit_code == 0
    assert [line.split()[:2] for line in done.stdout.splitlines()[-2:]] == [["1", "mine"], ["2", "mine"]]
    assert len(json.loads((tmp_path / "out.json").read_text())["points"]) == 2
    assert "<svg" in (tmp_path / "out.html").read_text()


def test_bench(run, manifest, tmp_path, monkeypatch):
    def missing(*_):
        raise ModelUnavailable("rival", "not installed")

    monkeypatch.setattr(rivals, "open_faster_whisper", missing)
    monkeypatch.setattr(rivals, "open_transformers", missing)
    words = ("bench", "--prompts", manifest, "--film", manifest, "--count", "1")
    done = run(*words, "--model", "counting:steps=2", "--model", "counting", "--html", "out.html")
    assert done.exit_code == 0
    assert done.stdout.count("counting:steps=2  ") == 3
    assert done.stdout.count("not installed") == 7
    assert "<table>" in (tmp_path / "out.html").read_text()


def test_bench_of_all_that_can_run_here(run, manifest):
    done = run("bench", "--prompts", manifest, "--film", manifest, "--no-rivals", "--json", "out.json")
    names = {line.split()[0] for line in done.stdout.splitlines()[3:]}
    assert names == {"counting"}


@pytest.mark.parametrize("command", ["evaluate", "sweep", "bench"])
def test_help_imports_nothing_heavy(command):
    program = (
        "import sys\n"
        f"from diffasr_plugin.cli_evaluate import {command} as command\n"
        "command.main(['--help'], standalone_mode=False)\n"
        "heavy = {'torch', 'transformers', 'scipy', 'soundfile', 'jinja2', 'jiwer', 'numpy'}\n"
        "print('HEAVY', sorted(set(sys.modules) & heavy))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []", done.stdout + done.stderr
