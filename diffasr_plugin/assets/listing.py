"""Plugins' assets as a dict by name, and each as a row of facts for people to read.

Knows nothing of how they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pluggy

from ..asr.errors import InvalidPlugin
from .errors import UnknownAsset
from .store import folder_of, is_present
from .types import Asset

__all__ = ["AssetRow", "collect_assets", "describe", "find_asset"]


@dataclass(frozen=True)
class AssetRow:
    """What is to be said of one asset.

    Attributes:
        size: bytes on the disk.
        present: whether it is on this machine.
        folder: where it lies, or would lie.
        sources: in the order in which they are tried, in words.
    """

    name: str
    description: str
    licence: str
    size: int
    present: bool
    folder: Path
    sources: tuple[str, ...]


def collect_assets(manager: pluggy.PluginManager) -> dict[str, Asset]:
    """All assets that plugins registered with the hook `register_assets`, sorted by name.

    Raises:
        InvalidPlugin: a plugin's hook failed, registered something else, or a name that is taken.
    """
    assets: dict[str, Asset] = {}
    for name, plugin in manager.list_name_plugin():
        if plugin is None:  # a blocked name
            continue
        others = [other for other in manager.get_plugins() if other is not plugin]
        try:
            manager.subset_hook_caller("register_assets", others)(register=_adder(name, assets))
        except InvalidPlugin:
            raise
        except Exception as error:  # a third party's code may raise anything; the plugin must be named
            raise InvalidPlugin(name, f"register_assets failed: {type(error).__name__}: {error}") from error
    return dict(sorted(assets.items()))


def _adder(plugin: str, assets: dict[str, Asset]) -> Callable[[object], None]:
    def register(asset: object) -> None:
        if not isinstance(asset, Asset):
            raise InvalidPlugin(plugin, f"registered a {type(asset).__name__}, not an Asset")
        if assets.setdefault(asset.name, asset) != asset:
            raise InvalidPlugin(plugin, f"registers an asset {asset.name!r}, a name that is taken")

    return register


def find_asset(assets: Mapping[str, Asset], name: str) -> Asset:
    """The asset of that name.

    Raises:
        UnknownAsset: with the nearest names.
    """
    if name not in assets:
        raise UnknownAsset(name, assets)
    return assets[name]


def describe(asset: Asset) -> AssetRow:
    """The facts of one asset, quickly: sums are not computed."""
    return AssetRow(
        name=asset.name,
        description=asset.description,
        licence=asset.licence,
        size=asset.size,
        present=is_present(asset),
        folder=folder_of(asset),
        sources=tuple(source.words for source in asset.sources),
    )
