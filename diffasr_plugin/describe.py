"""A checkpoint, or a recogniser's sizes -> lines for people: what is in it, what is assumed, what fits.

Loads no weights of the frozen models.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from .backbone import STACKS
from .checkpoint.discovery import Discovery
from .checkpoint.disk import Checkpoint
from .config import AdapterConfig, ModelRef, ProjectorLayer, RecogniserConfig, Unknowns
from .memory import GIB, QUANTIZE, Sizes, predict

__all__ = ["describe_checkpoint", "describe_discovery", "describe_memory"]

_LABEL_WIDTH = 18


def describe_discovery(found: Discovery) -> list[str]:
    """A foreign checkpoint: how it is understood, or what does not fit."""
    lines = [f"{found.path}: a foreign checkpoint"]
    if found.config is not None:
        lines += _config(found.config, found.adapter, found.projector)
    if found.found:
        said = ", ".join(f"{name} {value}" for name, value in found.found.items())
        lines.append(_line("it says", said))
    if found.ignored:
        lines.append(_line("left out", f"{', '.join(found.ignored)} (only for resuming a training)"))
    lines += [_line("DOES NOT FIT", problem) for problem in found.problems]
    return lines


def describe_checkpoint(checkpoint: Checkpoint, source: object) -> list[str]:
    """A converted checkpoint."""
    parts = _config(checkpoint.config, checkpoint.adapter, checkpoint.projector)
    return [f"{source}: a converted checkpoint", *parts]


def describe_memory(sizes: Sizes, batches: Sequence[int] = (1, 8, 32)) -> list[str]:
    """GiB of GPU memory for each kind of weights and size of batch."""
    heads = "".join(f"{f'batch {batch}':>10}" for batch in batches)
    lines = [f"GiB of memory   {'weights':>8}{heads}"]
    for name in QUANTIZE:
        needs = [predict(sizes, name, batch) for batch in batches]
        cells = "".join(f"{need.total / GIB:>10.1f}" for need in needs)
        lines.append(f"quantize={name:<6} {(needs[0].weights + needs[0].front) / GIB:>8.1f}{cells}")
    return lines


def _config(
    config: RecogniserConfig, adapter: Mapping[str, Tensor], projector: Mapping[str, Tensor]
) -> list[str]:
    tokens = config.projector.tokens(1500)
    return [
        _line("adapter", f"LoRA of rank {config.adapter.rank}, {_count(adapter)} parameters"),
        *[_line("  on", text) for text in _targets(config.adapter)],
        _line("projector", f"{_count(projector)} parameters, {tokens} audio tokens a window"),
        *[_line("  layer", _layer(layer)) for layer in config.projector.layers],
        _line("base model", _ref(config.base)),
        _line("encoder", _ref(config.encoder)),
        _line("languages", " ".join(config.languages)),
        *_unknowns(config.unknowns, config.adapter),
    ]


def _targets(adapter: AdapterConfig) -> list[str]:
    """`decoder: q_proj of 30 layers, …`, a line for each stack."""
    lines = []
    for stack in STACKS:
        kinds = Counter(t.rpartition(".")[2] for t in adapter.targets if t.startswith(f"{stack}."))
        if kinds:
            lines.append(
                f"{stack}: " + ", ".join(f"{kind} of {n} layers" for kind, n in sorted(kinds.items()))
            )
    return lines


def _layer(layer: ProjectorLayer) -> str:
    shape = f"{layer.inputs} to {layer.outputs}" if layer.inputs != layer.outputs else str(layer.inputs)
    window = f", width {layer.kernel}, stride {layer.stride}" if layer.kind == "conv" else ""
    return f"{layer.kind} {shape}{window}"


def _unknowns(unknowns: Unknowns, adapter: AdapterConfig) -> list[str]:
    lines = []
    for name, value in vars(unknowns).items():
        if name == "sources":
            continue
        alpha = f" (alpha {value * adapter.rank:g})" if name == "alpha_ratio" else ""
        lines.append(_line(name, f"{value}{alpha}, {unknowns.sources.get(name, 'assumed')}"))
    return lines


def _count(tensors: Mapping[str, Tensor]) -> str:
    return f"{sum(tensor.numel() for tensor in tensors.values()):,}"


def _ref(ref: ModelRef) -> str:
    if Path(ref.repo).exists():
        return ref.repo
    return f"{ref.repo} at {ref.revision}" if ref.revision else f"{ref.repo}, newest revision"


def _line(label: str, text: str) -> str:
    return f"  {label:<{_LABEL_WIDTH}}{text}"
