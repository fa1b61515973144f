"""Predictions: their order, what fits where, and the peaks that were measured on an H200."""

from dataclasses import replace

import pytest

from diffasr_plugin.memory import (
    GIB,
    QUANTIZE,
    Sizes,
    bytes_per_weight,
    fitting,
    group_of,
    largest_batch,
    predict,
    share,
)

MEASURED_GIB = {
    "none": {1: 50.18, 8: 53.58, 32: 65.86},
    "int8": {1: 26.21, 8: 28.73, 32: 41.02},
    "int4": {1: 15.65, 8: 18.05, 32: 30.33},
}
"""Peaks of `benchmarks/gemma_h200.py` on one NVIDIA H200, torch 2.11, transformers 5.17."""


@pytest.mark.parametrize("quantize", QUANTIZE)
@pytest.mark.parametrize("batch", [1, 8, 32])
def test_the_prediction_is_within_a_tenth_of_what_was_measured(quantize, batch):
    predicted = predict(Sizes(), quantize, batch).total / GIB
    assert predicted == pytest.approx(MEASURED_GIB[quantize][batch], rel=0.1)


def test_more_rows_and_more_exact_weights_take_more():
    totals = [[predict(Sizes(), name, batch).total for batch in (1, 2, 8)] for name in QUANTIZE]
    assert all(row == sorted(row) for row in totals)
    assert totals[0] > totals[1] > totals[2]
    assert (
        predict(replace(Sizes(), value_bytes=4), "none", 1).weights == 2 * predict(Sizes(), "none", 1).weights
    )


@pytest.mark.parametrize(
    ("gib", "names"),
    [(80, ["none", "int8", "int4"]), (47, ["int8", "int4"]), (23.5, ["int4"]), (12, [])],
)
def test_what_fits_cards_of_80_48_24_and_12_gb(gib, names):
    assert fitting(Sizes(), gib * GIB) == names


def test_the_largest_batch_that_fits():
    assert largest_batch(Sizes(), "none", 200 * GIB) == 32
    assert largest_batch(Sizes(), "int4", 23.5 * GIB) == 16
    assert largest_batch(Sizes(), "int4", 0) == 1
    need = predict(Sizes(), "int8", largest_batch(Sizes(), "int8", 40 * GIB)).total
    assert need < 40 * GIB


def test_several_cards_share_the_layers():
    assert fitting(Sizes(), 23.5 * GIB, devices=2) == ["int8", "int4"]
    assert fitting(Sizes(), 23.5 * GIB, devices=3) == ["none", "int8", "int4"]
    assert share(Sizes(), "none", 8) == predict(Sizes(), "none", 8).total
    assert largest_batch(Sizes(), "int8", 23.5 * GIB, devices=2) == 16


@pytest.mark.parametrize(("inputs", "group"), [(2816, 64), (704, 64), (96, 32), (12, 4)])
def test_groups_divide_the_inputs(inputs, group):
    assert group_of(inputs) == group
    assert inputs % group == 0


def test_bytes_of_a_weight():
    assert bytes_per_weight(16, 100) == 2
    assert bytes_per_weight(8, 100) == 1.02
    assert bytes_per_weight(4, 128) == 0.5 + 2 / 64
    with pytest.raises(AssertionError, match="cannot be packed"):
        bytes_per_weight(4, 7)
