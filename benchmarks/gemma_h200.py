"""The true size of the diffusion recogniser, with random weights, on one large GPU -> a table.

    python benchmarks/gemma_h200.py --scratch /dev/shm --out gemma_h200.json

Random weights take the time and the memory of trained ones; what they write means nothing, so accuracy is
not measured. Needs about 52 GB of scratch space.

Measured, each beside its reference:
- loading from safetensors files, for each kind of quantisation;
- peak memory, beside what `diffasr_plugin.memory` predicts;
- speed on clips of 10 s, beside transformers' own `generate` in the same process (which takes no audio: it
  gets a text prompt of equal length). Both run all steps, none stops early.
"""

from __future__ import annotations

import argparse
import gc
import json
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs from a bare checkout too

from benchmarks.gemma_files import SHAPES, write_files
from diffasr_plugin.backends.diffusion_gemma.decode import DecodeSettings, Request
from diffasr_plugin.backends.diffusion_gemma.front import listen_ahead
from diffasr_plugin.backends.diffusion_gemma.load import Loaded, Plan, attach, plan_load
from diffasr_plugin.backends.diffusion_gemma.spec import SPEC
from diffasr_plugin.compat import repair_torchaudio
from diffasr_plugin.memory import GIB, QUANTIZE, predict
from diffasr_plugin.models.gemma import load_gemma
from diffasr_plugin.models.whisper_encoder import load_whisper_encoder

CLIP_S = 10.0
STEPS = (8, 16, 32, 48)
BATCHES = (1, 8, 32)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--scratch", type=Path, default=Path("/tmp"), help="where the random model is written"
    )
    parser.add_argument("--out", type=Path, help="JSON file for all numbers")
    parser.add_argument("--shape", choices=SHAPES, default="26b", help="the others try the script itself")
    parser.add_argument("--steps", type=int, nargs="*", default=STEPS)
    parser.add_argument("--batches", type=int, nargs="*", default=BATCHES)
    parser.add_argument("--quantize", nargs="*", default=list(QUANTIZE))
    given = parser.parse_args()
    results: list[dict[str, Any]] = [_machine()]
    folder = given.scratch / "gemma_h200"
    try:
        options = attempt(results, "write", lambda: write_files(folder, SHAPES[given.shape]))
        for quantize in given.quantize if options else ():
            attempt(results, f"measure {quantize}", lambda q=quantize: measure(results, options, q, given))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if given.out:
            given.out.write_text(json.dumps(results, indent=1))
    print(table(results))


