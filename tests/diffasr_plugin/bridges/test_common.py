import pytest

from diffasr_plugin.asr import (
    AssetError,
    Cancelled,
    ContractViolation,
    InvalidOption,
    ModelUnavailable,
    OutOfMemory,
    Readiness,
    UnknownModel,
    UnsupportedLanguage,
    build_registry,
)
from diffasr_plugin.bridges.common import (
    as_toolkit_errors,
    best_backend,
    nearest_language,
    open_model,
    windows_of,
)
from tests.support.fake_models import make_plugin, make_point, make_spec


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (AssetError("weights", "gone"), OSError),
        (ModelUnavailable("m", "no GPU"), OSError),
        (OutOfMemory("m", 4, "cpu"), RuntimeError),
        (ContractViolation("p", "wrong"), RuntimeError),
        (Cancelled(), RuntimeError),
        (UnknownModel("m", []), ValueError),
        (InvalidOption("o", "bad"), ValueError),
        (UnsupportedLanguage("xx", "m", ["en"]), ValueError),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_errors_change_their_kind_and_keep_their_words(ours, theirs):
    with pytest.raises(theirs) as caught, as_toolkit_errors():
        raise ours
    assert str(caught.value) == str(ours)
    assert caught.value.__cause__ is ours


@pytest.mark.parametrize(
    ("tag", "code"), [("en", "en"), ("en-US", "en"), ("EN-us", "en"), ("zh-TW", "zh"), ("nb-NO", "no")]
)
def test_a_tag_finds_the_code_that_a_model_knows(tag, code):
    assert nearest_language(tag, make_spec(languages=("en", "zh", "no"))) == code


@pytest.mark.parametrize("tag", ["fr", "nn", "not a language"])
def test_a_tag_far_from_all_is_refused(tag):
    with pytest.raises(UnsupportedLanguage, match="it knows: en, no"):
        nearest_language(tag, make_spec(languages=("en", "no")))


def test_the_best_backend_is_one_that_is_ready(counting):
    assert best_backend() == "counting"


def test_the_best_backend_for_a_language_knows_it(monkeypatch):
    better = make_spec("better", languages=("en",), probe=lambda: Readiness(True, rank=5))
    point = make_point("fake", make_plugin(better, make_spec("broad", languages=("en", "it"))))
    monkeypatch.setattr("diffasr_plugin.asr.registry.entry_points", lambda group: [point])
    assert best_backend() == best_backend("en-US") == best_backend("fi") == "better"
    assert best_backend("it-IT") == "broad"


def test_without_a_ready_backend_that_is_said(monkeypatch):
    monkeypatch.setattr("diffasr_plugin.asr.registry.entry_points", lambda group: [])
    with pytest.raises(ModelUnavailable, match="no recogniser is ready"):
        best_backend()


def test_settings_of_both_scopes_come_together(counting):
    model, call_options = open_model("counting", {"device": "cpu", "steps": "8"})
    assert model.options == {"device": "cpu"}
    assert call_options == {"steps": 8}


def test_bad_settings_of_a_call_are_told_before_the_model_is_loaded(counting):
    with pytest.raises(InvalidOption, match="99 is above 48"):
        open_model("counting", {"steps": 99})


def test_windows_cover_the_recording(noise):
    windows = windows_of(noise(25), 10.0)
    assert windows[0].start_s == 0.0
    assert windows[-1].end_s == 25.0
    assert all(window.duration_s <= 10.0 for window in windows)


def test_the_built_in_models_are_what_doors_open_to():
    assert "whisper" in build_registry().models
