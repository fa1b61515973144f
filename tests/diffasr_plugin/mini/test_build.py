"""The files that ship are those that the script makes, byte for byte."""

from __future__ import annotations

import hashlib

import pytest
import torch

from diffasr_plugin.assets import WHISPER_BASE, AssetError, fetch
from diffasr_plugin.backends.diffusion_mini.load import load
from diffasr_plugin.backends.diffusion_mini.spec import DATA, WEIGHTS_FILE
from diffasr_plugin.mini.build import bits_of, build
from diffasr_plugin.models.exact_int8 import Int8Linear

FILES = (WEIGHTS_FILE, "tokenizer.json", "generation_config.json")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    try:
        whisper = fetch(WHISPER_BASE)
    except AssetError as error:
        pytest.skip(f"what it is built from cannot be had here: {error}")
    folder = tmp_path_factory.mktemp("built")
    build(whisper, folder)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_what_ships_is_what_is_built(built, name):
    sums = [hashlib.sha256((folder / name).read_bytes()).hexdigest() for folder in (built, DATA)]
    assert sums[0] == sums[1]


def test_the_package_stays_small():
    assert sum((DATA / name).stat().st_size for name in (*FILES, "tokens.txt", "MODEL_CARD.md")) <= 55_000_000


def test_float32_can_add_up_every_output_exactly():
    """What machines without exact products of bytes rest on: see `exact_int8.float_product`."""
    loaded = load(DATA, torch.device("cpu"))
    for part in (loaded.encoder, loaded.decoder):
        for name, layer in part.named_modules():
            if isinstance(layer, Int8Linear):
                assert 127 * layer.codes.long().abs().sum(dim=1).max() < 2**24, name


@pytest.mark.parametrize(
    ("layer", "bits"),
    [
        ("encoder.convolutions.1", 8),
        ("encoder.layers.3.mlp.wide", 6),
        ("decoder.layers.0.cross.heard", 7),
        ("decoder.tokens.common", 8),
        ("decoder.tokens.rare", 5),
    ],
)
def test_bits_go_where_they_matter(layer, bits):
    assert bits_of(layer) == bits
