import pytest

from diffasr_plugin.asr import (
    DuplicateModel,
    InvalidOption,
    InvalidPlugin,
    UnknownModel,
    UnknownPlugin,
    build_registry,
    hookimpl,
    list_models,
    load_model,
)
from tests.support.fake_models import make_plugin, make_point, make_spec


def test_models_of_all_plugins_are_found():
    registry = build_registry(
        points=[
            make_point("a", make_plugin(make_spec("one"), make_spec("two"))),
            make_point("b", make_plugin(make_spec("three"))),
        ]
    )
    assert list(registry.models) == ["one", "two", "three"]
    assert [(plugin.name, plugin.models) for plugin in registry.plugins] == [
        ("a", ("one", "two")),
        ("b", ("three",)),
    ]
    assert registry.plugins[0].distribution == "some-plugin 1.0"


def test_a_plugin_that_cannot_be_imported_is_named_and_skipped():
    registry = build_registry(
        points=[
            make_point("broken", ImportError("no module named 'gone'")),
            make_point("good", make_plugin(make_spec())),
        ]
    )
    assert list(registry.models) == ["counting"]
    assert registry.plugins[0].error == "ImportError: no module named 'gone'"


def test_a_plugin_whose_hook_raises_is_named_and_its_models_left_out():
    class Half:
        @hookimpl
        def register_asr_models(self, register):
            register(make_spec("half"))
            raise RuntimeError("boom")

    registry = build_registry(points=[make_point("half", Half())])
    assert registry.models == {}
    assert registry.plugins[0].error == "RuntimeError: boom"


@pytest.mark.parametrize(
    ("spec", "error"),
    [(make_spec(api_version=2), "version 2"), ("not a spec", "registered a str")],
)
def test_a_spec_that_does_not_fit_leaves_its_plugin_out(spec, error):
    registry = build_registry(points=[make_point("odd", make_plugin(spec))])
    assert registry.models == {}
    assert error in registry.plugins[0].error


def test_two_models_of_one_name_are_refused_with_both_plugins_named():
    points = [make_point("a", make_plugin(make_spec())), make_point("b", make_plugin(make_spec()))]
    with pytest.raises(DuplicateModel, match=r"plugin 'b'.*'counting'.*'a'.*--no-plugin b"):
        build_registry(points=points)
    assert list(build_registry(blocked=["b"], points=points).models) == ["counting"]


def test_a_misspelt_hook_fails_loudly():
    class Misspelt:
        @hookimpl
        def register_asr_model(self, register): ...

    with pytest.raises(InvalidPlugin, match=r"plugin 'typo'.*register_asr_model.*--no-plugin typo"):
        build_registry(points=[make_point("typo", Misspelt())])


def test_allow_list_keeps_third_parties_out_but_not_our_own(monkeypatch):
    points = [
        make_point("a", make_plugin(make_spec("one"))),
        make_point("b", make_plugin(make_spec("two"))),
        make_point("own", make_plugin(make_spec("three")), distribution="diffsub"),
    ]
    monkeypatch.setenv("DIFFASR_LOAD_PLUGINS", "b")
    assert set(build_registry(points=points).models) == {"two", "three"}
    monkeypatch.setenv("DIFFASR_LOAD_PLUGINS", "")
    assert set(build_registry(points=points).models) == {"three"}


def test_a_blocked_name_that_no_plugin_has_is_refused():
    with pytest.raises(UnknownPlugin, match="no plugin is called 'goood'; did you mean good"):
        build_registry(blocked=["goood"], points=[make_point("good", make_plugin(make_spec()))])


def test_loading_checks_name_and_load_options():
    registry = build_registry(points=[make_point("a", make_plugin(make_spec()))])
    model = registry.load("counting", device="cpu")
    assert model.options == {"device": "cpu"}
    with pytest.raises(UnknownModel, match="did you mean counting"):
        registry.load("countin")
    with pytest.raises(InvalidOption, match="'tpu' is not one of auto, cpu"):
        registry.load("counting", device="tpu")
    with pytest.raises(InvalidOption, match="no such option"):
        registry.load("counting", steps=3)  # a per-call option


def test_built_in_models_come_in_through_the_installed_entry_point():
    assert "whisper" in {spec.name for spec in list_models()}
    with pytest.raises(UnknownModel, match="did you mean whisper"):
        load_model("whispr")
