from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffasr_plugin.loops import cut_loops


def cut(pieces: list[str], **limits: int) -> str:
    return "".join(piece for piece, kept in zip(pieces, cut_loops(pieces, **limits), strict=True) if kept)


def test_a_phrase_said_over_and_over_is_cut_back():
    pieces = ["So", ".", *([" Thank", " you", "."] * 30), " Bye", "."]
    assert cut(pieces) == "So." + " Thank you." * 4 + " Bye."


def test_what_people_say_stays():
    pieces = ["No", ",", " no", ",", " no", ",", " no", ".", " Very", " very", " very", " good"]
    assert all(cut_loops(pieces))


def test_case_and_spaces_make_no_difference():
    assert cut(["Ha", " ha", "ha", " HA", " ha", " ha"]) == "Ha haha HA"


def test_a_part_of_a_repeat_at_the_end_goes_too():
    assert cut([" you", " know", *([" you", " know"] * 5), " you"]) == " you know" * 4


def test_a_part_of_a_repeat_in_the_middle_stays():
    pieces = [*([" a", " b"] * 6), " a", " c"]
    assert cut(pieces) == " a b" * 4 + " a c"


@pytest.mark.parametrize("figure", ["1000000000", "1,000,000,000,000,000,000", "99999.99999", "०००००००"])
def test_figures_are_no_loops(figure):
    assert cut(list(figure)) == figure


def test_loops_of_letters_and_of_marks_are_cut():
    assert cut(list("aaaaaaaaaa")) == "aaaa"
    assert cut(["."] * 50) == "...."


def test_a_phrase_longer_than_the_longest_is_left():
    phrase = [f" w{i}x" for i in range(5)]
    assert all(cut_loops(phrase * 9, longest_phrase=4))
    assert sum(cut_loops(phrase * 9, longest_phrase=5)) == 20


def test_nothing_said_nothing_cut():
    assert cut_loops([]) == []


@given(st.lists(st.sampled_from([" a", " b", "c", "."]), max_size=60), st.integers(1, 5))
def test_cuts_only_from_runs_and_leaves_none(pieces, most):
    keep = cut_loops(pieces, most_repeats=most, longest_phrase=1)
    left = [piece for piece, kept in zip(pieces, keep, strict=True) if kept]
    runs = [left[i : i + most + 1] for i in range(len(left) - most)]
    assert not any(len(set(run)) == 1 for run in runs)
    short = len(pieces) <= most
    assert not short or all(keep)


@given(st.lists(st.integers(0, 10**6), unique=True, max_size=60))
def test_text_without_repeats_is_left_alone(numbers):
    assert all(cut_loops([f" w{number}" for number in numbers]))
