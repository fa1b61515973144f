from __future__ import annotations

import json
from itertools import pairwise

import torch

from diffasr_plugin.diffusion.draws import RowDraws
from diffasr_plugin.diffusion.sampler import Sampled, SamplerConfig, sample
from diffasr_plugin.diffusion.trace import Trace
from tests.support.toy_denoiser import ToyDenoiser

LENGTHS = [4, 7]
TRUTH = torch.tensor([[3, 1, 4, 1, 0, 0, 0], [2, 7, 1, 8, 2, 8, 1]])


def run(trace: Trace | None) -> Sampled:
    draws = RowDraws([0, 1], LENGTHS, 50)
    denoise = ToyDenoiser(TRUTH, torch.tensor([1000.0, 0.0]), lengths=LENGTHS)
    return sample(denoise, draws.canvas(), draws, SamplerConfig(steps=6), lengths=LENGTHS, tracer=trace)


def test_tracing_changes_nothing():
    traced, plain = run(Trace()), run(None)
    assert torch.equal(traced.ids, plain.ids)
    assert torch.equal(traced.steps, plain.steps)


def test_each_row_has_its_steps_and_its_length():
    trace = Trace()
    sampled = run(trace)
    for row, steps in trace.rows.items():
        assert [step.step for step in steps] == list(range(1, int(sampled.steps[row]) + 1))
        assert all(len(step.canvas) == len(step.entropy) == LENGTHS[row] for step in steps)
        assert steps[-1].best == sampled.ids[row, : LENGTHS[row]].tolist()
    assert [steps[-1].stopped for _, steps in sorted(trace.rows.items())] == [True, False]


def test_steps_fit_together():
    trace = Trace()
    run(trace)
    steps = trace.rows[1]
    assert [step.temperature for step in steps[:2]] == [0.8, round(0.4 + 0.4 * 5 / 6, 6)]
    for step, following in pairwise(steps):
        assert following.canvas == step.renoised
        for proposed, accepted, renoised in zip(step.proposed, step.accepted, step.renoised, strict=True):
            assert not accepted or renoised == proposed


def test_is_json_and_reads_every_token_that_occurs():
    trace = Trace()
    run(trace)
    data = json.loads(json.dumps(trace.as_json(read=lambda token: f"<{token}>"), allow_nan=False))
    assert [row["row"] for row in data["rows"]] == [0, 1]
    first = data["rows"][0]["steps"][0]
    assert set(first) == {
        "step", "temperature", "canvas", "proposed", "best", "entropy", "accepted", "renoised", "stopped",
    }  # fmt: skip
    assert {data["pieces"][str(token)] for token in first["canvas"]} == {f"<{t}>" for t in first["canvas"]}
    assert "pieces" not in trace.as_json()
