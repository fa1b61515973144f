"""Public test sets on the Hugging Face hub -> clips, by the library `datasets` (extra `evaluate`).

Rows are streamed, so that the first few of a set can be had without the rest. Sound is kept as it comes and
decoded by audio.py: `datasets` itself would need another decoder.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ..errors import DatasetUnavailable
from ..manifest import Clip

__all__ = ["HUB_SETS", "HubSet", "clips"]


@dataclass(frozen=True)
class HubSet:
    """Where a test set lies on the hub, and what its columns are called.

    Attributes:
        repository: or "parquet", for files given by their place.
        config, split: as the repository calls them.
        files: pattern of Parquet files; None: the repository's own.
        text, speaker: columns; `speaker` None: it does not say.
    """

    language: str
    repository: str
    config: str | None
    split: str
    text: str
    speaker: str | None = None
    files: str | None = None


def _fleurs(language: str, config: str) -> HubSet:
    # The repository itself holds a loading script, which `datasets` runs no more; the hub keeps a copy of
    # all sets as Parquet files on a branch of this name.
    place = f"hf://datasets/google/fleurs@refs/convert/parquet/{config}/test/*.parquet"
    return HubSet(language, "parquet", None, "train", "transcription", files=place)


HUB_SETS: Mapping[str, HubSet] = {
    "librispeech-test-clean": HubSet("en", "openslr/librispeech_asr", "clean", "test", "text", "speaker_id"),
    "librispeech-test-other": HubSet("en", "openslr/librispeech_asr", "other", "test", "text", "speaker_id"),
    "fleurs-de": _fleurs("de", "de_de"),
    "fleurs-en": _fleurs("en", "en_us"),
    "fleurs-es": _fleurs("es", "es_419"),
    "fleurs-fr": _fleurs("fr", "fr_fr"),
    "fleurs-hi": _fleurs("hi", "hi_in"),
    "fleurs-zh": _fleurs("zh", "cmn_hans_cn"),
    # The copy that the public leaderboard of English recognisers uses: the test split alone, as Parquet.
    "voxpopuli-en": HubSet("en", "hf-audio/esb-datasets-test-only-sorted", "voxpopuli", "test", "text"),
}


def clips(name: str, folder: Path, limit: int | None = None) -> list[Clip]:
    """The clips of a set, their sound written into `folder`.

    Raises:
        DatasetUnavailable: `datasets` is not installed, or the hub cannot be reached.
    """
    # The HTTP client's own error; which client that is differs with the version of the hub's library.
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

    source = HUB_SETS[name]
    found = []
    try:
        for number, row in enumerate(islice(_rows(name, source), limit)):
            found.append(_clip(source, row, folder / f"{number:05d}"))
    except (HTTPError, OSError, ValueError, RuntimeError) as error:
        # `datasets` has no error of its own for all that can go wrong between here and the hub.
        raise DatasetUnavailable(name, f"it cannot be had from the hub: {error}") from error
    return found


def _rows(name: str, source: HubSet) -> Iterator[Mapping[str, Any]]:
    try:
        from datasets import Audio, load_dataset
    except ImportError as error:
        raise DatasetUnavailable(
            name, f'needs datasets: pip install "diffsub[evaluate]" ({error})'
        ) from error
    files = {"data_files": source.files} if source.files else {}
    rows = load_dataset(source.repository, source.config, split=source.split, streaming=True, **files)
    yield from rows.cast_column("audio", Audio(decode=False))


def _clip(source: HubSet, row: Mapping[str, Any], stem: Path) -> Clip:
    sound = row["audio"]
    suffix = Path(sound["path"] or "").suffix or ".wav"
    data = sound["bytes"] if sound["bytes"] is not None else Path(sound["path"]).read_bytes()
    audio = stem.with_suffix(suffix)
    audio.write_bytes(data)
    speaker = str(row[source.speaker]) if source.speaker else None
    return Clip(audio, row[source.text], source.language, speaker)
