"""Every error that a checkpoint, or the place it is fetched from, may cause; each names the offending file.

Does not know how checkpoints are read. The tree, below `DiffasrError`:

    CheckpointError                  something is wrong with the files of a model
    ├── UnreadableCheckpoint         truncated, or no checkpoint at all
    ├── UnsafeCheckpoint             a pickle that wants to run code
    ├── IncompleteCheckpoint         tensors are missing
    ├── MismatchedCheckpoint         a tensor or a setting that does not fit the model
    ├── InvalidWeights               NaN or infinite numbers
    ├── InvalidConfig                a configuration with an unknown key or a bad value
    └── Unreachable                  the files could not be fetched
        └── GatedRepository          ... because the repository asks for permission first
"""

from __future__ import annotations

from collections.abc import Sequence

from diffasr_plugin.asr import DiffasrError

__all__ = [
    "CheckpointError",
    "GatedRepository",
    "IncompleteCheckpoint",
    "InvalidConfig",
    "InvalidWeights",
    "MismatchedCheckpoint",
    "Unreachable",
    "UnreadableCheckpoint",
    "UnsafeCheckpoint",
]


class CheckpointError(DiffasrError):
    """Something is wrong with the files of a model; `source` is the file, folder or repository."""

    def __init__(self, source: object, message: str) -> None:
        super().__init__(f"{source}: {message}")
        self.source = str(source)


class UnreadableCheckpoint(CheckpointError):
    """Truncated, damaged, or not a checkpoint."""


class UnsafeCheckpoint(CheckpointError):
    """A pickle that asks for more than tensors and plain values; `wanted` names what it asks for."""

    def __init__(self, source: object, wanted: Sequence[str]) -> None:
        super().__init__(
            source,
            f"this pickle wants to run {', '.join(wanted)}, which could be anything, so it was not opened; "
            "ask its author for a safetensors file, or save the state dict alone with torch.save",
        )
        self.wanted = tuple(wanted)


class IncompleteCheckpoint(CheckpointError):
    """Tensors are missing; `missing` names them."""

    def __init__(self, source: object, missing: Sequence[str], remedy: str) -> None:
        super().__init__(source, f"{_some(missing)} missing; {remedy}")
        self.missing = tuple(missing)


class MismatchedCheckpoint(CheckpointError):
    """Tensors or settings that do not fit the model; `problems` has a line for each."""

    def __init__(self, source: object, problems: Sequence[str], remedy: str) -> None:
        super().__init__(source, f"{_some(problems)}; {remedy}")
        self.problems = tuple(problems)


class InvalidWeights(CheckpointError):
    """NaN or infinite numbers; `tensor` names where."""

    def __init__(self, source: object, tensor: str) -> None:
        super().__init__(source, f"tensor {tensor} holds NaN or infinity: fetch or train it again")
        self.tensor = tensor


class InvalidConfig(CheckpointError):
    """A configuration with an unknown key, a missing one, or a bad value."""


class Unreachable(CheckpointError):
    """Files that are not here and could not be fetched."""


class GatedRepository(Unreachable):
    """The repository gives its files only to people whom its owner has let in."""


def _some(items: Sequence[str], most: int = 5) -> str:
    listed = "; ".join(items[:most])
    return f"{listed}; and {len(items) - most} more" if len(items) > most else listed
