"""The commands `diffasr synth …` as a user types them."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from diffasr_plugin.cli_synth import synth
from diffasr_plugin.evaluate.manifest import read_manifest
from diffasr_plugin.train.synth import run
from diffasr_plugin.train.synth.errors import EngineMissing, NoTexts
from diffasr_plugin.train.synth.espeak import Espeak
from diffasr_plugin.train.synth.held_out import held_out
from diffasr_plugin.train.synth.texts import write_texts

SENTENCES = [f"This is the sentence with the number {n}." for n in range(12)]


@pytest.fixture
def typed():
    def run_(*words: object):
        return CliRunner().invoke(synth, [str(word) for word in words])

    return run_


def test_texts_are_found(typed, tmp_path):
    folder = tmp_path / "pages" / "en"
    folder.mkdir(parents=True)
    (folder / "a.html").write_text('<p class="paragraph">You can move the text to the left.</p>')
    done = typed("texts", tmp_path / "pages", "--lang", "en", "--out", tmp_path / "en.txt")
    assert done.exit_code == 0
    assert done.output.startswith("1 sentences")
    assert isinstance(
        typed("texts", tmp_path / "pages", "--lang", "zh", "--out", tmp_path / "zh.txt").exception, NoTexts
    )


def test_speech_is_made_and_goes_on(typed, tmp_path):
    try:
        Espeak()
    except EngineMissing as error:
        pytest.skip(str(error))
    write_texts(tmp_path / "en.txt.xz", SENTENCES)
    words = (
        "speak",
        tmp_path / "out",
        "--text",
        "en",
        tmp_path / "en.txt.xz",
        "--clips",
        3,
        "--processes",
        1,
    )
    done = typed(*words, "--engine", "espeak-ng")
    assert done.exit_code == 0, done.output
    clips = read_manifest(tmp_path / "out" / "manifest.jsonl")
    assert len(clips) == 3
    assert not any(held_out().has_text(clip.text) for clip in clips)
    written = (tmp_path / "out" / "espeak-ng-en-00000.wav").stat().st_mtime_ns
    assert typed(*words, "--engine", "espeak-ng").exit_code == 0
    assert (tmp_path / "out" / "espeak-ng-en-00000.wav").stat().st_mtime_ns == written


def test_an_engine_that_was_asked_for_must_be_there(typed, tmp_path, monkeypatch):
    def absent(_: object) -> None:
        raise EngineMissing("pico", "it is away", "fetch it")

    monkeypatch.setitem(run.ENGINES, "pico", absent)
    write_texts(tmp_path / "en.txt", SENTENCES)
    done = typed("speak", tmp_path / "out", "--text", "en", tmp_path / "en.txt", "--engine", "pico")
    assert isinstance(done.exception, EngineMissing)
    assert not (tmp_path / "out").exists()
    assert "fetch it" in typed("voices").output
