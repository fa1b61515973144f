"""`diffasr train` and `diffasr plot` as typed: a tiny recogniser learns, goes on, and is loaded and used."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from diffasr_plugin.asr import load_model
from diffasr_plugin.cli import cli
from diffasr_plugin.config import load_config
from diffasr_plugin.train.log import read_log
from tests.support.tiny_recogniser import IDS, make_tiny_files

RECIPE = """
precision = "no"
gradient_checkpointing = true
log_every = 2

[gemma]
manifests = ["clips.jsonl"]
base = "{base}"
encoder = "{encoder}"
clips = 2
rank = 4
projector_width = 20
prompt_ids = {{ begin = {begin}, audio = {audio}, end = {end} }}
eos = [1]

[noise.conditioning]
chance = 0.5

[[stages]]
name = "unlock"
steps = 6
learning_rate = 0.02
warmup_steps = 1
train = ["projector"]
losses = {{ diffusion = 0.0, ctc = 1.0 }}

[[stages]]
name = "all"
steps = 14
learning_rate = 0.02
warmup_steps = 1
losses = {{ diffusion = 1.0, autoregressive = 1.0, ctc = 0.5 }}
"""


def write_tone(path: Path, hertz: float) -> None:
    times = np.arange(16_000) / 16_000
    samples = (np.sin(2 * np.pi * hertz * times) * 12_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples.tobytes())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A recipe, two clips that can be told apart, and the frozen models."""
    folder = tmp_path_factory.mktemp("training")
    files = make_tiny_files(folder, canvas_length=24)
    ids = dict(begin=IDS.begin, audio=IDS.audio, end=IDS.end)
    (folder / "tiny.toml").write_text(RECIPE.format(base=files.base, encoder=files.encoder, **ids))
    lines = []
    for name, text, hertz in (("low", "a b c", 200), ("high", "x y z w", 2000)):
        write_tone(folder / f"{name}.wav", hertz)
        lines.append(json.dumps({"audio": f"{name}.wav", "text": text, "language": "en"}) + "\n")
    (folder / "clips.jsonl").write_text("".join(lines))
    return folder


def call(*words):
    return CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture(scope="module")
def run(folder):
    result = call("train", folder / "tiny.toml", "--out", folder / "run", "--device", "cpu")
    assert result.exit_code == 0, result.output
    assert result.stdout.strip() == str(folder / "run" / "adapter")
    return folder / "run"


def test_every_loss_falls(run):
    entries = read_log(run)
    assert [entry.stage for entry in entries] == ["unlock"] * 3 + ["all"] * 7
    assert set(entries[0].losses) == {"ctc", "total"}
    first, last = entries[3].losses, entries[-1].losses
    assert set(last) == {"diffusion", "autoregressive", "ctc", "total"}
    assert entries[2].losses["ctc"] < entries[0].losses["ctc"]
    for name in ("diffusion", "autoregressive", "total"):
        assert last[name] < 0.9 * first[name], name


def test_what_was_trained_is_loaded_strictly_and_used(run, folder):
    assert load_config(run / "adapter").unknowns.assumed() == ()
    samples = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    with load_model("diffusion-gemma", checkpoint=str(run / "adapter"), device="cpu") as model:
        transcript = model.transcribe(samples, language="en", steps=2)
    assert transcript.steps == 2


def test_the_same_command_again_finds_nothing_left_to_do(run, folder):
    before = (run / "log.jsonl").read_text()
    result = call("train", folder / "tiny.toml", "--out", run, "--device", "cpu")
    assert result.stderr.splitlines()[-1] == "20 steps, done"
    assert (run / "log.jsonl").read_text() == before


def test_a_time_limit_ends_it_with_a_checkpoint_to_go_on_from(folder):
    words = ("train", folder / "tiny.toml", "--out", folder / "short", "--device", "cpu")
    result = call(*words, "--max-minutes", "0.0001")
    assert "stopped: the same command goes on" in result.stderr
    assert (folder / "short" / "adapter" / "diffasr.json").is_file()


def test_curves_are_drawn(run):
    result = call("plot", run)
    assert result.stdout.split() == [str(run / "curves.png"), str(run / "curves.html")]
    assert (run / "curves.png").read_bytes().startswith(b"\x89PNG")
    page = (run / "curves.html").read_text()
    assert "data:image/png;base64," in page
    assert f"{read_log(run)[-1].losses['ctc']:.4g}" in page


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("train", "{}/none.toml"), "cannot be read as TOML"),
        (("train", "{}/tiny.toml", "--device", "tpu"), "'tpu' is not auto, cpu or cuda"),
        (("plot", "{}"), "holds no log of a training"),
    ],
)
def test_what_is_wrong_is_one_line(folder, words, told, monkeypatch, capsys):
    from diffasr_plugin.cli import main

    monkeypatch.setattr("sys.argv", ["diffasr", *(word.format(folder) for word in words)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (1, 2)
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
