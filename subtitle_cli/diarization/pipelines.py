"""The user's wish to a pyannote pipeline: a named one, the gated one if there is access, or the built-in.

Importing this module imports pyannote.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from pyannote.audio import Pipeline
from pyannote.audio.core.plda import PLDA
from pyannote.audio.pipelines import SpeakerDiarization

from diffasr_plugin.assets import fetch, offline

from ..errors import DiarizationError
from .assets import EMBEDDING, EMBEDDING_FILE
from .embedding import load_speaker_embedding
from .segmentation import load_segmentation

__all__ = ["COMMUNITY", "load_pipeline"]

logger = logging.getLogger(__name__)

COMMUNITY = "pyannote/speaker-diarization-community-1"

PARAMETERS = {
    "segmentation": {"min_duration_off": 0.0},
    "clustering": {"method": "centroid", "min_cluster_size": 6, "threshold": 0.85},
}
"""Of the built-in pipeline: the least DER on the training files of pyannote's own tests (trn00-trn09)."""


def load_pipeline(model: str | None) -> Any:  # noqa: ANN401
    """A pipeline that is called with {"waveform", "sample_rate"}.

    Args:
        model: a folder, a file or an id of the hub; None: the gated one where there is access to it already,
            else the built-in.

    Raises:
        DiarizationError: the model asked for cannot be had; the message says what to do.
    """
    if model is not None:
        return _named(model)
    if _has_community():
        try:
            pipeline = _named(COMMUNITY)
        except DiarizationError as error:
            logger.info("diarization: built-in, for %s", error)
            return _built_in()
        logger.info("diarization: %s", COMMUNITY)
        return pipeline
    logger.info("diarization: built-in (no access to %s was found)", COMMUNITY)
    return _built_in()


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
    return pipeline.instantiate(PARAMETERS)


def _has_community() -> bool:
    """Whether the gated model is in the hub's cache, or may be fetched by this user; asks nobody."""
    from huggingface_hub import get_token, try_to_load_from_cache

    if isinstance(try_to_load_from_cache(COMMUNITY, "config.yaml"), str):
        return True
    return get_token() is not None and not offline()


def _named(model: str) -> Any:  # noqa: ANN401
    if Path(model).exists():
        return _from_folder(Path(model))
    if model.count("/") != 1 or model.startswith((".", "/", "~")):
        raise DiarizationError(
            f"diarization model {model!r}: there is no such folder, and it is no id of a hub"
        )
    try:
        pipeline = Pipeline.from_pretrained(model)
    except Exception as error:  # the hub, its client and pyannote each raise their own kinds
        raise DiarizationError(
            f"diarization model {model!r} cannot be had ({_first_line(error)}). If it is gated: accept the "
            f"conditions on https://hf.co/{model}, then: hf auth login"
        ) from error
    if pipeline is None:
        raise DiarizationError(
            f"diarization model {model!r} is gated: accept the conditions on https://hf.co/{model}, "
            "then: hf auth login"
        )
    return pipeline


def _from_folder(folder: Path) -> Any:  # noqa: ANN401
    if folder.is_dir() and not (folder / "config.yaml").is_file():
        raise DiarizationError(f"diarization model {str(folder)!r} has no config.yaml: it is no pipeline")
    try:
        return Pipeline.from_pretrained(folder)
    except Exception as error:  # whatever a broken configuration makes pyannote raise
        raise DiarizationError(
            f"diarization model {str(folder)!r} cannot be loaded: {_first_line(error)}"
        ) from error


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
