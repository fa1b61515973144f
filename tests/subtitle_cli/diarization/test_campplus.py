"""The network against numbers of its authors' own implementation."""

import pytest
import torch

from subtitle_cli.diarization.assets import EMBEDDING, EMBEDDING_FILE
from subtitle_cli.diarization.campplus import CamPlusPlus


@pytest.fixture(scope="module")
def network():
    from diffasr_plugin.assets import fetch

    network = CamPlusPlus()
    # Strictly: every published weight has its place, and every place its weight.
    network.load_state_dict(torch.load(fetch(EMBEDDING) / EMBEDDING_FILE, weights_only=True), strict=True)
    return network.eval()


def test_embeddings_are_those_of_the_authors_implementation(network):
    mels = 3 * torch.sin(torch.arange(250 * 80).reshape(1, 250, 80) * 0.37)
    with torch.inference_mode():
        [embedding] = network(mels - mels.mean(dim=1, keepdim=True))
    # Computed once with 3D-Speaker's network, the same weights and the same frames.
    expected = torch.tensor([-1.2631, -0.9529, 0.5452, -1.0014, -0.0423, 0.4692, -0.1623, -0.3866])
    torch.testing.assert_close(embedding[:8], expected, atol=2e-4, rtol=0)
    assert embedding.norm() == pytest.approx(12.4812, abs=1e-3)


@pytest.mark.parametrize("frames", [25, 199, 200, 201])
def test_a_batch_gives_what_each_of_it_gives_alone(network, frames):
    mels = torch.randn(3, frames, 80, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        together = network(mels)
        alone = torch.cat([network(each[None]) for each in mels])
    assert together.shape == (3, 192)
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-4)
