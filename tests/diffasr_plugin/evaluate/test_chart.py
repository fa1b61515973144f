"""Drawings read back: where the points lie."""

import xml.etree.ElementTree as ElementTree

import pytest

from diffasr_plugin.evaluate.chart import BOTTOM, HEIGHT, TOP, Chart, Curve, draw

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*curves, x_values=("1", "2", "4")):
    return ElementTree.fromstring(draw(Chart('WER < "all" %', "steps & more", x_values, curves)))


def points(svg, number=0):
    line = svg.findall(f"{SVG}polyline")[number].get("points")
    return [tuple(float(part) for part in point.split(",")) for point in line.split()]


def labels(svg):
    return [text.text for text in svg.iter(f"{SVG}text")]


def test_values_stand_where_they_belong():
    svg = drawn(Curve("a", [0.0, 5.0, 10.0]))
    (x1, y1), (x2, y2), (x3, y3) = points(svg)
    assert (y1, y3) == (HEIGHT - BOTTOM, TOP)
    assert y2 == pytest.approx((y1 + y3) / 2)
    assert x3 - x2 == pytest.approx(x2 - x1, abs=0.11)


def test_what_is_written_on_it():
    written = labels(drawn(Curve("set <1>", [1.0, None, 9.5])))
    assert {'WER < "all" %', "steps & more", "set <1>", "1", "4", "0", "10"} <= set(written)


def test_a_gap_is_left_out():
    assert len(points(drawn(Curve("a", [1.0, None, 2.0])))) == 2


def test_each_curve_has_its_own_colour():
    svg = drawn(Curve("a", [1, 2, 3]), Curve("b", [3, 2, 1]))
    colours = [line.get("stroke") for line in svg.findall(f"{SVG}polyline")]
    assert len(set(colours)) == 2


@pytest.mark.parametrize("highest", [0.003, 0.07, 1.0, 3.4, 12.0, 99.0, 640.0])
def test_few_round_ticks_up_to_the_highest(highest):
    svg = drawn(Curve("a", [highest]), x_values=("x",))
    ticks = [text.text for text in svg.iter(f"{SVG}text") if text.get("text-anchor") == "end"]
    assert 3 <= len(ticks) <= 7
    assert float(ticks[0]) == 0
    assert highest <= float(ticks[-1]) <= highest * 2
    assert points(svg)[0][1] >= TOP - 0.1


def test_nothing_but_zeros():
    assert points(drawn(Curve("a", [0.0, 0.0, None])))[0][1] == HEIGHT - BOTTOM
