"""Model files by name: where they come from, fetched, checked and kept. Never imports torch.

from diffasr_plugin.assets import WHISPER_BASE, fetch

folder = fetch(WHISPER_BASE)
"""

from .catalog import WHISPER_BASE
from .errors import (
    AssetError,
    AssetMissing,
    AssetNotFound,
    AssetOffline,
    CacheNotWritable,
    ChecksumMismatch,
    ConversionFailed,
    DiskFull,
    SourceFailed,
    UnknownAsset,
)
from .fetch import fetch
from .listing import AssetRow, collect_assets, describe, find_asset
from .sources import HubFile, HubSource, LocalSource, PackageFile, PackageSource
from .store import HOME_VARIABLE, OFFLINE_VARIABLE, cache_home, folder_of, is_present, offline, verify
from .types import Asset, AssetFile, Progress, Source, Workroom

__all__ = [
    "HOME_VARIABLE",
    "OFFLINE_VARIABLE",
    "WHISPER_BASE",
    "Asset",
    "AssetError",
    "AssetFile",
    "AssetMissing",
    "AssetNotFound",
    "AssetOffline",
    "AssetRow",
    "CacheNotWritable",
    "ChecksumMismatch",
    "ConversionFailed",
    "DiskFull",
    "HubFile",
    "HubSource",
    "LocalSource",
    "PackageFile",
    "PackageSource",
    "Progress",
    "Source",
    "SourceFailed",
    "UnknownAsset",
    "Workroom",
    "cache_home",
    "collect_assets",
    "describe",
    "fetch",
    "find_asset",
    "folder_of",
    "is_present",
    "offline",
    "verify",
]
