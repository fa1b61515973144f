import pytest

from diffasr_plugin.asr import (
    InvalidOption,
    ModelUnavailable,
    Option,
    Readiness,
    UnknownModel,
    UnsupportedLanguage,
    UnsupportedTask,
    build_registry,
)
from subtitle_cli.errors import SubtitleError
from subtitle_cli.recogniser import Recognisers, Wish
from tests.support.fake_models import CountingModel, make_plugin, make_point, make_spec


def recognisers(*specs, prepare=lambda choice: None, **wish):
    registry = build_registry(points=[make_point("some", make_plugin(*specs))])
    return Recognisers(registry, Wish(**wish), prepare)


SMALL = make_spec("small", probe=lambda: Readiness(True, rank=1))
BETTER = make_spec("better", languages=("en",), probe=lambda: Readiness(True, downloads=("weights",), rank=5))
ABSENT = make_spec("absent", probe=lambda: Readiness(False, ("no GPU was found",), rank=9))


def test_auto_takes_the_best_that_can_run_and_says_why_not_a_better_one():
    choice = recognisers(SMALL, BETTER, ABSENT).choose("en")
    assert choice.spec.name == "better"
    assert choice.downloads == ("weights",)
    assert choice.reason == (
        "the best that this machine can run; absent cannot run here, diffsub doctor says why"
    )


def test_nothing_is_said_of_others_where_all_can_run():
    assert recognisers(SMALL, BETTER).choose("en").reason == "the best that this machine can run"


def test_several_that_cannot_run_share_a_clause():
    broken = make_spec("broken", probe=lambda: Readiness(False, ("a library",)))
    reason = recognisers(SMALL, BETTER, ABSENT, broken).choose("de").reason
    assert reason.split("; ")[1:] == [
        "better cannot understand 'de'",
        "absent and broken cannot run here, diffsub doctor says why",
    ]


def test_auto_hands_a_language_that_the_best_does_not_know_to_the_next():
    with recognisers(SMALL, BETTER) as several:
        assert several.get(None).model.spec.name == "better"
        assert several.get("de").model.spec.name == "small"
        assert several.get("en").model is several.get(None).model
    assert "better cannot understand 'de'" in recognisers(SMALL, BETTER).choose("de").reason


def test_auto_passes_over_a_recogniser_without_the_options_or_the_task_asked_for():
    special = make_spec("special", probe=lambda: Readiness(True), options=(Option("zoom", int, 1, ""),))
    choice = recognisers(BETTER, special, options={"zoom": "2"}).choose(None)
    assert choice.spec.name == "special"
    assert choice.call_options == {"zoom": 2}
    assert choice.reason.endswith("; better cannot take the option zoom")
    translator = make_spec("translator", tasks=("transcribe", "translate"))
    choice = recognisers(BETTER, SMALL, translator, task="translate").choose(None)
    assert choice.spec.name == "translator"
    assert choice.reason.endswith("; better and small cannot translate")


def test_auto_with_nothing_that_can_run_says_what_each_lacks():
    silent = make_spec("silent", probe=lambda: Readiness(False))
    with pytest.raises(SubtitleError) as caught:
        recognisers(ABSENT, silent).choose(None)
    assert str(caught.value) == (
        "no recogniser can do this here: absent cannot run here (no GPU was found); "
        "silent cannot run here (it does not say why)"
    )


def test_auto_refuses_what_no_recogniser_could_do():
    with pytest.raises(UnsupportedLanguage, match="'fr'; it knows: de, en"):
        recognisers(SMALL, BETTER).choose("fr")
    with pytest.raises(UnsupportedTask, match="'translate'"):
        recognisers(SMALL, BETTER, task="translate").choose(None)


def test_a_named_recogniser_is_taken_as_it_is():
    named = recognisers(SMALL, BETTER, backend="small", options={"device": "cpu", "steps": "4"})
    choice = named.choose("de")
    assert (choice.load_options, choice.call_options) == ({"device": "cpu"}, {"steps": 4})
    assert named.get("de").model.options == {"device": "cpu"}


def test_each_is_prepared_and_loaded_once_and_closed_at_the_end():
    prepared = []
    with recognisers(SMALL, prepare=lambda choice: prepared.append(choice.spec.name)) as several:
        model = several.get(None).model
        assert several.get("en").model is model
        assert isinstance(model, CountingModel)
        assert model.closed == 0
    assert prepared == ["small"]
    assert model.closed == 1


def test_other_weights_need_no_asset():
    spec = make_spec(
        "weights",
        probe=lambda: Readiness(True, downloads=("base",)),
        options=(Option("model", str, "base", "", scope="load"),),
    )
    assert recognisers(spec).choose(None).downloads == ("base",)
    assert recognisers(spec, options={"model": "large"}).choose(None).downloads == ()


def test_a_recogniser_that_cannot_run_is_not_loaded():
    with pytest.raises(ModelUnavailable, match="no GPU was found"):
        recognisers(ABSENT, backend="absent").get(None)


def test_where_the_user_says_how_to_load_it_the_recogniser_itself_decides():
    with recognisers(ABSENT, backend="absent", options={"device": "cpu"}) as several:
        assert several.get(None).model.options == {"device": "cpu"}
    with pytest.raises(ModelUnavailable, match="no GPU was found"):
        recognisers(ABSENT, backend="absent", options={"steps": "4"}).get(None)


def test_wishes_that_cannot_be_fulfilled_are_refused():
    with pytest.raises(UnknownModel, match="did you mean small"):
        recognisers(SMALL, backend="smal").choose(None)
    with pytest.raises(InvalidOption, match="did you mean steps"):
        recognisers(SMALL, backend="small", options={"stepps": "1"}).choose(None)
    with pytest.raises(InvalidOption, match="above 48"):
        recognisers(SMALL, backend="small", options={"steps": "100"}).choose(None)
    with pytest.raises(UnsupportedLanguage, match="'fr'"):
        recognisers(SMALL, backend="small").choose("fr")
    with pytest.raises(UnsupportedTask, match="'translate'"):
        recognisers(SMALL, backend="small", task="translate").choose(None)


def test_routes_lead_a_language_to_its_own_recogniser():
    special = make_spec("special", languages=("de", "pt-BR"), options=(Option("zoom", int, 1, ""),))
    routes = {"de": "special", "pt": "special"}
    with recognisers(SMALL, special, backend="small", options={"steps": 8}, routes=routes) as several:
        assert several.choose("de").spec.name == several.choose("pt-BR").spec.name == "special"
        assert several.choose("de").call_options == {"zoom": 1}
        assert several.choose("en").spec.name == several.choose(None).spec.name == "small"
        assert several.choose("en").call_options == {"steps": 8}
    with pytest.raises(UnsupportedLanguage, match="'en'"):
        recognisers(SMALL, special, routes={"en": "special"}).choose("en")


def test_whoever_runs_recognisers_elsewhere_says_how_they_are_loaded():
    elsewhere = CountingModel(SMALL, {})
    registry = build_registry(points=[make_point("some", make_plugin(SMALL))])
    with Recognisers(registry, Wish(), lambda choice: None, load=lambda choice: elsewhere) as several:
        assert several.get("en").model is elsewhere
    assert elsewhere.closed == 1
