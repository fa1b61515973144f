"""transformers' own `generate` and our sampler, on one tiny DiffusionGemma, to the last bit."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import pytest
import torch

from diffasr_plugin.diffusion.draws import LibraryDraws
from diffasr_plugin.diffusion.sampler import Sampled, SamplerConfig, sample
from tests.support.tiny_gemma import TINY_VOCAB, tiny_gemma

BATCH, PROMPT = 4, 12


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Sums are rounded alike in every run."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def prompts(seed: int) -> torch.Tensor:
    return torch.randint(6, 180, (BATCH, PROMPT), generator=torch.Generator().manual_seed(100 + seed))


def theirs(model, prompt, config: SamplerConfig, seed: int) -> tuple[torch.Tensor, list[int]]:
    """Argmax canvases and steps of each row, from transformers."""
    from transformers.models.diffusion_gemma.generation_diffusion_gemma import EntropyBoundSamplerConfig

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        output = model.generate(
            prompt,
            max_new_tokens=model.config.canvas_length,
            max_denoising_steps=config.steps,
            t_min=config.t_min,
            t_max=config.t_max,
            sampler_config=EntropyBoundSamplerConfig(config.entropy_bound),
            confidence_threshold=config.stop_entropy,
            eos_token_id=None,
            pad_token_id=None,
        )
    length = model.config.canvas_length
    return output.sequences[:, PROMPT:], (length / output.tokens_per_forward).round().int().tolist()


def ours(model, prompt, config: SamplerConfig, seed: int) -> Sampled:
    with torch.no_grad():
        cache = model.model.encoder(input_ids=prompt).past_key_values

    def denoise(canvas, rows, conditioning):
        selected = copy.deepcopy(cache)
        selected.batch_select_indices(rows)
        return model.forward(
            decoder_input_ids=canvas, past_key_values=selected, self_conditioning_logits=conditioning
        ).logits

    generator = torch.Generator().manual_seed(seed)
    draws = LibraryDraws(generator, len(prompt), model.config.canvas_length, TINY_VOCAB)
    return sample(denoise, draws.canvas(), draws, config)


@pytest.mark.parametrize("bound", [0.1, 3.0])
@pytest.mark.parametrize("steps", [1, 2, 12])
def test_gives_the_librarys_tokens(bound, steps):
    model = tiny_gemma(0)
    config = SamplerConfig(steps=steps, entropy_bound=bound)
    expected, _ = theirs(model, prompts(0), config, seed=5)
    assert torch.equal(ours(model, prompts(0), config, seed=5).ids, expected)


def test_gives_the_librarys_tokens_when_rows_stop_at_different_steps():
    """A batch with fewer rows rounds its matrix products another way, so here the model works row by row."""
    model = tiny_gemma(0, spread=0.3)
    model.config.canvas_length = 6
    model.forward = _row_by_row(model)
    config = SamplerConfig(steps=40, t_min=0.05, t_max=0.1, entropy_bound=50.0, stop_entropy=1.0)
    expected, steps = theirs(model, prompts(4), config, seed=4)
    sampled = ours(model, prompts(4), config, seed=4)
    assert torch.equal(sampled.ids, expected)
    assert sampled.steps.tolist() == steps
    assert len(set(steps)) == 3
    assert min(steps) < 40


def _row_by_row(model):
    whole = model.forward

    def forward(decoder_input_ids, past_key_values, self_conditioning_logits=None, **_):
        logits = []
        for row in range(len(decoder_input_ids)):
            cache = copy.deepcopy(past_key_values)
            cache.batch_select_indices(torch.tensor([row]))
            before = None if self_conditioning_logits is None else self_conditioning_logits[[row]]
            output = whole(
                decoder_input_ids=decoder_input_ids[[row]],
                past_key_values=cache,
                self_conditioning_logits=before,
            )
            logits.append(output.logits)
        return SimpleNamespace(logits=torch.cat(logits))

    return forward
