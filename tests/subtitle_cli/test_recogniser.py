import pytest

from diffasr_plugin.asr import (
    InvalidOption,
    ModelUnavailable,
    Option,
    Readiness,
    UnknownModel,
    build_registry,
)
from subtitle_cli.errors import SubtitleError
from subtitle_cli.recogniser import choose, load, parse_settings
from tests.support.fake_models import make_plugin, make_point, make_spec


def registry_of(*specs):
    return build_registry(points=[make_point("some", make_plugin(*specs))])


READY = make_spec("small", probe=lambda: Readiness(True, rank=1))
BETTER = make_spec("better", probe=lambda: Readiness(True, downloads=("weights",), rank=5))
ABSENT = make_spec("absent", probe=lambda: Readiness(False, ("no GPU was found",), rank=9))


def test_auto_takes_the_best_that_can_run_and_says_why_not_a_better_one():
    choice = choose(registry_of(READY, BETTER, ABSENT), "auto", {})
    assert choice.spec.name == "better"
    assert choice.downloads == ("weights",)
    assert "absent cannot run here (no GPU was found)" in choice.reason


def test_auto_passes_over_a_recogniser_without_the_options_asked_for():
    special = make_spec("special", probe=lambda: Readiness(True), options=(Option("zoom", int, 1, ""),))
    choice = choose(registry_of(BETTER, special), "auto", {"zoom": "2"})
    assert choice.spec.name == "special"
    assert choice.call_options == {"zoom": "2"}


def test_auto_with_nothing_that_can_run_says_what_each_lacks():
    with pytest.raises(SubtitleError, match="absent cannot run here"):
        choose(registry_of(ABSENT), "auto", {})


def test_a_named_recogniser_is_taken_as_it_is():
    choice = choose(registry_of(READY, BETTER), "small", {"device": "cpu", "steps": "4"})
    assert (choice.load_options, choice.call_options) == ({"device": "cpu"}, {"steps": "4"})
    assert load(choice).options == {"device": "cpu"}


def test_other_weights_need_no_asset():
    spec = make_spec(
        "weights",
        probe=lambda: Readiness(True, downloads=("base",)),
        options=(Option("model", str, "base", "", scope="load"),),
    )
    assert choose(registry_of(spec), "weights", {}).downloads == ("base",)
    assert choose(registry_of(spec), "weights", {"model": "large"}).downloads == ()


def test_a_recogniser_that_cannot_run_is_not_loaded():
    with pytest.raises(ModelUnavailable, match="no GPU was found"):
        load(choose(registry_of(ABSENT), "absent", {}))


def test_unknown_names_and_options_are_refused():
    with pytest.raises(UnknownModel, match="did you mean small"):
        choose(registry_of(READY), "smal", {})
    with pytest.raises(InvalidOption, match="did you mean steps"):
        choose(registry_of(READY), "small", {"stepps": "1"})
    with pytest.raises(InvalidOption, match="above 48"):
        load(choose(registry_of(READY), "small", {"steps": "100"}))


def test_settings_are_parsed():
    assert parse_settings(("steps=8", "prompt=a=b")) == {"steps": "8", "prompt": "a=b"}
    with pytest.raises(InvalidOption, match="KEY=VALUE"):
        parse_settings(("steps",))
    with pytest.raises(InvalidOption, match="KEY=VALUE"):
        parse_settings(("=8",))
    with pytest.raises(InvalidOption, match="twice"):
        parse_settings(("steps=8", "steps=9"))
