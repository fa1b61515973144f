"""Named arrays into one .safetensors file whose bytes depend on the arrays alone.

The library's own writer may order tensors differently from version to version; a file that is pinned by its
sum cannot. Source: the format's description in the safetensors README.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["write_safetensors"]

_TYPES = {"<f4": "F32", "<f2": "F16", "|i1": "I8", "|u1": "U8"}


def write_safetensors(path: Path, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Write the tensors in the order of their names, marked as PyTorch's layout, as transformers asks.

    Raises:
        ValueError: a tensor of another type than float32, float16, int8 and uint8.
    """
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, tensor in sorted(tensors.items()):
        if tensor.dtype.str not in _TYPES:
            raise ValueError(f"tensor {name} is {tensor.dtype}, not float32, float16, int8 or uint8")
        start, end = end, end + tensor.nbytes
        header[name] = {
            "dtype": _TYPES[tensor.dtype.str],
            "shape": list(tensor.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the data begins at a multiple of eight
    with path.open("wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for _, tensor in sorted(tensors.items()):
            out.write(np.ascontiguousarray(tensor).data)
