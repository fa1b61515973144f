"""Recorded denoising steps beside those launched one by one, and beside transformers' own loop: a table.

    python benchmarks/gemma_steps.py

Random weights at the true size, on one large GPU; about a minute. Times are of a prompt's 191 embeddings to a
canvas's ids; transformers' `generate` gets a text prompt of equal length. Peak memory is of the GPU.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs from a bare checkout too

from benchmarks.gemma_files import SHAPES, base_config
from diffasr_plugin.backends.diffusion_gemma import steps
from diffasr_plugin.diffusion.draws import RowDraws
from diffasr_plugin.diffusion.sampler import SamplerConfig, sample
from diffasr_plugin.models.gemma import Gemma, build_gemma
from diffasr_plugin.models.weights import RandomWeights

PROMPT, CANVAS = 191, 192


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES, default="26b", help="the others try the script itself")
    parser.add_argument("--batches", type=int, nargs="*", default=[1, 2, 4])
    parser.add_argument("--steps", type=int, nargs="*", default=[8, 16])
    given = parser.parse_args()
    device = torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")
    config = base_config(SHAPES[given.shape])
    gemma = build_gemma(config, RandomWeights(), dtype=torch.bfloat16, devices=[device])
    print("| batch | steps | same ids | recorded | launched one by one | transformers |", flush=True)
    print("|---|---|---|---|---|---|", flush=True)
    for batch in given.batches:
        for count in given.steps:
            recorded, launched = (partial(ours, gemma, batch, count, most) for most in (batch, 0))
            same = torch.equal(recorded(), launched())
            cells = [timed(work) for work in (recorded, launched, partial(stock, gemma, batch, count))]
            print(f"| {batch} | {count} | {same} | {' | '.join(cells)} |", flush=True)


@torch.no_grad()
def ours(gemma: Gemma, batch: int, count: int, recorded_rows: int) -> Tensor:
    """Ids of canvases denoised in so many steps; steps of up to `recorded_rows` rows are recorded."""
    steps.RECORDED_ROWS = recorded_rows
    noise = torch.Generator(gemma.device).manual_seed(1)
    shape = (batch, PROMPT, gemma.backbone.hidden)
    embeds = torch.randn(shape, device=gemma.device, dtype=gemma.dtype, generator=noise)
    lengths = [CANVAS] * batch
    draws = RowDraws(list(range(batch)), lengths, gemma.backbone.vocab, gemma.device)
    denoise = steps.BatchDenoiser(gemma, gemma.encode_context(embeds), lengths)
    sampler = SamplerConfig(steps=count, stop_entropy=0.0, conditioning_dtype=gemma.dtype)
    return sample(denoise, draws.canvas(), draws, sampler).ids


@torch.no_grad()
def stock(gemma: Gemma, batch: int, count: int) -> None:
    prompt = torch.randint(10, gemma.backbone.vocab // 2, (batch, PROMPT), device=gemma.device)
    # No row can be as sure as that: all steps are run.
    gemma.model.generate(prompt, max_new_tokens=CANVAS, max_denoising_steps=count, confidence_threshold=1e-30)


def timed(work: Callable[[], object], repeats: int = 5) -> str:
    """Median time and peak memory, after one run that does not count."""
    work()
    seconds = []
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    for _ in range(repeats):
        _synchronize()
        begin = time.perf_counter()
        work()
        _synchronize()
        seconds.append(time.perf_counter() - begin)
    peak = torch.cuda.max_memory_allocated() / 2**30 if torch.cuda.is_available() else 0.0
    return f"{1000 * sorted(seconds)[repeats // 2]:.0f} ms, {peak:.1f} GiB"


def _synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
