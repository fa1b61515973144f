"""What a recogniser is made of, as frozen values -> a JSON file beside its weights, and back.

Does not know weights: it holds their shapes and the answers that only a checkpoint's author, or a
measurement, can give. An unknown key is an error, so that a misspelt setting is never ignored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from .checkpoint.errors import InvalidConfig, UnreadableCheckpoint

__all__ = [
    "CONFIG_FILE",
    "LANGUAGES",
    "AdapterConfig",
    "ModelRef",
    "ProjectorConfig",
    "ProjectorLayer",
    "PromptIds",
    "RecogniserConfig",
    "Unknowns",
    "from_dict",
    "load_config",
    "save_config",
]

CONFIG_FILE = "diffasr.json"
"""Name of the file in a converted checkpoint's folder."""

FORMAT = 1
"""Version of that file; another one is refused."""

LANGUAGES = ("de", "en", "es", "fr", "hi", "zh")
"""BCP-47 codes that the published checkpoint was trained on."""

T = TypeVar("T")


@dataclass(frozen=True)
class ModelRef:
    """Frozen weights that are not ours to copy.

    Attributes:
        repo: repository on the hub, or a local folder.
        revision: commit that the checkpoint goes with; None: not known, the newest is taken.
    """

    repo: str
    revision: str | None = None


@dataclass(frozen=True)
class PromptIds:
    """Token ids of the audio span: begin, the placeholder that each audio token replaces, end."""

    begin: int = 256_000
    audio: int = 258_881
    end: int = 258_883


@dataclass(frozen=True)
class ProjectorLayer:
    """One layer of the projector.

    Attributes:
        kind: a linear layer, a convolution over time, or a norm over channels.
        inputs, outputs: channels; equal for norms.
        kernel, stride: of a convolution, in frames; its padding keeps the frames centred.
    """

    kind: Literal["linear", "conv", "layer_norm", "rms_norm"]
    inputs: int
    outputs: int
    kernel: int = 1
    stride: int = 1
    bias: bool = True

    def __post_init__(self) -> None:
        _require(min(self.inputs, self.outputs, self.kernel, self.stride) > 0, "sizes must be positive")
        _require("norm" not in self.kind or self.inputs == self.outputs, "a norm keeps its channels")


