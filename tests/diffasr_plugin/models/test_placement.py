"""Layers are spread over devices in runs, and what they need follows them."""

import pytest
import torch
from torch import nn

from diffasr_plugin.models.placement import Places, move_inputs, spread

A, B = torch.device("cpu"), torch.device("meta")


@pytest.mark.parametrize(
    ("layers", "devices", "places"), [(4, [A], "AAAA"), (4, [A, B], "AABB"), (5, [A, B], "AAABB")]
)
def test_neighbours_stay_together(layers, devices, places):
    named = {"A": A, "B": B}
    assert spread(layers, devices).layers == tuple(named[letter] for letter in places)


def test_a_name_tells_its_place():
    places = Places((A, B))
    assert places.of("decoder.layers.1.mlp.up_proj.weight") == B
    assert places.of("encoder.language_model.layers.1.layer_scalar") == B
    assert places.of("decoder.layers.0.mlp.up_proj.weight") == A
    assert places.of("decoder.embed_tokens.weight") == A


class _Layer(nn.Module):
    def forward(self, hidden, *, tables, mask, cache):
        self.seen = (hidden.device, tables[0].device, mask["full"].device, cache)
        return hidden


class _Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(_Layer() for _ in range(2))
        self.norm = nn.Identity()


def test_what_comes_in_is_moved_to_the_layer():
    stacks, places = nn.Module(), Places((A, B))
    stacks.decoder = _Stack()
    move_inputs(stacks, places)
    table, mask = torch.ones(1), {"full": torch.ones(1)}
    hidden = torch.ones(1)
    for layer in stacks.decoder.layers:
        hidden = layer(hidden, tables=(table, table), mask=mask, cache="left alone")
    assert stacks.decoder.layers[0].seen == (A, A, A, "left alone")
    assert stacks.decoder.layers[1].seen == (B, B, B, "left alone")


def test_one_device_needs_no_moving():
    stacks = nn.Module()
    stacks.decoder = _Stack()
    move_inputs(stacks, Places((A, A)))
    assert not any(layer._forward_pre_hooks for layer in stacks.decoder.layers)
