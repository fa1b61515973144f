"""The tool's own door: what plugins offer is found by name, and a broken plugin is named."""

from dataclasses import dataclass

import pytest

from diffasr_plugin.asr import InvalidPlugin
from subtitle_cli import extensions
from subtitle_cli.errors import UsageError
from subtitle_cli.extensions import build_extensions, choose
from subtitle_cli.hookspecs import hookimpl
from subtitle_cli.library.executor import ExecutorSpec
from tests.support.fake_models import make_point


def offering(*offers):
    class Plugin:
        @hookimpl
        def register_executors(self, register):
            for offer in offers:
                register(offer)

    return Plugin()


def spec(name):
    return ExecutorSpec(name, "somewhere", factory=lambda setup: None)


def executors(*points, **options):
    return build_extensions(points=points, **options).collect("register_executors", ExecutorSpec)


def test_the_built_in_plugin_comes_in_by_the_installed_entry_point():
    first = build_extensions().plugins[0]
    assert (first.name, first.error) == ("builtin", None)


def test_offers_of_all_plugins_are_found_by_name():
    found = executors(
        make_point("a", offering(spec("here"), spec("there"))), make_point("b", offering(spec("x")))
    )
    assert {name: offer.name for name, offer in found.items()} == {"here": "here", "there": "there", "x": "x"}


def test_a_plugin_that_cannot_be_imported_is_named_and_left_out():
    extensions = build_extensions(
        points=[make_point("bad", ImportError("gone")), make_point("good", offering(spec("x")))]
    )
    assert [(each.name, each.error) for each in extensions.plugins] == [
        ("bad", "ImportError: gone"),
        ("good", None),
    ]
    assert list(extensions.collect("register_executors", ExecutorSpec)) == ["x"]


def test_plugins_can_be_left_out(monkeypatch):
    points = [make_point("a", offering(spec("x"))), make_point("b", offering(spec("y")))]
    assert list(executors(*points, blocked=["a"])) == ["y"]
    monkeypatch.setenv("DIFFSUB_LOAD_PLUGINS", "a")
    assert list(executors(*points)) == ["x"]


def test_what_does_not_fit_the_door_is_refused():
    with pytest.raises(InvalidPlugin, match=r"'b'.*'x' is offered by another"):
        executors(make_point("a", offering(spec("x"))), make_point("b", offering(spec("x"))))
    with pytest.raises(InvalidPlugin, match="registered a str, not a ExecutorSpec"):
        executors(make_point("a", offering("x")))

    class Misspelt:
        @hookimpl
        def register_executers(self, register):
            raise AssertionError("never called")

    with pytest.raises(InvalidPlugin, match="register_executers"):
        executors(make_point("a", Misspelt()))


@dataclass(frozen=True)
class Colour:
    name: str


def test_a_name_that_nobody_offers_is_wrong_usage():
    offers = {"local": Colour("local"), "ray": Colour("ray")}
    assert choose(offers, "ray", "executor") is offers["ray"]
    with pytest.raises(UsageError, match="no executor is called 'locl'; did you mean local"):
        choose(offers, "locl", "executor")


def test_only_what_comes_in_by_this_door_alone_is_kept_from_the_other(monkeypatch):
    doors = {"diffsub": ["builtin", "phrasebook", "both"], "diffasr": ["builtin", "both", "loudness"]}
    monkeypatch.setattr(
        extensions, "entry_points", lambda group: [make_point(name, offering()) for name in doors[group]]
    )
    names = ["phrasebook", "both", "loudness", "unknown"]
    assert extensions.not_only_here(names) == ("both", "loudness", "unknown")