@dataclass(frozen=True)
class ProjectorConfig:
    """The projector, first layer to last: encoder frames in, audio tokens out."""

    layers: tuple[ProjectorLayer, ...]

    def __post_init__(self) -> None:
        _require(bool(self.layers), "a projector has layers")
        for left, right in zip(self.layers, self.layers[1:], strict=False):
            _require(
                left.outputs == right.inputs,
                f"a layer with {left.outputs} outputs is followed by one with {right.inputs} inputs",
            )

    @property
    def inputs(self) -> int:
        return self.layers[0].inputs

    @property
    def outputs(self) -> int:
        return self.layers[-1].outputs

    def tokens(self, frames: int) -> int:
        """Audio tokens made of so many encoder frames: 188 of 1500 in the published model."""
        for layer in self.layers:
            if layer.kind == "conv":
                frames = (frames + 2 * ((layer.kernel - 1) // 2) - layer.kernel) // layer.stride + 1
        return frames


@dataclass(frozen=True)
class AdapterConfig:
    """LoRA: `targets` are names such as `decoder.layers.0.self_attn.q_proj`."""

    rank: int
    targets: tuple[str, ...]

    def __post_init__(self) -> None:
        _require(self.rank > 0, f"rank {self.rank} is not positive")


@dataclass(frozen=True)
class Unknowns:
    """All that the published checkpoint's shapes cannot tell. Each answer has its one place here.

    Attributes:
        prompt: name of the prompt around the audio, see `diffasr_plugin.text.PROMPTS`.
        alpha_ratio: LoRA's alpha divided by its rank: the factor on what the adapter adds.
        activation: between the projector's layers.
        activation_after: "conv": after each convolution (and its norm); "hidden": after every layer but
            the last.
        output_scale: factor on the projector's output.
        blank: token id that stands for "nothing" on the CTC path.
        canvas_length: tokens of a full canvas.
        fill: what follows the text on a canvas in training: the end token again, or padding.
        sources: for each of these names, how it is known: "metadata" (the checkpoint says so), "given" (by
            you), "measured" (least loss on clips), or "assumed".
    """

    prompt: str = "audio"
    alpha_ratio: float = 2.0
    activation: Literal["gelu", "relu", "silu", "none"] = "gelu"
    activation_after: Literal["conv", "hidden"] = "conv"
    output_scale: float = 1.0
    blank: int = 0
    canvas_length: int = 192
    fill: Literal["eos", "pad"] = "eos"
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require(self.alpha_ratio > 0, f"alpha_ratio {self.alpha_ratio} is not positive")
        _require(self.canvas_length > 0, f"canvas_length {self.canvas_length} is not positive")
        _require(self.blank >= 0, f"blank {self.blank} is no token id")
        strangers = set(self.sources) - {f.name for f in fields(self)}
        _require(not strangers, f"sources of unknown settings: {', '.join(sorted(strangers))}")

    def assumed(self) -> tuple[str, ...]:
        """Names of the settings that nothing but habit speaks for."""
        names = (f.name for f in fields(self) if f.name != "sources")
        return tuple(name for name in names if self.sources.get(name, "assumed") == "assumed")

    def answered(self, source: str, **answers: Any) -> Unknowns:  # noqa: ANN401
        """A copy with some answers filled in, and how they are known.

        Raises:
            ValueError: a name that is not an unknown, or a value that it does not take.
        """
        known = asdict(self)
        strangers = sorted(name for name in answers if name not in known or name == "sources")
        _require(not strangers, f"no such setting: {', '.join(strangers)}")
        sources = {**self.sources, **dict.fromkeys(answers, source)}
        return from_dict(Unknowns, {**known, **answers, "sources": sources})


@dataclass(frozen=True)
class RecogniserConfig:
    """Everything about a checkpoint but its weights.

    Attributes:
        eos: token ids that end a transcript.
        pad: token id after the end.
        calibration: (slope, offset) of the logistic curve that turns raw confidence into the share of
            right words, fitted on transcribed speech; None: raw confidence is given as it is.
    """

    projector: ProjectorConfig
    adapter: AdapterConfig
    unknowns: Unknowns = field(default_factory=Unknowns)
    encoder: ModelRef = ModelRef("openai/whisper-small")
    base: ModelRef = ModelRef("google/diffusiongemma-26B-A4B-it")
    prompt_ids: PromptIds = PromptIds()
    languages: tuple[str, ...] = LANGUAGES
    eos: tuple[int, ...] = (1, 106, 50)
    pad: int = 0
    calibration: tuple[float, float] | None = None
    format: int = FORMAT

    def __post_init__(self) -> None:
        _require(self.format == FORMAT, f"format {self.format}: this version reads format {FORMAT}")
        _require(bool(self.eos), "no token ends a transcript")


def save_config(config: RecogniserConfig, folder: Path) -> None:
    """Write the configuration into a checkpoint's folder."""
    text = json.dumps(asdict(config), indent=2, ensure_ascii=False)
    (folder / CONFIG_FILE).write_text(text + "\n", encoding="utf-8")


def load_config(folder: Path) -> RecogniserConfig:
    """Read the configuration of a checkpoint's folder.

    Raises:
        UnreadableCheckpoint: no such file, or not JSON.
        InvalidConfig: an unknown key, a missing one, or a bad value.
    """
    path = folder / CONFIG_FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"cannot be read ({error}); make it with: diffasr convert"
        raise UnreadableCheckpoint(path, message) from error
    try:
        return from_dict(RecogniserConfig, values)
    except ValueError as error:
        message = f"{error}; correct the file, or make it again with: diffasr convert"
        raise InvalidConfig(path, message) from error


def from_dict(cls: type[T], values: Any) -> T:  # noqa: ANN401
    """A frozen dataclass, nested ones included, from what `asdict` and JSON made of it.

    Raises:
        ValueError: an unknown key, a missing one, or a value of the wrong type. The key is in the message.
    """
    _require(isinstance(values, Mapping), f"expected a table for {cls.__name__}, found {values!r}")
    known = {f.name: f for f in fields(cls)}  # type: ignore[arg-type]
    strangers = sorted(set(values) - set(known))
    _require(not strangers, f"unknown key {', '.join(map(repr, strangers))} in {cls.__name__}")
    for name, f in known.items():
        optional = f.default is not MISSING or f.default_factory is not MISSING
        _require(optional or name in values, f"{cls.__name__} lacks {name!r}")
    hints = get_type_hints(cls)
    return cls(**{name: _typed(hints[name], value, name) for name, value in values.items()})


def _typed(hint: Any, value: Any, name: str) -> Any:  # noqa: ANN401
    """`value` as the type that a field's annotation asks for."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        rest = [argument for argument in arguments if argument is not type(None)]
        return None if value is None and len(rest) < len(arguments) else _typed(rest[0], value, name)
    if origin is Literal:
        _require(value in arguments, f"{name!r} is {value!r}, not one of {', '.join(map(str, arguments))}")
        return value
    if origin is tuple:
        _require(isinstance(value, list | tuple), f"{name!r} is {value!r}, not a list")
        variadic = arguments[-1] is Ellipsis
        _require(variadic or len(value) == len(arguments), f"{name!r} holds {len(value)} values")
        return tuple(_typed(arguments[0], item, name) for item in value)
    if is_dataclass(hint):
        return from_dict(hint, value)  # type: ignore[arg-type]
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    plain = origin or hint
    fits = isinstance(value, plain) and not (isinstance(value, bool) and plain is not bool)
    _require(fits, f"{name!r} is {value!r}, not {getattr(plain, '__name__', plain)}")
    return value


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise ValueError(message)
