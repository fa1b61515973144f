"""Kokoro's network: numbers of phonemes, a style and a speed -> samples.

On a GPU it runs with torch, in floats; on a processor with onnxruntime, quantised as its file is. Both in one
thread, for one process a core; processes spread over the GPUs. Knows no text and no voice.
"""

from __future__ import annotations

from multiprocessing import current_process
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Network", "OnGpu", "OnProcessor", "gpu_of"]

Floats = NDArray[np.float32]


class Network(Protocol):
    """Says phonemes."""

    def run(self, tokens: NDArray[np.int64], style: Floats, speed: Floats) -> Floats:
        """Speech at 24 kHz, (samples,).

        Args:
            tokens: numbers of phonemes, (1, phonemes).
            style: of a voice, (1, 256).
            speed: (1,); 2 is twice as fast.
        """
        ...


class OnProcessor:
    """The network in onnxruntime, which has to be installed."""

    def __init__(self, file: Path) -> None:
        import onnxruntime  # type: ignore[import-not-found]  # wanted here only

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"]
        )

    def run(self, tokens: NDArray[np.int64], style: Floats, speed: Floats) -> Floats:
        inputs = {"tokens": tokens, "style": style, "speed": speed}
        samples: Floats = self._session.run(None, inputs)[0]
        return samples.ravel()


class OnGpu:
    """The network in torch.

    Args:
        device: None: the GPU of this process.

    Raises:
        NotAGraph: the file is not ONNX.
        UnknownOperators: it is another network.
    """

    def __init__(self, file: Path, device: str | None = None) -> None:
        import torch

        from .onnx_torch.network import Network as Graph

        torch.set_num_threads(1)
        # TF32: its ten bits are more than the eight that weights have in the file.
        torch.set_float32_matmul_precision("high")
        self._graph = Graph.read(file, device or f"cuda:{gpu_of(torch.cuda.device_count())}")

    def run(self, tokens: NDArray[np.int64], style: Floats, speed: Floats) -> Floats:
        samples: Floats = self._graph(tokens, style, speed)[0].cpu().numpy()
        return samples.ravel()


def gpu_of(count: int) -> int:
    """The GPU that this process is to use, of so many: a pool's processes take them in turns."""
    number = current_process().name.rpartition("-")[2]
    return int(number) % count if number.isdigit() else 0
