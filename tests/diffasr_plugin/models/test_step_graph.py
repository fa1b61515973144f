import pytest
import torch

from diffasr_plugin.models.step_graph import RecordedStep


@pytest.mark.skipif(not torch.cuda.is_available(), reason="CUDA graphs need a CUDA GPU")
def test_a_recorded_step_computes_what_the_step_does_for_inputs_of_any_value():
    weights = torch.randn(7, 7, device="cuda")

    def step(canvas, conditioning):
        return torch.nn.functional.one_hot(canvas, 7).float() @ weights + conditioning.tanh()

    generator = torch.Generator("cuda").manual_seed(3)
    inputs = [
        (
            torch.randint(7, (2, 5), device="cuda", generator=generator),
            torch.randn(2, 5, 7, device="cuda", generator=generator),
        )
        for _ in range(4)
    ]
    expected = [step(*each) for each in inputs]
    recorded = RecordedStep(step, *inputs[0])
    for each, wanted in zip(inputs, expected, strict=True):
        assert torch.equal(recorded(*each), wanted)
