"""Projectors are built from their configuration, and compute what plain layers would."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from diffasr_plugin.config import ProjectorConfig, ProjectorLayer, Unknowns
from diffasr_plugin.models.projector import Projector

CONV = dict(kernel=3, stride=2)
LINEAR_FIRST = ProjectorConfig(
    (
        ProjectorLayer("linear", 6, 8),
        ProjectorLayer("conv", 8, 8, **CONV),
        ProjectorLayer("layer_norm", 8, 8),
        ProjectorLayer("conv", 8, 8, **CONV),
        ProjectorLayer("rms_norm", 8, 8, bias=False),
        ProjectorLayer("conv", 8, 8, **CONV),
        ProjectorLayer("linear", 8, 5),
    )
)
CONVOLUTIONS = ProjectorConfig(
    tuple(ProjectorLayer("conv", inputs, outputs, **CONV) for inputs, outputs in ((6, 8), (8, 8), (8, 5)))
)
FRAMES = torch.randn(2, 20, 6, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("config", [LINEAR_FIRST, CONVOLUTIONS])
def test_the_number_of_tokens_is_as_promised(config):
    projector = Projector(config, Unknowns())
    assert projector(FRAMES).shape == (2, config.tokens(20), 5)
    assert projector(torch.zeros(1, 1500, 6)).shape[1] == 188


def test_norms_stand_between_a_layer_and_its_activation():
    projector = Projector(LINEAR_FIRST, Unknowns(activation="relu", output_scale=0.5))
    linear, conv1, norm1, conv2, norm2, conv3, out = projector.layers
    hidden = linear(FRAMES)
    for conv, norm in ((conv1, norm1), (conv2, norm2), (conv3, nn.Identity())):
        hidden = functional.relu(norm(conv(hidden.transpose(1, 2)).transpose(1, 2)))
    assert torch.allclose(projector(FRAMES), 0.5 * out(hidden))


def test_every_hidden_layer_may_be_activated():
    projector = Projector(LINEAR_FIRST, Unknowns(activation="silu", activation_after="hidden"))
    assert projector.activated == {0, 2, 4, 5}
    assert Projector(LINEAR_FIRST, Unknowns()).activated == {2, 4, 5}
    assert Projector(CONVOLUTIONS, Unknowns()).activated == {0, 1}


@pytest.mark.parametrize("activation", ["gelu", "relu", "silu", "none"])
def test_every_activation_makes_a_difference(activation):
    torch.manual_seed(0)
    plain = Projector(CONVOLUTIONS, Unknowns(activation="none"))
    other = Projector(CONVOLUTIONS, Unknowns(activation=activation))
    other.load_state_dict(plain.state_dict())
    assert torch.equal(other(FRAMES), plain(FRAMES)) == (activation == "none")
