from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffasr_plugin.asr import InvalidOption
from diffasr_plugin.diffusion.draws import RowDraws
from diffasr_plugin.diffusion.sampler import DenoisingFailed, Sampled, SamplerConfig, sample
from tests.support.toy_denoiser import ToyDenoiser

VOCAB, N = 50, 20
TRUTH = torch.randint(VOCAB, (3, N), generator=torch.Generator().manual_seed(7))
SURE, UNSURE = 10.0, 0.0


def run(sharpness: list[float], config: SamplerConfig | None = None, seed: int = 0, **kwargs) -> Sampled:
    denoise = ToyDenoiser(TRUTH[: len(sharpness)], torch.tensor(sharpness))
    draws = RowDraws([seed + row for row in range(len(sharpness))], [N] * len(sharpness), VOCAB)
    return sample(denoise, draws.canvas(), draws, config, **kwargs)


def test_finds_the_answer_and_stops_early():
    sampled = run([SURE, SURE, SURE])
    assert torch.equal(sampled.ids, TRUTH)
    assert (sampled.steps < 16).all()
    assert (sampled.entropies.mean(dim=1) < 0.005).all()
    assert (sampled.accepted_since > 0).all()


def test_a_certain_model_needs_a_second_step_to_repeat_itself():
    assert run([1000.0]).steps.tolist() == [2]


@pytest.mark.parametrize("steps", [1, 2, 48])
def test_takes_no_more_steps_than_allowed(steps):
    assert run([UNSURE], SamplerConfig(steps=steps)).steps.tolist() == [steps]


def test_stop_entropy_0_stops_no_row():
    assert run([1000.0], SamplerConfig(steps=5, stop_entropy=0.0)).steps.tolist() == [5]


def test_finished_rows_leave_the_batch():
    denoise = ToyDenoiser(TRUTH, torch.tensor([SURE, UNSURE, 1000.0]))
    draws = RowDraws([0, 1, 2], [N] * 3, VOCAB)
    sampled = sample(denoise, draws.canvas(), draws)
    for step, rows in enumerate(denoise.calls, start=1):
        assert rows.tolist() == [row for row in range(3) if step <= sampled.steps[row]]
    assert sampled.steps[2] < sampled.steps[0] < sampled.steps[1] == 16


def test_rows_are_the_same_object_until_one_leaves():
    denoise = ToyDenoiser(TRUTH[:2], torch.tensor([1000.0, UNSURE]))
    draws = RowDraws([0, 1], [N, N], VOCAB)
    sample(denoise, draws.canvas(), draws, SamplerConfig(steps=5))
    assert [id(rows) for rows in denoise.calls[:2]] == [id(denoise.calls[0])] * 2
    assert [id(rows) for rows in denoise.calls[2:]] == [id(denoise.calls[2])] * 3


def test_only_unsure_rows_get_extra_steps():
    config = SamplerConfig(steps=8, extra_steps=3)
    assert run([1000.0, UNSURE], config).steps.tolist() == [2, 11]


def test_extra_steps_change_nothing_for_rows_that_stopped():
    short, long = (run([SURE, UNSURE], SamplerConfig(steps=9, extra_steps=n)) for n in (0, 20))
    assert torch.equal(short.ids[0], long.ids[0])
    assert short.steps.tolist() == [long.steps[0].item(), 9]


def test_temperature_falls_to_just_above_t_min_and_stays_there():
    config = SamplerConfig(steps=4, extra_steps=2, t_min=0.4, t_max=0.8)
    temperatures = [config.temperature(step).item() for step in range(1, 7)]
    assert temperatures == pytest.approx([0.8, 0.7, 0.6, 0.5, 0.5, 0.5])


def test_tempered_logits_go_back_into_the_model():
    seen: list[torch.Tensor | None] = []
    logits = torch.randn(2, N, VOCAB, generator=torch.Generator().manual_seed(1))

    def denoise(canvas, rows, conditioning):
        seen.append(conditioning)
        return logits[rows].clone()

    draws = RowDraws([0, 1], [N, N], VOCAB)
    config = SamplerConfig(steps=3, conditioning_dtype=torch.bfloat16)
    sample(denoise, draws.canvas(), draws, config)
    assert seen[0] is None
    assert torch.equal(seen[1], (logits / config.temperature(1)).bfloat16())
    assert torch.equal(seen[2], (logits / config.temperature(2)).bfloat16())


def test_conditioning_follows_its_row_when_others_leave():
    truth = TRUTH[:2]
    seen = []

    def denoise(canvas, rows, conditioning):
        if conditioning is not None:
            seen.append(conditioning[-1].argmax(dim=-1))
        logits = torch.zeros(len(rows), N, VOCAB)
        sharp = torch.tensor([1000.0, 1.0])[rows]  # row 0 stops after two steps
        return logits.scatter(2, truth[rows][:, :, None], sharp[:, None, None].expand(-1, N, 1))

    draws = RowDraws([0, 1], [N, N], VOCAB)
    sample(denoise, draws.canvas(), draws, SamplerConfig(steps=4))
    assert len(seen) == 3
    assert all(torch.equal(best, truth[1]) for best in seen)


