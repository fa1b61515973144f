"""Sweeps over a model that counts as far as its steps go."""

import pytest

from diffasr_plugin.asr import InvalidOption, ModelUnavailable, Readiness
from diffasr_plugin.evaluate.run import RunOptions
from diffasr_plugin.evaluate.sweep import parse_axes, sweep, sweep_data, sweep_header, sweep_rows, sweep_text
from tests.support.fake_models import make_spec


@pytest.fixture
def sets(record):
    return {"set": [record("a.wav", 4, "one two three four", "de"), record("b.wav", 1, "one", "de")]}


def rates(swept):
    return [point.measurements[0].rates.words.value for point in swept.points]


def test_error_rates_fall_with_the_steps(stepped_spec, sets):
    swept = sweep(stepped_spec, {"steps": ["1", "2", "4"]}, sets, RunOptions(), {})
    assert rates(swept) == pytest.approx([3 / 5, 2 / 5, 0])
    assert [point.measurements[0].run.passes for point in swept.points] == [1, 2, 4]
    assert [point.words for point in swept.points] == ["steps=1", "steps=2", "steps=4"]


def test_the_model_is_loaded_anew_for_load_options_only(sets):
    loaded = []

    def factory(options):
        loaded.append(spec_inner.factory(options))
        return loaded[-1]

    spec_inner = make_spec()
    spec = make_spec(factory=factory)
    axes = {"device": ["cpu", "auto"], "steps": ["1", "2"]}
    swept = sweep(spec, axes, sets, RunOptions(), {})
    assert [model.options["device"] for model in loaded] == ["cpu", "auto"]
    assert [model.closed for model in loaded] == [1, 1]
    assert [point.settings for point in swept.points] == [
        {"device": "cpu", "steps": "1"},
        {"device": "cpu", "steps": "2"},
        {"device": "auto", "steps": "1"},
        {"device": "auto", "steps": "2"},
    ]


def test_other_settings_stay(stepped_spec, sets):
    swept = sweep(stepped_spec, {"device": ["cpu"]}, sets, RunOptions(), {"steps": "2"})
    assert rates(swept) == pytest.approx([2 / 5])


def test_bad_values_are_refused_before_anything_is_loaded(sets):
    spec = make_spec(factory=None)
    for axes in ({"steps": ["1", "99"]}, {"stepz": ["1"]}, {"device": ["cpu", "tpu"]}):
        with pytest.raises(InvalidOption):
            sweep(spec, axes, sets, RunOptions(), {})


def test_a_model_that_cannot_run_here(sets):
    spec = make_spec(probe=lambda: Readiness(False, ("no GPU",)))
    with pytest.raises(ModelUnavailable, match="no GPU"):
        sweep(spec, {"steps": ["1"]}, sets, RunOptions(), {})


def test_axes():
    assert parse_axes(["steps=1,4, 8", "draft=none,ngram"]) == {
        "steps": ["1", "4", "8"],
        "draft": ["none", "ngram"],
    }


@pytest.mark.parametrize(
    "texts", [["steps"], ["=1"], ["steps="], ["steps=1,"], ["steps=1", "steps=2"], ["s=1,1"]]
)
def test_axes_that_are_none(texts):
    with pytest.raises(InvalidOption):
        parse_axes(texts)


def test_table_and_data(stepped_spec, sets):
    swept = sweep(stepped_spec, {"steps": ["1", "4"]}, sets, RunOptions(), {})
    assert [row[:3] for row in sweep_rows(swept)] == [("1", "set", "de"), ("4", "set", "de")]
    text = sweep_text(swept)
    assert "model: stepped" in text
    assert text.splitlines()[4].split()[:3] == ["steps", "set", "language"]
    points = sweep_data(swept)["points"]
    assert [point["settings"] for point in points] == [{"steps": "1"}, {"steps": "4"}]
    assert points[0]["measurements"][0]["wer"]["rate"] == pytest.approx(3 / 5)
    assert "texts" not in points[0]["measurements"][0]


def test_published_figures_stand_behind(stepped_spec, sets):
    swept = sweep(stepped_spec, {"steps": ["4", "8"]}, {"fleurs-en": sets["set"]}, RunOptions(), {})
    assert sweep_header(swept)[-2:] == ("published WER %", "published speed")
    assert [row[-2:] for row in sweep_rows(swept)] == [("—", "—"), ("15.7", "14.9×")]
