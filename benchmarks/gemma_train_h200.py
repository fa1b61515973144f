"""Real training steps of the flagship at its true size, with random weights, on one large GPU -> a table.

    python benchmarks/gemma_train_h200.py --out gemma_train_h200.json

Frozen and random: Whisper-small's encoder and DiffusionGemma 26B. Learning, by the recipe's three losses: the
projector, then the low-rank pairs too. One batch is learnt by heart, so that the loss must fall. What is
measured: peak memory, seconds a step, and the losses.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # runs from a bare checkout too

from benchmarks.gemma_files import SHAPES, base_config
from diffasr_plugin.compat import repair_torchaudio
from diffasr_plugin.config import ModelRef, PromptIds
from diffasr_plugin.models.gemma import build_gemma
from diffasr_plugin.models.weights import RandomWeights
from diffasr_plugin.models.whisper_encoder import EncoderShape, build_whisper_encoder
from diffasr_plugin.train.gemma import GemmaBatch, GemmaLearner, make_learner, new_config
from diffasr_plugin.train.log import read_log
from diffasr_plugin.train.loop import Run, make_accelerator, train
from diffasr_plugin.train.model_recipes import GemmaRecipe
from diffasr_plugin.train.recipe import Conditioning, LossWeights, Noise, Optimiser, Recipe, Stage

TEXT, CANVAS, FRAMES = 40, 192, 63
"""A clip of 10 s: tokens of its text, of a canvas, and audio tokens."""


class OneBatch:
    """The same clips again and again: random sound, random texts."""

    def __init__(self, learner: GemmaLearner, clips: int) -> None:
        device, config = learner.gemma.device, learner.config
        generator = torch.Generator(device).manual_seed(0)
        audio = config.projector.tokens(1500)
        span = [config.prompt_ids.begin, *[config.prompt_ids.audio] * audio, config.prompt_ids.end]
        clean = torch.full((clips, CANVAS), config.eos[0], device=device)
        most = min(learner.gemma.backbone.vocab, 200_000)
        clean[:, :TEXT] = torch.randint(200, most, (clips, TEXT), generator=generator, device=device)
        self._batch = GemmaBatch(
            features=torch.randn(clips, 80, 3000, generator=generator, device=device),
            frames=torch.full((clips,), FRAMES, device=device),
            prompts=torch.tensor([[2, *span]] * clips, device=device),
            clean=clean,
            lengths=torch.full((clips,), TEXT, device=device),
        )

    def batch(self, number: int) -> GemmaBatch:
        return self._batch


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="JSON file for all numbers")
    parser.add_argument("--shape", choices=SHAPES, default="26b", help="the others try the script itself")
    parser.add_argument("--clips", type=int, default=4, help="in the batch")
    parser.add_argument("--steps", type=int, nargs=2, default=(15, 45), help="of the two stages")
    parser.add_argument("--rates", type=float, nargs=2, default=(1e-3, 5e-4), help="of learning, likewise")
    parser.add_argument("--checkpointing", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    recipe = make_recipe(given)
    accelerator = make_accelerator(recipe, cpu=not torch.cuda.is_available())
    begin = time.perf_counter()
    learner = random_learner(recipe, given.shape, accelerator.device)
    built_s = time.perf_counter() - begin
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recipe.toml"
        path.write_text("# made by the script\n")
        data = OneBatch(learner, given.clips)
        train(recipe, learner, data, Run(Path(folder) / "run", path), accelerator)
        entries = read_log(Path(folder) / "run")
    results = {
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "torch": torch.__version__,
        "clips": given.clips,
        "checkpointing": given.checkpointing,
        "built_s": round(built_s, 1),
        "trained_parameters": sum(p.numel() for p in learner.parameters() if p.requires_grad),
        "entries": [vars(entry) for entry in entries],
    }
    if given.out:
        given.out.write_text(json.dumps(results, indent=1))
    print(table(results))


def make_recipe(given: argparse.Namespace) -> Recipe:
    (first, second), (first_rate, second_rate) = given.steps, given.rates
    ctc_alone = LossWeights(diffusion=0.0, ctc=1.0)
    unlock = Stage("unlock", first, first_rate, 3, 1.0, ("projector",), ctc_alone)
    whole = Stage("all", second, second_rate, 3, 1.0, (), LossWeights(1.0, 1.0, 0.5))
    ids = PromptIds()
    return Recipe(
        stages=(unlock, whole),
        gemma=GemmaRecipe(manifests=("none",), clips=given.clips, prompt_ids=ids),
        optimiser=Optimiser(),
        noise=Noise(conditioning=Conditioning(chance=0.5)),
        gradient_checkpointing=given.checkpointing,
        log_every=5,
        save_every=10_000,
    )


def random_learner(recipe: Recipe, shape: str, device: torch.device) -> GemmaLearner:
    """The learner over random frozen weights, made on the device itself."""
    repair_torchaudio()
    from transformers import WhisperConfig

    asked, backbone = recipe.gemma, SHAPES[shape]
    assert asked is not None
    if backbone.vocab <= asked.prompt_ids.end:
        asked = replace(asked, prompt_ids=PromptIds(500, 501, 502))
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    gemma = build_gemma(base_config(backbone), RandomWeights(), dtype=dtype, devices=[device])
    small = WhisperConfig(d_model=768, encoder_layers=12, encoder_attention_heads=12, encoder_ffn_dim=3072)
    encoder = build_whisper_encoder(small, EncoderShape(), RandomWeights(1), device=device, dtype=dtype)
    config = new_config(asked, backbone, 768, ModelRef("random"), ModelRef("random"))
    return make_learner(encoder, gemma, config, recipe)


def table(results: dict[str, Any]) -> str:
    """The numbers as Markdown."""
    entries = results["entries"]
    names = ("ctc", "autoregressive", "diffusion", "total")
    lines = [
        f"{results['gpu']}, torch {results['torch']}, {results['clips']} clips a step, "
        f"decoder checkpointing {'on' if results['checkpointing'] else 'off'}",
        f"{results['trained_parameters'] / 1e6:.1f}M parameters learn; built in {results['built_s']} s",
        "",
        "| stage | step | " + " | ".join(names) + " | gradient's norm | s a step | peak GiB |",
        "|" + "---|" * (len(names) + 5),
    ]
    for entry in entries:
        losses = " | ".join(f"{entry['losses'][n]:.3f}" if n in entry["losses"] else "-" for n in names)
        lines.append(
            f"| {entry['stage']} | {entry['step']} | {losses} | {entry['grad_norm']:.2f} "
            f"| {entry['seconds_a_step']:.2f} | {entry['peak_gib']:.1f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
