"""DiffusionGemma with two verbs: audio and prompt embeddings -> a context; canvas and context -> logits.

The only module that touches transformers' DiffusionGemma. Knows no audio, no text and no sampler.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from diffasr_plugin.backbone import Backbone
from diffasr_plugin.checkpoint.errors import InvalidConfig
from diffasr_plugin.compat import repair_torchaudio

from .placement import Places, move_inputs, spread
from .quantize import quantize_parameter, share_quantized
from .weights import SafetensorsWeights, WeightSource

__all__ = ["Context", "Gemma", "build_gemma", "load_gemma", "tensor_shapes"]


@dataclass(frozen=True)
class Context:
    """Keys and values of encoded prompts, for the decoder to attend to.

    Attributes:
        cache: transformers' cache of all layers.
        mask: bool (b, t), False where a shorter prompt was padded on its left; None if none was.
        tokens: t.
    """

    cache: Any
    mask: Tensor | None
    tokens: int

    def select(self, rows: Tensor) -> Context:
        """The context of some of its rows, int64 (k,), as a copy."""
        cache = copy.copy(self.cache)
        cache.layers = [copy.copy(layer) for layer in self.cache.layers]
        for layer in cache.layers:
            layer.batch_select_indices(rows.to(layer.keys.device))
        return Context(cache, None if self.mask is None else self.mask[rows], self.tokens)


class Gemma(nn.Module):
    """A DiffusionGemma, frozen, without its vision tower.

    Args:
        model: transformers' `DiffusionGemmaForBlockDiffusion`.
    """

    def __init__(self, model: Any) -> None:  # noqa: ANN401
        super().__init__()
        model.model.encoder.vision_tower = None
        model.model.encoder.embed_vision = None
        self.model = model.requires_grad_(False).eval()
        # The one implementation of the experts that is quick on a GPU, and that reads each weight once a
        # call: quantised weights are computed anew at each reading.
        self.model.set_experts_implementation("grouped_mm")
        self.backbone = Backbone.from_text_config(model.config.text_config.to_dict())

    @property
    def stacks(self) -> nn.Module:
        """Holds the two stacks, as `encoder.language_model.layers` and `decoder.layers`."""
        return self.model.model  # type: ignore[no-any-return]

    @property
    def dtype(self) -> torch.dtype:
        return self.output_weights.dtype

    @property
    def device(self) -> torch.device:
        """Where embeddings, canvases and logits are."""
        return self.output_weights.device

    @cached_property
    def on_one_gpu(self) -> bool:
        """Whether all of it is on one CUDA device."""
        return {(p.device.type, p.device.index) for p in self.parameters()} == {("cuda", self.device.index)}

    @property
    def output_weights(self) -> Tensor:
        """(vocab, hidden): the output layer, which is the token embeddings, unscaled."""
        return self.model.lm_head.weight  # type: ignore[no-any-return]

    def embed(self, ids: Tensor) -> Tensor:
        """Token ids (b, t) -> embeddings (b, t, hidden), scaled by √hidden as the model does."""
        return self.model.model.decoder.embed_tokens(ids)  # type: ignore[no-any-return]

    def encode_context(self, embeds: Tensor, mask: Tensor | None = None) -> Context:
        """Run the causal encoder over prompts (b, t, hidden).

        Args:
            embeds: taken as they are, not rescaled. Shorter prompts are padded on the left.
            mask: bool (b, t), False at padding; None: there is none.
        """
        if mask is not None and bool(mask.all()):
            mask = None
        encoder = self.model.model.encoder.language_model
        cache = encoder(inputs_embeds=embeds, attention_mask=mask).past_key_values
        return Context(cache, mask, embeds.shape[1])

    def denoise(
        self,
        canvas: Tensor,
        context: Context,
        self_conditioning: Tensor | None = None,
        *,
        lengths: Sequence[int] | None = None,
    ) -> Tensor:
        """Predict all tokens of canvases (b, n) int64 at once: logits (b, n, vocab) float32.

        Args:
            canvas: the tokens, noise included.
            context: of the same b rows.
            self_conditioning: logits of the step before, (b, n, vocab); None in the first step.
            lengths: how many of the n positions each row uses; the others are hidden. None: all.
        """
        hidden = self.model.model.decoder(
            decoder_input_ids=canvas,
            past_key_values=context.cache,
            self_conditioning_logits=self_conditioning,
            decoder_attention_mask=_decoder_mask(canvas, context, lengths),
        ).last_hidden_state
        logits: Tensor = self.model.lm_head(hidden).float()
        cap: float = self.model.final_logit_softcapping
        if logits.requires_grad:
            return torch.tanh(logits / cap) * cap
        # In place: at batch 32 each copy of the logits takes 6 GiB.
        return logits.div_(cap).tanh_().mul_(cap)


def _decoder_mask(canvas: Tensor, context: Context, lengths: Sequence[int] | None) -> Tensor | None:
    """Bool (b, t + n), what the canvas may attend to; None: everything."""
    rows, width = canvas.shape
    if context.mask is None and (lengths is None or min(lengths) == width):
        return None
    prompt = context.mask
    if prompt is None:
        prompt = torch.ones((rows, context.tokens), dtype=torch.bool, device=canvas.device)
    used = torch.tensor([width] * rows if lengths is None else list(lengths), device=canvas.device)
    return torch.cat([prompt, torch.arange(width, device=canvas.device) < used[:, None]], dim=1)


def load_gemma(
    folder: Path, *, dtype: torch.dtype, devices: Sequence[torch.device], bits: Literal[16, 8, 4] = 16
) -> Gemma:
    """Load a base model from a folder of its files, strictly.

    Args:
        folder: `config.json` and safetensors files.
        dtype: of what is not quantised, and of all computation.
        devices: the layers are spread over them in order.
        bits: 16 keeps `dtype`.

    Raises:
        CheckpointError: the files are missing, damaged, or of another model.
    """
    source = SafetensorsWeights(folder, rename=_decoder_name)
    return build_gemma(_read_config(folder), source, dtype=dtype, devices=devices, bits=bits)


def build_gemma(
    config: Any,  # noqa: ANN401
    source: WeightSource,
    *,
    dtype: torch.dtype,
    devices: Sequence[torch.device],
    bits: Literal[16, 8, 4] = 16,
) -> Gemma:
    """Build a base model from transformers' `DiffusionGemmaConfig` and weights, one tensor at a time.

    Each tensor is placed, and quantised, before the next is read: the device holds one large tensor more
    than the finished model, and the host no more than that.
    """
    gemma = Gemma(_empty_model(config))
    places = spread(gemma.backbone.layers, devices)
    _fill(gemma.stacks, source, places, dtype, bits)
    _tie(gemma, bits)
    move_inputs(gemma.stacks, places)
    return gemma


def tensor_shapes(config: Any) -> dict[str, torch.Size]:  # noqa: ANN401
    """Names and shapes of what a checkpoint of the base model holds, each shared tensor once."""
    model = _empty_model(config)
    shapes = {name: p.shape for name, p in model.model.decoder.named_parameters("model.decoder")}
    return shapes | {name: b.shape for name, b in model.named_buffers() if name.endswith("layer_scalar")}


def _read_config(folder: Path) -> Any:  # noqa: ANN401
    repair_torchaudio()
    from huggingface_hub.errors import StrictDataclassError
    from transformers import DiffusionGemmaConfig

    Backbone.from_config_file(folder / "config.json")  # says in our own words what is wrong with it
    try:
        return DiffusionGemmaConfig.from_pretrained(folder)
    except (StrictDataclassError, ValueError, TypeError) as error:
        message = f"transformers does not take it ({error}); try another version of transformers"
        raise InvalidConfig(folder / "config.json", message) from error


def _empty_model(config: Any) -> Any:  # noqa: ANN401
    """The model with parameters that take no memory; buffers, which are computed, are real."""
    repair_torchaudio()
    from accelerate import init_empty_weights  # type: ignore[import-untyped]
    from transformers.models.diffusion_gemma.modeling_diffusion_gemma import DiffusionGemmaForBlockDiffusion

    with init_empty_weights(include_buffers=False):
        return DiffusionGemmaForBlockDiffusion(config)


def _fill(
    stacks: nn.Module, source: WeightSource, places: Places, dtype: torch.dtype, bits: Literal[16, 8, 4]
) -> None:
    """Give the decoder its parameters, and both stacks their buffers."""
    for name, parameter in list(stacks.get_submodule("decoder").named_parameters("decoder")):
        module, leaf = _owner(stacks, name)
        weights = source.get(name, parameter.shape, places.of(name), dtype)
        setattr(module, leaf, nn.Parameter(weights, requires_grad=False))
        if bits != 16 and _is_large(name):
            quantize_parameter(module, leaf, bits)
    for name, buffer in list(stacks.named_buffers()):
        module, leaf = _owner(stacks, name)
        stored = name.endswith("layer_scalar")  # the one buffer that checkpoints hold; one for each stack
        value = (
            source.get(name, buffer.shape, places.of(name), dtype) if stored else buffer.to(places.of(name))
        )
        setattr(module, leaf, value)


def _tie(gemma: Gemma, bits: Literal[16, 8, 4]) -> None:
    """Let the encoder, and the output layer, use the decoder's parameters."""
    stacks: Any = gemma.stacks
    for name, _ in list(stacks.encoder.language_model.named_parameters("encoder.language_model")):
        theirs, leaf = _owner(stacks, _decoder_name(name))
        ours, _ = _owner(stacks, name)
        if bits != 16 and _is_large(_decoder_name(name)):
            share_quantized(ours, theirs, leaf, bits)
        else:
            setattr(ours, leaf, getattr(theirs, leaf))
    gemma.model.lm_head.weight = stacks.decoder.embed_tokens.weight


def _decoder_name(name: str) -> str:
    """The name, inside `Gemma.stacks`, of the decoder's parameter that a checkpoint's tensor of any name is.

    Encoder, decoder and output layer share their parameters, and a checkpoint may hold them under any of
    these names. Only `layer_scalar` is each stack's own.
    """
    name = name.removeprefix("model.")
    if name == "lm_head.weight":
        return "decoder.embed_tokens.weight"
    if name.endswith("layer_scalar"):
        return name
    return name.replace("encoder.language_model.", "decoder.", 1)


def _is_large(name: str) -> bool:
    """Whether a parameter is one that quantisation is for: the matrices of the layers, but the router."""
    return name.startswith("decoder.layers.") and "_proj" in name


def _owner(root: nn.Module, name: str) -> tuple[nn.Module, str]:
    path, _, leaf = name.rpartition(".")
    return root.get_submodule(path), leaf
