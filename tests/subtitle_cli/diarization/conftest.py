"""Real speech, and a pipeline folder of the published layout whose voices are random."""

import shutil

import numpy as np
import pytest
import soundfile

from diffasr_plugin.assets import fetch
from subtitle_cli.diarization import _prepare
from subtitle_cli.diarization.assets import SEGMENTATION, SEGMENTATION_FILE

_prepare()  # the inner modules, which tests import by themselves, need it

CONFIG = """
dependencies: {pyannote.audio: 4.0.0}
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    segmentation: $model/segmentation
    embedding: $model/embedding
    plda: $model/plda
    clustering: VBxClustering
    legacy: true
params:
  segmentation: {min_duration_off: 0.0}
  clustering: {threshold: 0.6, Fa: 0.07, Fb: 0.8}
preprocessors:
  danger: {name: no.such.module.Preprocessor}
"""


@pytest.fixture(scope="module")
def speech(conversation):
    """30 s of two people, float32 at 16 kHz."""
    samples, _ = soundfile.read(conversation, dtype="float32")
    return samples


@pytest.fixture
def pipeline_folder(tmp_path):
    folder = tmp_path / "pipeline"
    for part in ("segmentation", "embedding", "plda"):
        (folder / part).mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG)
    shutil.copy(fetch(SEGMENTATION) / SEGMENTATION_FILE, folder / "segmentation")
    _write_embedding(folder / "embedding" / "pytorch_model.bin")
    _write_plda(folder / "plda")
    return folder


def _write_embedding(path):
    """A checkpoint as pyannote's trainer writes them."""
    import lightning.pytorch
    import torch
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.embedding import XVectorMFCC

    # Python 3.11.0 to 3.11.3 pickle members of enumerations by getattr, which nobody loads as weights.
    for kind in (Problem, Resolution):
        kind.__reduce_ex__ = lambda member, protocol: (type(member), (member.value,))
    torch.manual_seed(0)
    model = XVectorMFCC(dimension=16)
    model.specifications = Specifications(Problem.REPRESENTATION, Resolution.CHUNK, duration=5.0)
    checkpoint = {
        "state_dict": model.state_dict(),
        "hyper_parameters": dict(model.hparams),
        "pytorch-lightning_version": lightning.pytorch.__version__,
    }
    model.on_save_checkpoint(checkpoint)
    torch.save(checkpoint, path)


def _write_plda(folder):
    rng = np.random.default_rng(0)
    lda = np.linalg.qr(rng.normal(size=(16, 8)))[0]
    np.savez(folder / "xvec_transform.npz", mean1=np.zeros(16), mean2=np.zeros(8), lda=lda)
    transform = np.linalg.qr(rng.normal(size=(8, 8)))[0]
    np.savez(folder / "plda.npz", mu=np.zeros(8), tr=transform, psi=np.linspace(4.0, 1.0, 8))
