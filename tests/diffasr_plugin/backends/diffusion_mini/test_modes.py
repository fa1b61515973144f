"""Which way is taken, and that each of them keeps the contract, also with an adapter that knows nothing."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import soundfile

from diffasr_plugin.asr import (
    Cancelled,
    ModelUnavailable,
    TranscribeOptions,
    Utterance,
    load_model,
    recognise,
)
from diffasr_plugin.asr.testing import sample_speech
from diffasr_plugin.backends.diffusion_mini.modes import Way, choose_way, read_ways
from diffasr_plugin.backends.diffusion_mini.scripts import is_written_in
from diffasr_plugin.backends.diffusion_mini.spec import DATA, SPEC, WEIGHTS_FILE
from diffasr_plugin.checkpoint.errors import InvalidConfig
from diffasr_plugin.evaluate.audio import resample
from diffasr_plugin.scoring import character_errors

WAYS = {"default": Way("verified"), "hi": Way("diffusion", steps=12)}


def chosen(language: str | None, ways=WAYS, **options) -> Way:
    return choose_way("m", SPEC.check_options(options, "call"), language, ways)


def test_the_file_decides_what_nobody_asked_for():
    assert chosen("en") == chosen(None) == Way("verified")
    assert chosen("hi") == Way("diffusion", steps=12)


def test_options_come_first():
    assert chosen("en", mode="diffusion") == Way("diffusion", steps=8)
    assert chosen("hi", mode="diffusion", steps=3, init="random") == Way("diffusion", steps=3, init="random")
    assert chosen("hi", mode="verified") == Way("verified", steps=0)
    assert chosen("en", steps=2) == Way("verified", steps=2)
    assert chosen("hi", draft="ngram") == Way("verified", draft="ngram")


def test_the_strength_is_the_languages_own_in_any_mode():
    ways = {"default": Way("greedy", strength=0.25), "hi": Way("diffusion")}
    assert chosen("en", ways, mode="diffusion") == Way("diffusion", steps=8, strength=0.25)
    assert chosen("en", ways, mode="verified", steps=2) == Way("verified", steps=2, strength=0.25)
    assert chosen("hi", ways, mode="verified") == Way("verified")


def test_steps_or_a_start_alone_ask_for_the_denoiser():
    ways = {"default": Way("greedy")}
    assert chosen("en", ways, steps=4) == Way("diffusion", steps=4)
    assert chosen("en", ways, init="random") == Way("diffusion", steps=8, init="random")
    assert chosen("en", ways, mode="greedy", steps=4).mode == "greedy"


def test_without_an_adapter_it_is_greedy():
    assert chosen("hi", ways=None).mode == "greedy"
    assert chosen("en", ways=None, draft="ngram") == Way("verified", draft="ngram")


@pytest.mark.parametrize("options", [{"mode": "diffusion"}, {"mode": "verified"}, {"steps": 4}])
def test_what_needs_an_adapter_says_so(options):
    with pytest.raises(ModelUnavailable, match="diffasr train"):
        chosen("en", ways=None, **options)


def test_ways_are_read(tmp_path):
    assert read_ways(tmp_path) == {"default": Way("verified")}
    (tmp_path / "modes.toml").write_text(
        '[ways.default]\nmode = "verified"\n[ways.hi]\nmode = "diffusion"\nsteps = 12\n'
    )
    assert read_ways(tmp_path) == WAYS


@pytest.mark.parametrize(
    "text",
    [
        "[ways",
        '[ways.default]\nmode = "best"\n',
        '[ways.hi]\nmode = "greedy"\n',
        '[ways.default]\nmode = "verified"\nstrength = 1.5\n',
    ],
)
def test_bad_ways_are_refused(tmp_path, text):
    (tmp_path / "modes.toml").write_text(text)
    with pytest.raises(InvalidConfig, match=r"modes\.toml"):
        read_ways(tmp_path)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("", "hi", True),
        ("मेरा iPhone", "hi", True),
        ("巴人的 ha于我", "hi", False),
        ("打 bre ha。过", "hi", False),
        ("我的 iPhone 很好", "zh", True),
        ("मेरा नाम", "zh", False),
        ("Gib mir 我的 Haus", "de", True),
        ("我的名字", "de", False),
        ("Oho", "hi", False),
    ],
)
def test_a_text_in_a_strange_script_is_none(text, language, expected):
    assert is_written_in(text, language) is expected


RATE = 16_000

needs_weights = pytest.mark.skipif(
    not (DATA / WEIGHTS_FILE).is_file(),
    reason="its weights are not built here: python -m diffasr_plugin.mini.build",
)


@pytest.fixture(scope="module")
def model(adapter_folder):
    with load_model("diffusion-mini", adapter=str(adapter_folder)) as model:
        yield model


@pytest.fixture(scope="module")
def utterances():
    speech = sample_speech()
    return [Utterance(speech[a * RATE : b * RATE], "en") for a, b in ((10, 14), (15, 18), (20, 28))]


def texts(model, utterances, **options) -> list[str]:
    asked = TranscribeOptions(model_options=options)
    return [transcript.text for transcript in recognise(model, utterances, asked)]


@needs_weights
@pytest.mark.parametrize("options", [{"steps": 0}, {"steps": 2}, {"steps": 1, "init": "random"}])
def test_a_draft_that_is_nonsense_changes_no_text(model, utterances, options):
    greedy = texts(model, utterances, mode="greedy")
    assert "originally from Chicago" in greedy[1]
    assert texts(model, utterances, mode="verified", **options) == greedy


@needs_weights
@pytest.mark.parametrize("steps", [0, 2])
def test_the_denoiser_writes_by_itself(model, utterances, steps):
    utterances = utterances[:2]
    options = TranscribeOptions(model_options={"mode": "diffusion", "steps": steps}, seed=3)
    found = recognise(model, utterances, options)
    again = recognise(model, utterances[::-1], options)[::-1]
    assert [t.text for t in found] == [t.text for t in again]  # whatever stands beside it
    assert all(t.steps is None or t.steps <= steps for t in found)
    for transcript, utterance in zip(found, utterances, strict=True):
        times = [(word.start_s, word.end_s) for word in transcript.words]
        assert times == sorted(times)
        assert all(0 <= start <= end <= utterance.duration_s for start, end in times)


@needs_weights
def test_silence_has_no_text(model, utterances):
    quiet = Utterance(utterances[0].samples * 1e-5, "en")
    assert texts(model, [quiet], mode="diffusion", steps=1) == [""]


@needs_weights
def test_a_language_is_found_where_none_is_told(model, utterances):
    options = TranscribeOptions(model_options={"mode": "diffusion", "steps": 1})
    (told,) = recognise(model, utterances[1:2], options)
    (found,) = recognise(model, [Utterance(utterances[1].samples)], options)
    assert (found.text, found.language) == (told.text, told.language)


@needs_weights
def test_a_language_that_is_found_late_is_written_in_its_own_way(adapter_folder, tmp_path, utterances):
    shutil.copytree(adapter_folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "modes.toml").write_text(
        '[ways.default]\nmode = "greedy"\n[ways.en]\nmode = "diffusion"\nsteps = 1\n'
    )
    with load_model("diffusion-mini", adapter=str(tmp_path)) as model:
        told, found = (
            recognise(model, [Utterance(utterances[1].samples, language)], TranscribeOptions())[0]
            for language in ("en", None)
        )
    assert told.steps == 1
    assert (found.text, found.language, found.steps) == (told.text, "en", 1)


@needs_weights
@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_hindi_is_written_in_devanagari(tmp_path):
    said = "मेरा नाम राम है और मैं दिल्ली में रहता हूँ।"
    sound = tmp_path / "hindi.wav"
    subprocess.run(["espeak-ng", "-v", "hi", "-s", "130", "-w", str(sound), said], check=True)
    samples, rate = soundfile.read(sound, dtype="float32")
    with load_model("diffusion-mini") as model:
        text = model.transcribe(resample(samples, rate), language="hi").text
    assert character_errors(said, text, "hi").rate < 0.5
    assert not re.search(r"[a-zA-Z\u0600-\u06ff]", text)


@needs_weights
def test_a_batch_may_go_several_ways(adapter_folder, tmp_path, utterances):
    shutil.copytree(adapter_folder, tmp_path, dirs_exist_ok=True)
    (tmp_path / "modes.toml").write_text(
        '[ways.default]\nmode = "greedy"\n[ways.hi]\nmode = "diffusion"\nsteps = 1\n'
    )
    mixed = [utterances[1], Utterance(utterances[1].samples, "hi"), utterances[0]]
    seen = []
    with load_model("diffusion-mini", adapter=str(tmp_path)) as model:
        found = recognise(model, mixed, TranscribeOptions(), on_progress=lambda *both: seen.append(both))
    assert "originally from Chicago" in found[0].text
    assert found[1].steps == 1 or not found[1].text
    assert seen[-1] == (3, 3)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@needs_weights
def test_it_stops_when_asked(model, utterances):
    with pytest.raises(Cancelled):
        recognise(
            model,
            utterances,
            TranscribeOptions(model_options={"mode": "diffusion"}),
            should_stop=lambda: True,
        )


@needs_weights
def test_steps_are_traced(model, utterances):
    options = TranscribeOptions("en", model_options={"steps": 2})
    trace = model.trace(utterances[1], options)
    steps = trace["rows"][0]["steps"]
    assert [step["step"] for step in steps] == list(range(1, len(steps) + 1))
    assert 1 <= len(steps) <= 2
    shown = {str(token) for step in steps for token in step["best"]}
    assert shown <= set(trace["pieces"])


@needs_weights
def test_a_folder_without_an_adapter_is_refused(tmp_path):
    with pytest.raises(ModelUnavailable, match=r"adapter\.safetensors"):
        load_model("diffusion-mini", adapter=str(tmp_path))
