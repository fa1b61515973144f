"""ovos-plugin-manager itself finds the plugin by its entry point, makes it and asks it.

Where it is not installed beside us, `test_toolkits_apart` runs this file in an environment of its own.
"""

import pytest

pytest.importorskip("ovos_plugin_manager", reason="ovos-plugin-manager is not installed here")

from ovos_plugin_manager.stt import (
    OVOSSTTFactory,
    find_stt_plugins,
    get_stt_module_configs,
    get_stt_supported_langs,
)
from ovos_plugin_manager.templates.stt import STT
from ovos_plugin_manager.utils.audio import AudioData

from diffasr_plugin.bridges import ovos

NAME = "ovos-stt-plugin-diffasr"


def make(lang="en-US", **settings):
    return OVOSSTTFactory.create({"module": NAME, "lang": lang, NAME: settings})


@pytest.fixture(scope="module")
def whisper(whisper_folder):
    return make(backend="whisper", options={"device": "cpu"})


@pytest.fixture(scope="module")
def audio(speech):
    return AudioData.from_array(speech, 16_000, 2)


@pytest.fixture
def sound(noise):
    """A second of it, at another rate."""
    return AudioData.from_array(noise(3), 48_000, 2)


def test_it_is_found_by_its_entry_point():
    assert find_stt_plugins()[NAME] is ovos.DiffasrSTT
    assert issubclass(ovos.DiffasrSTT, STT)


def test_it_transcribes_real_speech(whisper, audio):
    assert "new jersey" in whisper.execute(audio, language="en-US").lower()
    [(text, confidence)] = whisper.transcribe(audio)
    assert text == whisper.execute(audio)
    assert 0.0 < confidence < 1.0


def test_it_finds_out_the_language(whisper, audio):
    language, probability = whisper.detect_language(audio, {"de-DE", "en-US"})
    assert language == "en-US"
    assert probability > 0.5
    [(text, _)] = whisper.transcribe(audio, "auto")
    assert "New Jersey" in text


def test_its_languages_are_those_of_the_models(counting):
    assert ovos.DiffasrSTT.available_languages == {"en", "de", "fr"}
    assert make(backend="counting").available_languages == {"en", "de", "fr"}


def test_its_configurations_name_the_models():
    configs = get_stt_module_configs(NAME)
    assert "whisper" in [config["backend"] for config in configs["de"]]
    assert NAME in get_stt_supported_langs()["de"]


def test_only_the_configurations_are_made_when_asked_for():
    with pytest.raises(AttributeError, match="no attribute 'CONFIG'"):
        _ = ovos.CONFIG


def test_options_reach_the_model_and_any_rate_is_taken(counting, sound):
    plugin = make(backend="counting", options={"device": "cpu", "steps": 8})
    assert plugin._model.options == {"device": "cpu"}
    assert plugin.execute(sound, "de-AT") == "one two"


def test_without_a_backend_the_best_one_is_taken(counting, sound):
    assert make().transcribe(sound) == [("one two", pytest.approx(0.9))]


def test_silence_gives_an_empty_text(counting):
    silence = AudioData(bytes(32_000), 16_000, 2)
    assert make(backend="counting").transcribe(silence) == [("", 1.0)]


def test_a_model_that_tells_no_languages_says_so(counting, sound):
    with pytest.raises(NotImplementedError, match="does not support"):
        make(backend="counting").detect_language(sound)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"backend": "countin"}, "did you mean counting"),
        ({"backend": "counting", "options": {"step": 1}}, "did you mean steps"),
        ({"backend": "counting", "model": "large"}, "'model': model 'counting' has no such option"),
        ({"backend": "counting", "lang": "fr-FR"}, "does not know the language 'fr"),
    ],
)
def test_a_bad_configuration_is_a_value_error(counting, settings, message):
    with pytest.raises(ValueError, match=message):
        make(**settings)


def test_missing_weights_are_an_os_error(tmp_path):
    with pytest.raises(OSError, match=str(tmp_path)):
        make(backend="whisper", model=str(tmp_path / "gone"))


def test_a_language_that_the_model_does_not_know_is_a_value_error(counting, sound):
    with pytest.raises(ValueError, match="it knows: de, en"):
        make(backend="counting").execute(sound, "fr-FR")
