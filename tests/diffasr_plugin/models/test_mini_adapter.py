"""A small decoder with random weights: what the adapter adds, and what it must leave alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from diffasr_plugin.models.float_products import FloatLinear, in_floats
from diffasr_plugin.models.mini import MiniDecoder, MiniShape, Parts
from diffasr_plugin.models.mini_adapter import (
    MiniAdapter,
    MiniAdapterConfig,
    MiniContext,
    MiniDenoiser,
    Pair,
    Share,
)
from diffasr_plugin.models.mini_reader import MiniReader

WIDTH, HEADS, TOKENS, PLACES = 32, 4, 40, 24
SHAPE = MiniShape(width=WIDTH, layers=2, heads=HEADS, text_places=PLACES)
SIZES = {"rank": 3, "conditioning": 8, "reader_width": 16, "reader_layers": 1, "width": WIDTH, "layers": 2}


def random_parts() -> Parts:
    """Tensors of a decoder as its file has them, by name."""
    torch.manual_seed(1)
    tensors: dict[str, torch.Tensor] = {"places": torch.randn(PLACES, WIDTH) * 0.1}

    def linear(name: str, outputs: int, inputs: int, *, bias: bool = True) -> None:
        tensors[f"{name}.codes"] = torch.randint(-127, 128, (outputs, inputs), dtype=torch.int8)
        tensors[f"{name}.scales"] = torch.full((outputs,), 1 / (60 * inputs**0.5))
        if bias:
            tensors[f"{name}.bias"] = torch.randn(outputs) * 0.1

    def norm(name: str) -> None:
        tensors[f"{name}.weight"], tensors[f"{name}.bias"] = torch.ones(WIDTH), torch.zeros(WIDTH)

    linear("tokens", TOKENS, WIDTH, bias=False)
    norm("norm")
    for layer in ("layers.0", "layers.1"):
        linear(f"{layer}.attention.inputs", 3 * WIDTH, WIDTH)
        linear(f"{layer}.attention.output", WIDTH, WIDTH)
        linear(f"{layer}.cross.queries", WIDTH, WIDTH)
        linear(f"{layer}.cross.heard", 2 * WIDTH, WIDTH)
        linear(f"{layer}.cross.output", WIDTH, WIDTH)
        linear(f"{layer}.mlp.wide", 4 * WIDTH, WIDTH)
        linear(f"{layer}.mlp.narrow", WIDTH, 4 * WIDTH)
        for part in ("attention.norm", "cross.norm", "mlp.norm"):
            norm(f"{layer}.{part}")
    return Parts(tensors)


@pytest.fixture
def model() -> MiniDenoiser:
    """In floats, with an adapter as training begins with."""
    decoder = MiniDecoder(random_parts(), SHAPE)
    torch.manual_seed(2)
    adapter = MiniAdapter(MiniAdapterConfig(units=7, vocabulary=TOKENS - 4, **SIZES))
    return MiniDenoiser(in_floats(decoder), adapter)


@pytest.fixture
def taught(model) -> MiniDenoiser:
    """With an adapter whose every part changes something."""
    with torch.no_grad():
        for tensor in model.adapter.parameters():
            tensor += 0.1 * torch.randn_like(tensor)
    return model


STATES = torch.randn(2, 10, WIDTH, generator=torch.Generator().manual_seed(3))
PROMPTS = torch.tensor([[36, 37, 38, 39], [36, 35, 38, 39]])
CANVAS = torch.tensor([[1, 2, 3, 4, 5], [6, 7, 8, 9, 10]])


def context_of(model: MiniDenoiser) -> MiniContext:
    return MiniContext(PROMPTS, model.decoder.listen(STATES))


def test_a_pair_adds_what_its_matrices_say():
    pair = Pair(4, 6, rank=2, groups=3)
    values = torch.randn(5, 4)
    assert torch.equal(pair(values), torch.zeros(5, 6))  # at first nothing
    with torch.no_grad():
        pair.up.copy_(torch.randn(6, 2))
    parts = [values @ down.T @ up.T for down, up in zip(pair.down.chunk(3), pair.up.chunk(3), strict=True)]
    assert torch.allclose(pair(values), torch.cat(parts, dim=-1), atol=1e-6)


def test_causal_scores_are_the_readers(taught):
    heard = taught.decoder.listen(STATES)
    reader = MiniReader(taught.decoder, heard)
    expected = taught.decoder.scores(reader.step(torch.cat([PROMPTS, CANVAS], dim=1)))[:, 3:, : TOKENS - 4]
    assert torch.allclose(taught.causal(CANVAS, PROMPTS, heard), expected, atol=1e-4)


def test_an_adapter_that_has_learnt_nothing_is_the_frozen_decoder(model):
    context = context_of(model)
    expected = model.causal(CANVAS, PROMPTS, model.decoder.listen(STATES))[:, :-1]
    assert torch.allclose(model.denoise(CANVAS, context), expected, atol=1e-5)
    assert torch.allclose(model.denoise(CANVAS, context, lengths=[5, 4])[0], expected[0], atol=1e-5)


def test_a_weakened_adapter_is_between_the_frozen_decoder_and_itself(taught):
    context, scores = context_of(taught), torch.randn(2, 5, TOKENS - 4)
    frozen = taught.causal(CANVAS, PROMPTS, context.heard)[:, :-1]
    whole = taught.denoise(CANVAS, context, scores)

    def distance(strength: float) -> float:
        weak = MiniDenoiser(taught.decoder, taught.adapter.weakened(strength, strength))
        return (weak.denoise(CANVAS, context, scores) - frozen).norm().item()

    assert distance(0.0) == pytest.approx(0.0, abs=1e-4)
    assert distance(0.0) < distance(0.3) < distance(1.0)
    assert distance(1.0) == pytest.approx((whole - frozen).norm().item(), rel=1e-5)
    weak = MiniDenoiser(taught.decoder, taught.adapter.weakened(0.3, 0.0))
    assert weak.adapter.conditioning is None
    told = taught.denoise(CANVAS, replace(context, strength=0.3))
    torch.testing.assert_close(weak.denoise(CANVAS, context, scores), told)
    reader = taught.adapter.weakened(0.3, 0.3).reader
    assert all(
        torch.equal(a, b)
        for a, b in zip(reader.parameters(), taught.adapter.reader.parameters(), strict=True)
    )


def test_a_place_sees_the_whole_canvas_and_no_other_row(taught):
    context = context_of(taught)
    changed = CANVAS.clone()
    changed[1, 4] = 3
    one, other = taught.denoise(CANVAS, context), taught.denoise(changed, context)
    assert one.shape == (2, 5, TOKENS - 4)
    assert torch.equal(one[0], other[0])
    assert (one[1] != other[1]).any(dim=-1).all()  # the first places, too, have seen the last one


def test_scores_of_a_share_are_those_of_all(taught):
    context = context_of(taught)
    among = Share(torch.tensor([1, 4, 9]), torch.tensor([0.0, 0.0, 2.0]))
    whole, part = taught.denoise(CANVAS, context), taught.denoise(CANVAS, context, among=among)
    assert torch.allclose(part, whole[..., among.ids] + among.weights, atol=1e-4)
    certain = torch.tensor([-1e4, 0.0, -1e4]).expand(1, 1, 3)
    vectors = taught.decoder.tokens.weights()
    assert torch.allclose(taught.soften(certain, among)[0, 0], vectors[4], atol=1e-5)


def test_a_share_stands_for_the_whole_vocabulary():
    scores = torch.randn(1000, generator=torch.Generator().manual_seed(4))
    wanted = torch.tensor([[3, 5], [5, 999]])
    sums = []
    for seed in range(200):
        share = Share.drawn(wanted, 100, 1000, torch.Generator().manual_seed(seed))
        assert torch.equal(share.ids[share.places(wanted)], wanted)
        assert (share.weights[share.places(wanted)] == 0).all()
        sums.append((scores[share.ids] + share.weights).exp().sum())
    assert torch.stack(sums).mean() == pytest.approx(float(scores.exp().sum()), rel=0.02)
    everything = Share.drawn(wanted, 5000, 1000, torch.Generator().manual_seed(0))
    assert torch.equal(everything.ids, torch.arange(1000))
    assert (everything.weights == 0).all()


def test_places_that_a_row_does_not_use_are_not_seen(taught):
    context = context_of(taught)
    alone = taught.denoise(CANVAS[:1, :3], context.select(torch.tensor([0])))
    beside = taught.denoise(CANVAS, context, lengths=[3, 5])
    assert torch.allclose(beside[:1, :3], alone, atol=1e-5)


def test_predictions_of_the_step_before_are_taken_in(model, taught):
    context = context_of(taught)
    scores = torch.randn(2, 5, TOKENS - 4)
    plain, told = taught.denoise(CANVAS, context), taught.denoise(CANVAS, context, scores)
    assert not torch.allclose(plain, told, atol=1e-3)


def test_softened_scores_are_the_mean_vector(model):
    vectors = model.decoder.tokens.weights()[: TOKENS - 4]
    certain = torch.full((1, 1, TOKENS - 4), -1e4)
    certain[..., 5] = 0
    assert torch.allclose(model.soften(certain)[0, 0], vectors[5], atol=1e-5)
    scores = torch.randn(2, 3, TOKENS - 4)
    exact = scores.softmax(-1) @ vectors
    assert (model.soften(scores) - exact).norm() < 0.05 * exact.norm()  # four tokens share a vector


def test_ctc_has_a_frame_for_two_states(taught):
    assert taught.ctc(STATES).shape == (2, 5, 7)


def test_only_the_adapter_learns(taught):
    context = context_of(taught)
    scores = taught.denoise(CANVAS, context, torch.randn(2, 5, TOKENS - 4))
    (scores.sum() + taught.ctc(STATES).sum()).backward()
    learning = {name for name, tensor in taught.named_parameters() if tensor.requires_grad}
    assert learning == {f"adapter.{name}" for name, _ in taught.adapter.named_parameters()}
    assert all(tensor.grad is not None for tensor in taught.adapter.parameters())


def test_integers_and_floats_agree():
    torch.manual_seed(2)
    adapter = MiniAdapter(MiniAdapterConfig(units=7, vocabulary=TOKENS - 4, **SIZES))
    exact = MiniDenoiser(MiniDecoder(random_parts(), SHAPE), adapter)
    floats = MiniDenoiser(in_floats(MiniDecoder(random_parts(), SHAPE)), adapter)
    one, other = (m.denoise(CANVAS, context_of(m)) for m in (exact, floats))
    assert (one - other).abs().mean() < 0.1 * other.std()


def test_float_layers_are_frozen():
    decoder = in_floats(MiniDecoder(random_parts(), SHAPE), torch.bfloat16)
    layer = decoder.blocks[0].mlp.wide
    assert isinstance(layer, FloatLinear)
    assert layer(torch.randn(2, WIDTH)).dtype == torch.bfloat16
    assert not [name for name, tensor in decoder.named_parameters() if tensor.requires_grad]
