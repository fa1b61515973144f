"""The command `diffasr` on tiny models: what it prints, and how it ends."""

import json
import subprocess
import sys
from contextlib import AbstractContextManager

import numpy as np
import pytest
import soundfile

from diffasr_plugin.cli import main
from tests.support.tiny_recogniser import make_tiny_files


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return make_tiny_files(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command; its exit code, stdout and stderr."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["diffasr", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code
        out, err = capsys.readouterr()
        return code or 0, out, err

    return run


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "speech.wav"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 2 * 44_100), 44_100)
    return path


def _settings(files, **more):
    given = {"checkpoint": files.checkpoint, "device": "cpu", "guard": "no", "steps": 2, **more}
    return [word for key, value in given.items() for word in ("--set", f"{key}={value}")]


def test_a_file_is_transcribed(run, files, sound):
    code, out, _ = run("transcribe", sound, "--lang", "en", *_settings(files))
    assert code == 0
    assert out.strip()
    code, out, _ = run("transcribe", sound, "--lang", "en", "--json", *_settings(files))
    transcript = json.loads(out)
    assert transcript["language"] == "en"
    assert transcript["words"][0]["start_s"] >= 0


def test_steps_are_traced(run, files, sound):
    code, out, _ = run("trace", sound, "--lang", "en", *_settings(files))
    trace = json.loads(out)
    assert code == 0
    assert [step["step"] for step in trace["rows"][0]["steps"]] == [1, 2]


def test_a_recogniser_without_steps_is_refused(run, sound, monkeypatch):
    class Stepless(AbstractContextManager):
        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr("diffasr_plugin.cli._load", lambda name, settings: (Stepless(), {}))
    code, _, err = run("trace", sound, "--model", "whisper")
    assert code == 2
    assert "no steps" in err


def test_a_foreign_checkpoint_is_inspected_and_converted(run, files, tmp_path):
    models = ("--base", files.base, "--encoder", files.encoder)
    code, out, _ = run("inspect", files.foreign, *models, "--memory")
    assert code == 0
    assert "LoRA of rank 4" in out
    assert "quantize=int4" in out
    code, out, err = run("convert", files.foreign, tmp_path / "out", *models, "--set", "alpha_ratio=1")
    assert code == 0
    assert out.strip() == str(tmp_path / "out")
    assert "assumed, since the checkpoint does not say: prompt, activation" in err
    code, out, _ = run("inspect", tmp_path / "out")
    assert code == 0
    assert "1.0 (alpha 4), given" in out


def test_clips_measure_what_is_not_said(run, files, tmp_path, sound):
    (tmp_path / "clips.tsv").write_text(f"{sound.name}\tab c\ten\n")
    answers = {"activation": "gelu", "activation_after": "conv", "blank": 0, "alpha_ratio": 1, "fill": "eos"}
    given = [word for key, value in answers.items() for word in ("--set", f"{key}={value}")]
    code, _, err = run(
        *("convert", files.checkpoint, tmp_path / "out", *given),
        *("--clips", tmp_path / "clips.tsv", "--device", "cpu"),
    )
    assert code == 0
    assert err.count("canvas loss") == 4
    assert "prompt, measured" not in err
    _, out, _ = run("inspect", tmp_path / "out")
    assert "measured" in out


def test_a_checkpoint_that_does_not_fit_is_shown_and_fails(run, files, monkeypatch):
    monkeypatch.setenv("DIFFASR_OFFLINE", "1")
    code, out, err = run("inspect", files.foreign, "--memory")
    assert code == 1
    assert "DOES NOT FIT" in out
    assert "GiB" not in out
    assert "the published sizes are assumed" in err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["inspect", "lost.pt"], 1, "diffasr: lost.pt: no such file or folder"),
        (
            ["convert", "lost.pt", "out", "--set", "colour=red"],
            2,
            "diffasr: option 'colour': no such setting",
        ),
        (["convert", "lost.pt", "out", "--set", "alpha"], 2, "write it as KEY=VALUE"),
        (["transcribe", "lost.wav"], 1, "there is no file lost.wav"),
        (["fly"], 2, "No such command"),
    ],
)
def test_errors_are_one_line_and_an_exit_code(run, words, code, message):
    ended, out, err = run(*words)
    assert ended == code
    assert message in err
    assert out == ""
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--model", "whispr"], "no recogniser is called 'whispr'; did you mean whisper?"),
        (["--set", "step=3"], "has no such option; did you mean steps"),
    ],
)
def test_an_unknown_model_or_option_is_told(run, sound, words, message):
    assert message in run("transcribe", sound, *words)[2]


def test_stopping_it_is_no_error(run, sound, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("diffasr_plugin.cli._load", interrupt)
    code, _, err = run("transcribe", sound)
    assert (code, err.strip()) == (130, "stopped")


def test_help_is_instant():
    code = (
        "import sys; sys.argv = ['diffasr', '--help']\n"
        "from diffasr_plugin.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted({'torch', 'transformers', 'peft', 'soundfile'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    for command in ("transcribe", "inspect", "convert", "trace", "evaluate"):
        assert f"\n  {command}" in done.stdout
