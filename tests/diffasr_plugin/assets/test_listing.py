"""Assets of plugins by name, and what is said of them."""

import pluggy
import pytest

from diffasr_plugin import plugin as own_plugin
from diffasr_plugin.asr import InvalidPlugin, build_registry, hookimpl, hookspecs
from diffasr_plugin.assets import (
    WHISPER_BASE,
    LocalSource,
    UnknownAsset,
    collect_assets,
    describe,
    fetch,
    find_asset,
    folder_of,
)
from tests.support.fake_assets import FakeSource, writes


def manager_of(*registered):
    """A plugin manager with one plugin for each list of things to register; None makes a plugin fail."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for number, things in enumerate(registered):
        manager.register(make_plugin(things), f"plugin{number}")
    return manager


def make_plugin(things):
    class Plugin:
        @hookimpl
        def register_assets(self, register):
            for thing in things:
                register(thing)

    return Plugin()


def test_assets_of_all_plugins_by_name(make_asset):
    one, two = make_asset(name="b"), make_asset(name="a")
    manager = manager_of([one], [two], [])
    manager.set_blocked("blocked")
    assert list(collect_assets(manager).items()) == [("a", two), ("b", one)]


def test_our_own_plugin_registers_whisper():
    registered = []
    own_plugin.register_assets(registered.append)
    assert WHISPER_BASE in registered
    assert collect_assets(build_registry().manager)["whisper-base"] == WHISPER_BASE


def test_two_plugins_may_share_an_asset_but_not_a_name(make_asset):
    asset = make_asset()
    assert list(collect_assets(manager_of([asset], [asset]))) == ["tiny"]
    with pytest.raises(
        InvalidPlugin, match="plugin 'plugin1': registers an asset 'tiny', a name that is taken"
    ):
        collect_assets(manager_of([asset], [make_asset(content=b"other")]))


def test_something_else_than_an_asset():
    with pytest.raises(InvalidPlugin, match="plugin 'plugin0': registered a str, not an Asset"):
        collect_assets(manager_of(["whisper"]))


def test_a_plugin_that_fails_is_named():
    with pytest.raises(InvalidPlugin, match="plugin 'plugin0': register_assets failed: TypeError"):
        collect_assets(manager_of(None))


def test_find(make_asset):
    asset = make_asset()
    assert find_asset({"tiny": asset}, "tiny") is asset
    with pytest.raises(UnknownAsset, match="did you mean tiny"):
        find_asset({"tiny": asset}, "tinny")


def test_a_row_of_facts(make_asset):
    asset = make_asset(LocalSource(), FakeSource(writes(a_bin=b"abc")))
    row = describe(asset)
    assert (row.name, row.licence, row.size, row.present) == ("tiny", "CC0-1.0", 3, False)
    assert row.sources == ("your own folder (DIFFASR_ASSETS)", "a fake")
    assert row.folder == folder_of(asset)
    fetch(asset)
    assert describe(asset).present
