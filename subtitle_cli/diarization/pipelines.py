"""The user's wish -> a diarization pipeline: a named one, the gated one if there is access, or the built-in.

Importing this module imports torch and pyannote.
"""

from __future__ import annotations

import logging
import warnings
from functools import lru_cache
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
import yaml  # type: ignore[import-untyped]  # comes with pyannote, without its stubs
from pyannote.audio import Pipeline
from pyannote.audio.core.plda import PLDA
from pyannote.audio.pipelines import SpeakerDiarization

from diffasr_plugin.assets import fetch

from ..errors import DiarizationError
from .assets import EMBEDDING, EMBEDDING_FILE
from .checkpoints import data_only
from .embedding import load_speaker_embedding
from .hub import can_fetch, find_snapshot, is_repository_name
from .segmentation import load_segmentation

__all__ = ["COMMUNITY", "PARAMETERS", "load_pipeline"]

_LOG = logging.getLogger(__name__)

COMMUNITY = "pyannote/speaker-diarization-community-1"
PARAMETERS = {
    "segmentation": {"min_duration_off": 0.0},
    "clustering": {"method": "centroid", "min_cluster_size": 6, "threshold": 0.87},
}
"""Of the built-in pipeline. The threshold is the middle of those with the least DER on the training files of
pyannote's own tests (trn00-trn09): `python -m benchmarks.diarization --tune`."""

_CONFIG = "config.yaml"
_KINDS = {
    "pyannote.audio.pipelines.SpeakerDiarization",
    "pyannote.audio.pipelines.speaker_diarization.SpeakerDiarization",
}


@lru_cache(maxsize=1)  # of many films in one run, each after the first finds it loaded
def load_pipeline(model: str | None) -> Any:  # noqa: ANN401  # pyannote has no type information
    """A `SpeakerDiarization`, on the GPU if there is one.

    Args:
        model: a folder, a configuration file or a name on the model hub; None: the gated one where there is
            access to it, else the built-in.

    Raises:
        DiarizationError: the model asked for cannot be had; the message says what to do.
        AssetError: the built-in one cannot be fetched.
    """
    pipeline = _best() if model is None else _named(model)
    return pipeline.to(torch.device("cuda" if torch.cuda.is_available() else "cpu"))


def _best() -> SpeakerDiarization:
    try:
        if find_snapshot(COMMUNITY, _CONFIG) is None and not can_fetch():
            raise DiarizationError("it is not in the hub's cache, and no token is set")
        pipeline = _named(COMMUNITY)
    except DiarizationError as error:
        _LOG.info("diarization model: the built-in one, for %s cannot be used: %s", COMMUNITY, error)
        return _built_in()
    _LOG.info("diarization model: %s, to which there is access", COMMUNITY)
    return pipeline


def _built_in() -> SpeakerDiarization:
    """segmentation-3.0, CAM++ voices, agglomerative clustering: nothing of it is gated."""
    pipeline = SpeakerDiarization(
        segmentation=load_segmentation(),
        embedding=load_speaker_embedding(fetch(EMBEDDING) / EMBEDDING_FILE),
        embedding_exclude_overlap=True,
        clustering="AgglomerativeClustering",
        segmentation_batch_size=16,
        embedding_batch_size=16,
        # Only VBx clustering scores with a PLDA, but the pipeline would fetch a gated one for any clustering.
        plda=PLDA.__new__(PLDA),
    )
    # Two voices that the segmentation hears at once cannot be one speaker.
    pipeline.clustering.constrained_assignment = True
    return pipeline.instantiate(PARAMETERS)


def _named(model: str) -> SpeakerDiarization:
    path = Path(model).expanduser()
    if not path.exists():
        if not is_repository_name(model):
            raise DiarizationError(
                f"diarization model {model!r}: there is no such folder, and it is no name on the model hub"
            )
        path = find_snapshot(model, _CONFIG, fetch=True)
    config = path / _CONFIG if path.is_dir() else path
    if not config.is_file():
        raise DiarizationError(f"diarization model {model!r} has no {_CONFIG}: it is no pipeline")
    try:
        with data_only(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions that wrote the files
            pipeline = Pipeline.from_pretrained(_localised(config, model))
    except UnpicklingError as error:
        raise DiarizationError(
            f"diarization model {model!r} would run code of its own when loaded ({_first_line(error)}); "
            "leave --diarization-model away to use the built-in one"
        ) from error
    except DiarizationError:
        raise
    except Exception as error:  # whatever a broken folder makes pyannote and torch raise
        raise DiarizationError(
            f"diarization model {model!r} cannot be loaded: {_first_line(error)}"
        ) from error
    pipeline.legacy = False  # or else there are no exclusive turns
    return pipeline


def _localised(config: Path, model: str) -> dict[str, Any]:
    """The configuration, every network it names being a folder on this machine.

    pyannote would resolve names itself: over the network even for what is cached, and by other rules where
    a path happens to hold the name of another toolkit.

    Raises:
        DiarizationError: it is no diarization pipeline.
    """
    content: dict[str, Any] = yaml.safe_load(config.read_text(encoding="utf-8"))
    kind = content.get("pipeline", {}).get("name") if isinstance(content, dict) else None
    if kind not in _KINDS:
        raise DiarizationError(
            f"diarization model {model!r} is no speaker diarization of pyannote, but {kind}"
        )
    for name in ("preprocessors", "device"):  # the first may name any class to call; the second we choose
        content.pop(name, None)
    parts = content["pipeline"].setdefault("params", {})
    for name in ("segmentation", "embedding", "plda"):
        if isinstance(parts.get(name), str):
            parts[name] = _located(parts[name], config.parent)
    if parts.get("clustering", "VBxClustering") != "VBxClustering":
        parts["plda"] = PLDA.__new__(PLDA)  # as in the built-in one
    return content


def _located(value: str, folder: Path) -> dict[str, str]:
    """Where one network lies, as pyannote's loaders take it."""
    if value.startswith("$model/"):
        return {"checkpoint": str(folder), "subfolder": value.removeprefix("$model/")}
    if (folder / value).exists():
        return {"checkpoint": str(folder / value)}
    return {"checkpoint": str(find_snapshot(value, "pytorch_model.bin", fetch=True))}


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
