"""Each operator alone, as ONNX defines it, with answers known by construction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from diffasr_plugin.train.synth.errors import UnknownOperators
from diffasr_plugin.train.synth.onnx_torch.layers import LAYERS
from diffasr_plugin.train.synth.onnx_torch.operators import OPERATORS, together

NOTHING = None


def run(operator: str, *inputs: Any, **attributes: Any) -> Any:
    tensors = [None if given is None else torch.from_numpy(np.array(given)) for given in inputs]
    made = (LAYERS.get(operator) or OPERATORS[operator])(attributes)(*tensors)
    return [part.numpy() for part in made] if isinstance(made, tuple) else made.numpy()


def floats(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


CUBE = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
LINE = np.array([[[1.0, 2.0, 4.0]]], np.float32)
NEAREST = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}


@pytest.mark.parametrize(
    ("operator", "inputs", "attributes", "answer"),
    [
        ("Add", [[1, 2], 3], {}, [4, 5]),
        ("And", [[True, True], [True, False]], {}, [True, False]),
        ("Atan", [[0.0, np.nan]], {}, [0, 0]),
        ("Cast", [[1.7, -1.7]], {"to": 7}, [1, -1]),
        ("Clip", [[-1.0, 0.5, 9.0], 0.0, 2.0], {}, [0, 0.5, 2]),
        ("Clip", [[-1.0, 9.0], 0.0, NOTHING], {}, [0, 9]),
        ("Concat", [[[1], [2]], [[3], [4]]], {"axis": 1}, [[1, 3], [2, 4]]),
        ("ConstantOfShape", [[2, 1]], {"value": np.array([7])}, [[7], [7]]),
        ("ConstantOfShape", [[2]], {}, [0.0, 0.0]),
        ("CumSum", [[[1, 2], [3, 4]], 1], {}, [[1, 3], [3, 7]]),
        ("DequantizeLinear", [np.array([3, -2], np.int8), 0.5, np.array(1, np.int8)], {}, [1.0, -1.5]),
        ("Div", [[7, -7], 2], {}, [3, -3]),
        ("Div", [[7.0], 2.0], {}, [3.5]),
        ("Equal", [[1, 2], [1, 3]], {}, [True, False]),
        ("Expand", [[[1], [2]], [2, 1, 3]], {}, [[[1, 1, 1], [2, 2, 2]]] * 2),
        ("Expand", [[[1, 2]], [1]], {}, [[1, 2]]),
        ("Gather", [CUBE, 1], {"axis": 1}, CUBE[:, 1]),
        ("Gather", [CUBE, [[0, -1]]], {"axis": 2}, CUBE[:, :, [[0, -1]]]),
        ("GreaterOrEqual", [[1, 2], 2], {}, [False, True]),
        ("LeakyRelu", [[-1.0, 1.0]], {"alpha": 0.25}, [-0.25, 1]),
        ("NonZero", [[[0, 1], [1, 0]]], {}, [[0, 1], [1, 0]]),
        ("Pad", [LINE, [0, 0, 2, 0, 0, 1]], {"mode": "reflect"}, [[[4, 2, 1, 2, 4, 2]]]),
        ("Pad", [LINE, [0, 1, 0, 0, 0, 1]], {}, [[[0, 0, 0, 0], [1, 2, 4, 0]]]),
        ("Pow", [[2.0, 3.0], 2.0], {}, [4, 9]),
        ("Pow", [[2.0, 3.0], [2.0, 3.0]], {}, [4, 27]),
        ("Range", [2, 8, 3], {}, [2, 5]),
        ("ReduceMean", [CUBE, [-1]], {"keepdims": 1}, CUBE.mean(-1, keepdims=True)),
        ("ReduceSum", [CUBE], {"keepdims": 0}, CUBE.sum()),
        ("Reshape", [CUBE, [0, -1]], {}, CUBE.reshape(2, 12)),
        ("Reshape", [np.zeros((0, 2)), [2, 0]], {"allowzero": 1}, np.zeros((2, 0))),
        ("Resize", [LINE, NOTHING, [1.0, 1.0, 2.0]], NEAREST, [[[1, 1, 2, 2, 4, 4]]]),
        ("Resize", [LINE, NOTHING, [1.0, 1.0, 2.0]], {"mode": "linear"}, [[[1, 1.25, 1.75, 2.5, 3.5, 4]]]),
        ("Round", [[0.5, 1.5, 2.4]], {}, [0, 2, 2]),
        ("ScatterND", [[1, 2, 3], [[2], [0]], [9, 8]], {}, [8, 2, 9]),
        ("Shape", [CUBE], {"start": 1}, [3, 4]),
        ("Slice", [CUBE, [1], [2**62], [2], [2]], {}, CUBE[:, :, 1::2]),
        ("Slice", [CUBE, [-1], [-(2**62)], [1], [-1]], {}, CUBE[:, ::-1]),
        ("Slice", [CUBE, [0, 1], [1, 3]], {}, CUBE[:1, 1:3]),
        ("Softmax", [[[0.0, 0.0]]], {"axis": -1}, [[0.5, 0.5]]),
        ("Squeeze", [[[[1], [2]]], [0]], {}, [[1], [2]]),
        ("Squeeze", [[[[1], [2]]]], {}, [1, 2]),
        ("Transpose", [CUBE], {"perm": [2, 0, 1]}, CUBE.transpose(2, 0, 1)),
        ("Unsqueeze", [[1, 2], [-1, 0]], {}, [[[1], [2]]]),
        ("Where", [[True, False], [1, 2], 9], {}, [1, 9]),
        ("AddMul", [[1.0, 2.0], [3.0, 4.0], 2.0], {}, [7, 10]),
        ("Conv", [LINE, [[[1.0, 0.0, -1.0]]], [10.0]], {"pads": [1, 1]}, [[[8, 7, 12]]]),
        ("Conv", [LINE, [[[1.0, 1.0]]]], {"dilations": [2], "pads": [0, 0]}, [[[5]]]),
        ("Conv", [LINE, [[[2.0]]]], {"strides": [2], "pads": [0, 0]}, [[[2, 8]]]),
        (
            "ConvTranspose",
            [LINE, [[[1.0, 3.0]]], [0.5]],
            {"strides": [2]},
            [[[1.5, 3.5, 2.5, 6.5, 4.5, 12.5]]],
        ),
        ("FusedMatMul", [[[1.0], [2.0]], [[3.0], [4.0]]], {"transA": 1, "alpha": 2.0}, [[22]]),
        ("MatMul", [[[1.0, 2.0]], [[3.0], [4.0]]], {}, [[11]]),
        ("Linear", [[[1.0, 2.0]], [[3.0, 4.0]], [1.0]], {}, [[12]]),
        ("LayerNormalization", [[[1.0, 3.0]], [2.0, 2.0], [0.0, 1.0]], {"epsilon": 0.0}, [[-2, 3]]),
        ("Normalized", [[[1.0], [3.0]]], {"axis": 0, "epsilon": 0.0}, [[-1], [1]]),
        (
            "SkipLayerNormalization",
            [[[1.0, 2.0]], [[0.0, 1.0]], [1.0, 1.0], [0.0, 0.0], [0.0, 5.0]],
            {"epsilon": 0.0},
            [[-1, 1]],
        ),
    ],
)
def test_an_operator(operator, inputs, attributes, answer):
    single = [np.float32(x) if isinstance(x, float) else _narrow(x) for x in inputs]
    np.testing.assert_allclose(run(operator, *single, **attributes), answer, rtol=1e-6, atol=1e-7)


def _narrow(given: Any) -> Any:
    array = np.array(given)
    return given if given is None or array.dtype != np.float64 else array.astype(np.float32)


def test_a_split_has_parts_of_these_sizes():
    first, second = run("Split", CUBE, [1, 3], axis=-1)
    np.testing.assert_array_equal(first, CUBE[..., :1])
    np.testing.assert_array_equal(second, CUBE[..., 1:])


def test_gelu_is_near_its_exact_form():
    x = floats(50)
    exact = torch.nn.functional.gelu(torch.from_numpy(x + 1)).numpy()
    np.testing.assert_allclose(run("FastGelu", x, np.ones(50, np.float32)), exact, atol=1e-3)


@pytest.mark.parametrize("onesided", [0, 1])
def test_spectra_are_those_of_numpy(onesided):
    signal, window = floats(1, 50), np.hanning(20).astype(np.float32)
    spectrum = run("STFT", signal[..., None], 5, window, 20, onesided=onesided)
    frames = np.stack([signal[0, start : start + 20] * window for start in range(0, 31, 5)])
    wanted = np.fft.rfft(frames) if onesided else np.fft.fft(frames)
    np.testing.assert_allclose(spectrum[0, ..., 0] + 1j * spectrum[0, ..., 1], wanted, atol=1e-5)


def test_an_lstm_steps_as_its_formula_says():
    units, x = 2, floats(3, 1, 4)
    weight, recurrent, bias = floats(2, 4, 8), floats(2, 2, 8), floats(2, 16)
    states = np.zeros((2, 1, 2), np.float32)
    lstm = LAYERS["LSTM"]({"direction": "bidirectional", "hidden_size": units})
    given = [torch.from_numpy(part) for part in (x, weight, recurrent, bias, states, states)]
    for _again in range(2):
        y, last, _cells = lstm(*given)
    for way, times in enumerate((range(3), range(2, -1, -1))):
        hidden = cell = np.zeros(units)
        for time in times:
            sums = x[time, 0] @ weight[way] + hidden @ recurrent[way] + bias[way, :8] + bias[way, 8:]
            into, out, forget = (1 / (1 + np.exp(-sums[n : n + 2])) for n in (0, 2, 4))
            cell = forget * cell + into * np.tanh(sums[6:])
            hidden = out * np.tanh(cell)
            np.testing.assert_allclose(y[time, way, 0], hidden, atol=1e-5)
        np.testing.assert_allclose(last[way, 0], hidden, atol=1e-5)


@pytest.mark.parametrize(
    ("operator", "attributes", "reason"),
    [
        ("Conv", {"pads": [0, 1]}, "the pads 0 and 1"),
        ("Conv", {"group": 2}, "groups"),
        ("LSTM", {"direction": "forward", "hidden_size": 2}, "one direction"),
        ("FusedMatMul", {"transBatchA": 1}, "batches"),
        ("Resize", {"mode": "nearest"}, "nearest, half_pixel"),
    ],
)
def test_what_an_operator_cannot_do_is_refused(operator, attributes, reason):
    with pytest.raises(UnknownOperators, match=reason):
        LAYERS[operator](attributes)


@pytest.mark.parametrize("attribute", ["exclusive", "reverse"])
def test_other_sums_are_refused(attribute):
    with pytest.raises(UnknownOperators, match="CumSum"):
        OPERATORS["CumSum"]({attribute: 1})


def test_the_smaller_part_travels():
    here, there = torch.ones(3), torch.ones(3, device="meta")  # stands for a GPU
    assert {part.device.type for part in together(here, there)} == {"meta"}
    assert together(here, here)[0] is here
    add, gather = OPERATORS["Add"]({}), OPERATORS["Gather"]({"axis": 0})
    for one in (here, torch.ones(1), torch.ones(())):
        assert add(one, there).device.type == add(there, one).device.type == "meta"
    assert add(torch.ones(1, 1), there).shape == (1, 3)
    assert gather(there, torch.tensor([0, 2])).device.type == "meta"
    assert OPERATORS["Shape"]({})(there).tolist() == [3]  # sizes stay here
