"""A foreign checkpoint file -> tensors and plain values, without running any code that is in it.

Does not know what the tensors are for.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from .errors import UnreadableCheckpoint, UnsafeCheckpoint

__all__ = ["ForeignFile", "read_foreign"]

_PLAIN_SETTINGS = re.compile(r"(argparse\.Namespace|[\w.]+\.\w*(Config|Args|Arguments|Settings|Params))")
"""Classes whose instances are taken as tables of values. Their own code is never looked for."""

_TRAINING_STATE = re.compile(r"(optim|sched|lr_sched|scaler|rng|ema)", re.IGNORECASE)
"""Parts of a checkpoint, by the beginning of their names, that only a resumed training needs."""


@dataclass(frozen=True, eq=False)
class ForeignFile:
    """What is in a file, nested names joined by dots, in the file's order.

    Attributes:
        tensors: floating-point tensors.
        metadata: everything else: numbers, texts, lists.
        ignored: names of parts that only a resumed training needs.
    """

    path: Path
    tensors: dict[str, Tensor]
    metadata: dict[str, Any]
    ignored: tuple[str, ...] = ()


def read_foreign(path: Path) -> ForeignFile:
    """Read a `.pt` (or any other name) of torch.save, or a `.safetensors` file.

    Raises:
        UnsafeCheckpoint: a pickle that wants more than tensors, plain values and settings classes.
        UnreadableCheckpoint: missing, truncated, or something else.
    """
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_pickle(path)
    ignored = tuple(name for name in content if _TRAINING_STATE.match(name) and "." not in name)
    leaves = dict(_leaves({name: value for name, value in content.items() if name not in ignored}))
    tensors = {name: leaf for name, leaf in leaves.items() if _is_weight(leaf)}
    if not tensors:
        raise UnreadableCheckpoint(path, "holds no tensors; give the file with the adapter and the projector")
    metadata = {name: _plain(leaf) for name, leaf in leaves.items() if name not in tensors}
    return ForeignFile(path, tensors, metadata, ignored)


class _Settings:
    """Stands in for a settings class of someone else's: its values, none of its code."""


def _read_pickle(path: Path) -> Mapping[str, Any]:
    try:
        wanted = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise UnreadableCheckpoint(path, _damaged(error)) from error
    harmful = [name for name in wanted if not _PLAIN_SETTINGS.fullmatch(name)]
    if harmful:
        raise UnsafeCheckpoint(path, harmful)
    try:
        with torch.serialization.safe_globals([(_Settings, name) for name in wanted]):
            content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, TypeError) as error:
        # A settings class that is called, not filled: code would have to run to make it.
        raise UnsafeCheckpoint(path, wanted or [str(error).splitlines()[0]]) from error
    except (OSError, RuntimeError, ValueError, EOFError) as error:
        raise UnreadableCheckpoint(path, _damaged(error)) from error
    if not isinstance(content, Mapping):
        raise UnreadableCheckpoint(path, f"holds a {type(content).__name__}, not a table of tensors")
    return content


def _read_safetensors(path: Path) -> Mapping[str, Any]:
    try:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}
            return {**tensors, **(file.metadata() or {})}
    except (OSError, SafetensorError) as error:
        raise UnreadableCheckpoint(path, _damaged(error)) from error


def _damaged(error: Exception) -> str:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"missing, truncated, or no checkpoint ({reason}); fetch it again"


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    if isinstance(value, _Settings):
        value = vars(value)
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def _is_weight(leaf: object) -> bool:
    return isinstance(leaf, Tensor) and leaf.is_floating_point()


def _plain(leaf: Any) -> Any:  # noqa: ANN401
    return leaf.tolist() if isinstance(leaf, Tensor) else leaf