def test_same_seed_same_result_other_seed_another():
    config = SamplerConfig(steps=6)
    assert torch.equal(run([1.0], config, seed=3).ids, run([1.0], config, seed=3).ids)
    assert not torch.equal(run([1.0], config, seed=3).ids, run([1.0], config, seed=4).ids)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(1, N), st.sampled_from([0.0, 6.0, 9.0, 30.0])), min_size=1, max_size=3),
    st.integers(0, 1000),
)
def test_a_rows_result_does_not_depend_on_its_batch(rows, seed):
    """Neither on the others' lengths, nor on when they leave, nor on how far its own canvas is padded."""
    lengths, sharpness = [length for length, _ in rows], torch.tensor([sharp for _, sharp in rows])
    config = SamplerConfig(steps=8, extra_steps=2)
    draws = RowDraws([seed] * len(rows), lengths, VOCAB)
    canvas = draws.canvas()
    denoise = ToyDenoiser(TRUTH[: len(rows), : canvas.shape[1]], sharpness, lengths=lengths)
    together = sample(denoise, canvas, draws, config, lengths=lengths)
    for row, length in enumerate(lengths):
        draws = RowDraws([seed], [length], VOCAB)
        single = ToyDenoiser(TRUTH[row : row + 1, :length], sharpness[row : row + 1])
        alone = sample(single, draws.canvas(), draws, config)
        assert torch.equal(together.ids[row, :length], alone.ids[0])
        assert torch.equal(together.entropies[row, :length], alone.entropies[0])
        assert torch.equal(together.accepted_since[row, :length], alone.accepted_since[0])
        assert together.steps[row] == alone.steps[0]


def test_positions_after_a_rows_length_stay_empty():
    lengths = [5, N]
    draws = RowDraws([0, 1], lengths, VOCAB)
    denoise = ToyDenoiser(TRUTH[:2], torch.tensor([SURE, SURE]), lengths=lengths)
    sampled = sample(denoise, draws.canvas(), draws, lengths=lengths)
    assert not sampled.ids[0, 5:].any()
    assert (sampled.entropies[0, 5:] == torch.inf).all()
    assert not sampled.accepted_since[0, 5:].any()
    assert torch.equal(sampled.ids[0, :5], TRUTH[0, :5])
    assert sampled.lengths.tolist() == lengths


def test_a_good_start_needs_fewer_steps():
    denoise = ToyDenoiser(TRUTH, torch.full((3,), 9.0))
    draft = TRUTH.clone()
    draft[:, ::7] = 0
    steps = []
    for drafted in (True, False):
        draws = RowDraws([0, 0, 0], [N] * 3, VOCAB)
        steps.append(sample(denoise, draft if drafted else draws.canvas(), draws).steps)
    assert (steps[0] < steps[1]).all()


def test_accepted_since_counts_from_the_last_unbroken_stretch():
    surest = iter([1, 2, 0, 1, 1])

    def denoise(canvas, rows, conditioning):
        logits = torch.zeros(1, 3, VOCAB)
        logits[0, :, 4] = 2.0
        logits[0, next(surest), 4] = 4.0
        return logits

    draws = RowDraws([0], [3], VOCAB)
    # With a bound of 0 the surest position alone is accepted in each step.
    sampled = sample(denoise, draws.canvas(), draws, SamplerConfig(steps=5, entropy_bound=0.0))
    assert sampled.accepted_since.tolist() == [[0, 4, 0]]


def test_a_model_that_predicts_nan_is_named_with_the_step():
    calls = []

    def denoise(canvas, rows, conditioning):
        calls.append(rows)
        logits = torch.zeros(1, N, VOCAB)
        logits[0, 3, 4] = torch.nan if len(calls) == 2 else 0.0
        return logits

    draws = RowDraws([0], [N], VOCAB)
    with pytest.raises(DenoisingFailed, match="NaN in denoising step 2") as caught:
        sample(denoise, draws.canvas(), draws)
    assert caught.value.step == 2


def test_no_rows_no_work():
    draws = RowDraws([], [], VOCAB)
    sampled = sample(lambda *_: pytest.fail("asked of no rows"), draws.canvas(), draws)
    assert sampled.ids.shape == (0, 0)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("steps", 0),
        ("steps", 49),
        ("extra_steps", -1),
        ("extra_steps", 33),
        ("t_min", 0.0),
        ("t_min", 0.9),
        ("entropy_bound", -0.1),
        ("entropy_bound", float("nan")),
        ("stop_entropy", -1.0),
    ],
)
def test_values_out_of_range_are_refused(option, value):
    with pytest.raises(InvalidOption) as caught:
        SamplerConfig(**{option: value})
    assert caught.value.option == option
