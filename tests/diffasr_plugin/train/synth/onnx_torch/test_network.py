"""Small graphs, quantised as Kokoro is, that run in floats."""

from __future__ import annotations

import numpy as np
import pytest

from diffasr_plugin.train.synth.errors import UnknownOperators
from diffasr_plugin.train.synth.onnx_torch.file import Graph, Node
from diffasr_plugin.train.synth.onnx_torch.network import Network
from tests.support.onnx_bytes import file_of

RANDOM = np.random.default_rng(1)
FLOAT, INT32 = {"to": 1}, {"to": 6}


def array(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def number(value: float) -> np.ndarray:
    return np.array(value, np.float32)


def product_graph() -> tuple[Graph, np.ndarray]:
    """x @ weight + bias, quantised; and the weight."""
    weight = RANDOM.integers(0, 255, (4, 3), np.uint8)
    zero, scale = np.array([128, 120, 3], np.uint8), array(0.5, 0.25, 2)
    nodes = (
        Node("DynamicQuantizeLinear", ("x",), ("q", "q_scale", "q_zero"), {}),
        Node("MatMulInteger", ("q", "w", "q_zero", "w_zero"), ("sums",), {}),
        Node("Cast", ("sums",), ("sums_float",), FLOAT),
        Node("Mul", ("q_scale", "w_scale"), ("scale",), {}),
        Node("Mul", ("sums_float", "scale"), ("scaled",), {}),
        Node("Add", ("b", "scaled"), ("y",), {}),
    )
    constants = {"w": weight, "w_zero": zero, "w_scale": scale, "b": array(1, -1, 0.5)}
    graph = Graph(("x",), ("y",), constants, nodes)
    return graph, (weight.astype(np.float32) - zero) * scale


def convolution_graph() -> tuple[Graph, np.ndarray]:
    """A convolution whose bias is rounded to units of the sum; and its weight."""
    weight = RANDOM.integers(-128, 127, (3, 2, 5), np.int8)
    nodes = (
        Node("DynamicQuantizeLinear", ("x",), ("q", "q_scale", "q_zero"), {}),
        Node("ConvInteger", ("q", "w", "q_zero", "w_zero"), ("sums",), {"pads": [2, 2]}),
        Node("Mul", ("q_scale", "w_scale"), ("unit",), {}),
        Node("Div", ("b", "unit"), ("b_units",), {}),
        Node("Floor", ("b_units",), ("b_floor",), {}),
        Node("Cast", ("b_floor",), ("b_whole",), INT32),
        Node("Reshape", ("b_whole", "b_shape"), ("b_channels",), {}),
        Node("Add", ("sums", "b_channels"), ("with_bias",), {}),
        Node("Cast", ("with_bias",), ("floats",), FLOAT),
        Node("Mul", ("floats", "unit"), ("y",), {}),
    )
    constants = {
        "w": weight,
        "w_zero": np.array(2, np.int8),
        "w_scale": number(0.125),
        "b": array(0.3, -0.2, 0.01),
        "b_shape": np.array([1, 3, 1]),
    }
    return Graph(("x",), ("y",), constants, nodes), (weight.astype(np.float32) - 2) * 0.125


def test_a_quantised_product_is_the_product_of_floats():
    graph, weight = product_graph()
    network = Network(graph)
    x = RANDOM.standard_normal((1, 5, 4)).astype(np.float32)
    np.testing.assert_allclose(network(x)[0].numpy(), x @ weight + array(1, -1, 0.5), rtol=1e-5, atol=1e-4)
    assert network.steps == 1  # all else has become its weight and bias


def test_the_bias_of_a_quantised_convolution_is_not_rounded():
    graph, weight = convolution_graph()
    network = Network(graph)
    x = RANDOM.standard_normal((1, 2, 9)).astype(np.float32)
    padded = np.pad(x[0], ((0, 0), (2, 2)))
    wanted = [
        [(padded[:, t : t + 5] * weight[c]).sum() + (0.3, -0.2, 0.01)[c] for t in range(9)] for c in range(3)
    ]
    np.testing.assert_allclose(network(x)[0][0].numpy(), wanted, rtol=1e-4, atol=1e-4)
    assert network.steps == 1


def test_a_value_that_others_want_too_stays():
    graph, weight = product_graph()
    graph = Graph(("x",), ("y", "scaled"), graph.constants, graph.nodes)
    x = RANDOM.standard_normal((1, 4)).astype(np.float32)
    y, scaled = Network(graph)(x)
    np.testing.assert_allclose(scaled.numpy(), x @ weight, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(y.numpy(), x @ weight + array(1, -1, 0.5), rtol=1e-5, atol=1e-4)


def test_products_of_one_value_are_joined():
    first, second = (RANDOM.standard_normal((4, size)).astype(np.float32) for size in (2, 3))
    nodes = (
        Node("MatMul", ("x", "first"), ("a0",), {}),
        Node("Add", ("a0", "a_bias"), ("a",), {}),
        Node("MatMul", ("x", "second"), ("b0",), {}),
        Node("Add", ("b0", "b_bias"), ("b",), {}),
    )
    constants = {"first": first, "second": second, "a_bias": array(1, 2), "b_bias": array(3, 4, 5)}
    network = Network(Graph(("x",), ("a", "b"), constants, nodes))
    x = RANDOM.standard_normal((2, 4)).astype(np.float32)
    a, b = network(x)
    np.testing.assert_allclose(a.numpy(), x @ first + array(1, 2), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(b.numpy(), x @ second + array(3, 4, 5), rtol=1e-5, atol=1e-5)
    assert network.steps == 2  # a product, and its parts


def test_a_norm_by_hand_and_what_follows_become_two_operations():
    nodes = (
        Node("ReduceMean", ("x", "axes"), ("mean",), {"keepdims": 1}),
        Node("Sub", ("x", "mean"), ("centred",), {}),
        Node("Mul", ("centred", "centred"), ("squares",), {}),
        Node("ReduceMean", ("squares", "axes"), ("variance",), {"keepdims": 1}),
        Node("Add", ("variance", "epsilon"), ("more",), {}),
        Node("Sqrt", ("more",), ("deviation",), {}),
        Node("Div", ("centred", "deviation"), ("normal",), {}),
        Node("Mul", ("gamma", "normal"), ("scaled",), {}),
        Node("Add", ("scaled", "beta"), ("y",), {}),
    )
    constants = {"axes": np.array([2]), "epsilon": number(1e-5)}
    network = Network(Graph(("x", "gamma", "beta"), ("y",), constants, nodes))
    x = RANDOM.standard_normal((1, 3, 50)).astype(np.float32) * 3 + 1
    gamma, beta = (RANDOM.standard_normal((1, 3, 1)).astype(np.float32) for _ in range(2))
    deviation = np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    wanted = gamma * (x - x.mean(-1, keepdims=True)) / deviation + beta
    np.testing.assert_allclose(network(x, gamma, beta)[0].numpy(), wanted, rtol=1e-4, atol=1e-4)
    assert network.steps == 2


def test_a_quantised_lstm_has_the_weights_in_floats():
    weight, recurrent = (RANDOM.integers(-9, 9, (2, size, 8), np.int8) for size in (3, 2))
    bias, states = RANDOM.standard_normal((2, 16)).astype(np.float32), np.zeros((2, 1, 2), np.float32)
    scale, zero = array(0.1, 0.2), np.array([0, 1], np.int8)
    attributes = {"direction": "bidirectional", "hidden_size": 2}
    names = ("x", "w", "r", "b", "", "s", "s", "", "scale", "zero", "scale", "zero")
    quantised = Graph(
        ("x",),
        ("y",),
        {"w": weight, "r": recurrent, "b": bias, "s": states, "scale": scale, "zero": zero},
        (Node("DynamicQuantizeLSTM", names, ("y", "h", "c"), attributes),),
    )
    plain = Graph(
        ("x",),
        ("y",),
        {
            "w": (weight - zero[:, None, None].astype(np.float32)) * scale[:, None, None],
            "r": (recurrent - zero[:, None, None].astype(np.float32)) * scale[:, None, None],
            "b": bias,
            "s": states,
        },
        (Node("LSTM", ("x", "w", "r", "b", "s", "s"), ("y", "h", "c"), attributes),),
    )
    x = RANDOM.standard_normal((6, 1, 3)).astype(np.float32)
    np.testing.assert_allclose(Network(quantised)(x)[0].numpy(), Network(plain)(x)[0].numpy(), atol=1e-6)


def test_shapes_stay_with_the_processor():
    nodes = (
        Node("Shape", ("x",), ("shape",), {}),
        Node("Gather", ("shape", "last"), ("length",), {"axis": 0}),
        Node("Range", ("zero", "length", "one"), ("numbers",), {}),
        Node("Mul", ("x", "w"), ("y",), {}),
    )
    constants = {"last": np.array(1), "zero": np.array(0), "one": np.array(1), "w": np.ones(40, np.float32)}
    network = Network(Graph(("x",), ("y", "numbers"), constants, nodes), "meta")  # stands for a GPU
    y, numbers = network(np.ones((2, 40), np.float32))
    assert (y.device.type, tuple(y.shape)) == ("meta", (2, 40))
    assert numbers.tolist() == list(range(40))


def test_an_unknown_operator_is_named(tmp_path):
    file = tmp_path / "a.onnx"
    file.write_bytes(file_of(Graph(("x",), ("y",), {}, (Node("Telepathy", ("x",), ("y",), {}),))))
    with pytest.raises(UnknownOperators, match="Telepathy"):
        Network.read(file)