def attempt(results: list[dict[str, Any]], what: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Do a part of the measurement; if it fails, note that and go on: a machine's time is dear."""
    start = time.perf_counter()
    try:
        outcome = work()
    except Exception as error:  # whatever it is, the other parts are worth having
        traceback.print_exc()
        note(results, kind="failed", what=what, error=repr(error)[:300])
        outcome = None
    note(results, kind="part", what=what, seconds=round(time.perf_counter() - start, 1))
    return outcome


def note(results: list[dict[str, Any]], **row: Any) -> None:  # noqa: ANN401
    results.append(row)
    print(json.dumps(row), flush=True)


def _machine() -> dict[str, Any]:
    repair_torchaudio()
    import transformers

    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "none"
    return {
        "kind": "machine",
        "gpu": gpu,
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }


def measure(
    results: list[dict[str, Any]], options: dict[str, Any], quantize: str, given: argparse.Namespace
) -> None:
    """Load one kind of weights, then measure its memory and speed."""
    reset_peak()
    start = time.perf_counter()
    plan = plan_load(SPEC.check_options({**options, "quantize": quantize}, "load"))
    base, device = Path(plan.models.base.repo), plan.devices[0]
    gemma = load_gemma(base, dtype=plan.dtype, devices=plan.devices, bits=plan.bits)
    synchronize()
    loaded_s, load_peak = time.perf_counter() - start, peak_bytes()
    start = time.perf_counter()
    whisper = load_whisper_encoder(Path(plan.models.encoder.repo), device=device, dtype=plan.dtype)
    parts = attach(plan, gemma, whisper, base)
    synchronize()
    note(
        results,
        kind="load",
        quantize=quantize,
        seconds=round(loaded_s + time.perf_counter() - start, 1),
        peak_gib=round(load_peak / GIB, 2),
        weights_gib=round(held_bytes() / GIB, 2),
        predicted_gib=round((predict(plan.sizes, quantize, 1).total - _working(plan, quantize)) / GIB, 2),
    )
    for batch in given.batches:
        attempt(results, f"peak {quantize} {batch}", lambda b=batch: peak(results, parts, b))
        steps = given.steps if plan.bits == 16 else given.steps[:1]
        attempt(results, f"speed {quantize} {batch}", lambda b=batch, s=steps: speed(results, parts, b, s))


def _working(plan: Plan, quantize: str) -> float:
    return predict(plan.sizes, quantize, 1).working


def speed(results: list[dict[str, Any]], parts: Loaded, batch: int, steps: list[int]) -> None:
    """Listening, decoding, and transformers' own loop on a text prompt as long as ours.

    The last two take turns: this machine's speed drifts by more than they differ. Both have the merged
    weights, and beside quantised ones only ours is run.
    """
    gemma, clips = parts.decoder.gemma, _clips(batch)
    audio = parts.front.listen(clips)
    requests = [Request(CLIP_S, "en", seed) for seed in range(batch)]
    prompt = torch.randint(10, gemma.backbone.vocab // 2, (batch, 191), device=gemma.device)

    def ours(count: int) -> None:
        parts.decoder.decode(audio, requests, DecodeSettings(count, stop_early=False))

    def stock(count: int) -> None:
        # No row can be as sure as that: all steps are run.
        gemma.model.generate(
            prompt, max_new_tokens=192, max_denoising_steps=count, confidence_threshold=1e-30
        )

    rivals = {"ours": ours, "stock": stock} if parts.plan.bits == 16 else {"ours": ours}
    for work in rivals.values():
        work(2)
    listen_s = race({"listen": lambda: parts.front.listen(clips)})["listen"]
    for count in steps:
        seconds = race({name: partial(work, count) for name, work in rivals.items()})
        row = {"quantize": parts.plan.quantize, "batch": batch, "steps": count, "listen_s": listen_s}
        note(results, kind="speed", **row, **{f"{name}_s": value for name, value in seconds.items()})


def peak(results: list[dict[str, Any]], parts: Loaded, batch: int) -> None:
    """The most memory while one batch is denoised and the next one is listened to."""
    reset_peak()
    requests = [Request(CLIP_S, "en", seed) for seed in range(batch)]
    for audio in listen_ahead(parts.front, [_clips(batch)] * 2):
        parts.decoder.decode(audio, requests, DecodeSettings(3, stop_early=False))
    synchronize()
    measured = peak_bytes()
    predicted = predict(parts.plan.sizes, parts.plan.quantize, batch)
    note(
        results,
        kind="peak",
        quantize=parts.plan.quantize,
        batch=batch,
        gib=round(measured / GIB, 2),
        predicted_gib=round(predicted.total / GIB, 2),
        off_percent=round(100 * (predicted.total / measured - 1), 1),
        predicted={name: round(value / GIB, 2) for name, value in asdict(predicted).items()},
    )


def _clips(batch: int) -> list[np.ndarray]:
    noise = np.random.default_rng(0)
    return [noise.normal(0, 0.1, int(CLIP_S * 16_000)).astype(np.float32) for _ in range(batch)]


def race(rivals: dict[str, Callable[[], Any]], budget_s: float = 12.0, most: int = 5) -> dict[str, float]:
    """Median seconds of each; they take turns, as often as fits the budget, at least once."""
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    start = time.perf_counter()
    for _ in range(most):
        for name, work in rivals.items():
            synchronize()
            begin = time.perf_counter()
            work()
            synchronize()
            seconds[name].append(time.perf_counter() - begin)
        if time.perf_counter() - start > budget_s:
            break
    return {name: round(sorted(values)[len(values) // 2], 4) for name, values in seconds.items()}


# Without a GPU the script can be tried, but measures no memory.


def synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def reset_peak() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def held_bytes() -> int:
    return torch.cuda.memory_allocated() if torch.cuda.is_available() else 1


def peak_bytes() -> int:
    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else 1


def table(results: list[dict[str, Any]]) -> str:
    """All numbers as Markdown."""
    machine = results[0]
    lines = [f"{machine['gpu']}, torch {machine['torch']}, transformers {machine['transformers']}", ""]
    lines += [
        "| weights | load s | weights GiB | peak GiB at batch 1, 8, 32 (predicted) |",
        "|---|---|---|---|",
    ]
    for row in (r for r in results if r["kind"] == "load"):
        peaks = [r for r in results if r["kind"] == "peak" and r["quantize"] == row["quantize"]]
        cells = ", ".join(f"{r['gib']:.1f} ({r['predicted_gib']:.1f})" for r in peaks)
        lines.append(f"| {row['quantize']} | {row['seconds']:.0f} | {row['weights_gib']:.1f} | {cells} |")
    lines += ["", "Times real time, clips of 10 s:", ""]
    lines += ["| weights | batch | steps | transformers | ours, audio tokens to ids | ours, samples to ids |"]
    lines += ["|---|---|---|---|---|---|"]
    for row in (r for r in results if r["kind"] == "speed"):
        audio_s = row["batch"] * CLIP_S
        theirs = f"{audio_s / row['stock_s']:.1f}" if "stock_s" in row else "-"
        alone, whole = audio_s / row["ours_s"], audio_s / (row["ours_s"] + row["listen_s"])
        lines.append(
            f"| {row['quantize']} | {row['batch']} | {row['steps']} | {theirs} | {alone:.1f} | {whole:.1f} |"
        )
    failed = [r for r in results if r["kind"] == "failed"]
    return "\n".join([*lines, *[f"FAILED {r['what']}: {r['error']}" for r in failed]])


if __name__ == "__main__":
    main()
