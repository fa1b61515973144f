"""The synthesisers themselves, where they are installed, and what is said where they are not."""

from __future__ import annotations

import json

import numpy as np
import pytest

from diffasr_plugin.asr import SAMPLE_RATE
from diffasr_plugin.train.synth import espeak, kokoro, pico, piper
from diffasr_plugin.train.synth.engine import Engine, Manner
from diffasr_plugin.train.synth.errors import EngineMissing, SynthesisFailed

SENTENCES = {
    "en": "This is a short sentence.",
    "de": "Das ist ein kurzer Satz.",
    "fr": "Ceci est une phrase courte.",
    "es": "Esta es una frase corta.",
    "hi": "यह एक छोटा वाक्य है।",
    "zh": "这是一个短句。",
}


def installed(engine: type) -> Engine:
    try:
        return engine()
    except EngineMissing as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("kind", [espeak.Espeak, pico.Pico])
def test_every_voice_speaks(kind):
    engine = installed(kind)
    for language, text in SENTENCES.items():
        for voice in engine.voices(language):
            samples = engine.say(text, language, voice, Manner())
            assert samples.dtype == np.float32
            assert 0.5 * SAMPLE_RATE < len(samples) < 6 * SAMPLE_RATE, voice
            assert 0.05 < np.abs(samples).max() <= 1, voice


@pytest.mark.parametrize("kind", [espeak.Espeak, pico.Pico])
def test_manners_are_heard(kind):
    engine = installed(kind)
    voice = engine.voices("en")[0]
    plain, fast, large = (
        engine.say(SENTENCES["en"], "en", voice, manner)
        for manner in (Manner(), Manner(speed=1.5), Manner(tract=1.15))
    )
    assert len(fast) < 0.8 * len(plain)
    assert len(large) == pytest.approx(len(plain), rel=0.15)  # the same speed, with another voice
    assert _centre(large) < _centre(plain)


def test_there_are_no_voices_with_other_licences():
    engine = installed(espeak.Espeak)
    assert not [voice for language in SENTENCES for voice in engine.voices(language) if "mb" in voice]


def test_an_unknown_voice_is_refused():
    with pytest.raises(SynthesisFailed, match="no voice"):
        installed(espeak.Espeak).say("Hello.", "en", "nobody", Manner())


def test_phonemes_are_told():
    assert "h" in installed(espeak.Espeak).phonemes("Hello there.", "en-us")


@pytest.mark.parametrize(("kind", "module"), [(espeak.Espeak, espeak), (pico.Pico, pico)])
def test_a_library_that_is_not_there_is_named(kind, module, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "find_library", lambda _: None)
    monkeypatch.setattr(espeak, "find_spec", lambda _: None)
    with pytest.raises(EngineMissing, match="give --engines"):
        kind(tmp_path)


def test_piper_says_what_to_install(monkeypatch):
    monkeypatch.setattr(piper, "find_spec", lambda _: None)
    with pytest.raises(EngineMissing, match="pip install piper-tts"):
        piper.Piper()


def test_kokoro_says_what_is_missing(monkeypatch, tmp_path):
    with pytest.raises(EngineMissing, match="diffasr synth kit"):
        kokoro.Kokoro(tmp_path)
    own = tmp_path / "kokoro"
    own.mkdir()
    (own / kokoro.MODEL).touch()
    np.savez(own / kokoro.VOICES, af_one=np.zeros((3, 4)))
    (own / kokoro.SYMBOLS).write_text(json.dumps({"a": 1}))
    monkeypatch.setattr(kokoro, "find_spec", lambda _: None)
    with pytest.raises(EngineMissing, match="misaki"):
        kokoro.mandarin_phonemes("你好")


def _centre(samples: np.ndarray) -> float:
    """Of gravity of the spectrum, in Hz."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float((power * np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)).sum() / power.sum())
