"""Tokens that move: one missing, one too many, and what must not happen to the others."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from diffasr_plugin.diffusion.draws import RowDraws
from diffasr_plugin.diffusion.moves import move, move_rows
from diffasr_plugin.diffusion.sampler import SamplerConfig, sample

END, VOCAB, WIDTH = 0, 200, 24

texts = st.lists(st.integers(1, VOCAB - 1), min_size=1, max_size=12, unique=True)


def speak(text, canvas):
    """A causal model that knows the text by heart: after a token, the one that follows it there.

    After a token that is not in the text it goes on from the last one that is.
    """
    said, predicted = -1, []
    for token in [None, *canvas[:-1]]:
        said = text.index(token) if token in text else said
        predicted.append(text[said + 1] if said + 1 < len(text) else END)
    return predicted


def filled(text):
    return [*text, *[END] * (WIDTH - len(text))]


def run(text, draft, steps):
    """Canvases after each step, without the ends that fill them up."""
    canvas, displaced, seen = filled(draft), [], []
    for _ in range(steps):
        moved = move(canvas, speak(text, canvas), displaced, END)
        assert len(moved.ids) == len(moved.sources) == len(moved.displaced)
        canvas, displaced = filled(moved.ids[:WIDTH]), moved.displaced
        seen.append(moved.ids)
    return seen


def test_a_right_text_stays():
    assert run([1, 2, 3], [1, 2, 3], 2) == [[1, 2, 3]] * 2


def test_one_too_many_is_taken_out_at_once():
    assert run([1, 2, 3, 4], [1, 2, 9, 3, 4], 1) == [[1, 2, 3, 4]]


def test_some_too_many_in_a_row_are_taken_out():
    assert run([1, 2, 3, 4], [1, 9, 8, 2, 3, 4], 1) == [[1, 2, 3, 4]]


def test_a_wrong_one_is_replaced():
    assert run([1, 2, 3, 4], [1, 9, 3, 4], 1) == [[1, 2, 3, 4]]


def test_a_missing_one_is_put_in_and_the_others_move_along():
    text = [1, 2, 3, 4, 5, 6, 7, 8]
    first, second = run(text, [1, 3, 4, 5, 6, 7, 8], 2)
    assert first == [1, 2, 4, 5, 6, 7, 8]  # taken for a wrong one
    assert second == text


def test_a_missing_end_is_written():
    assert run([1, 2, 3, 4, 5], [1, 2], 3)[-1] == [1, 2, 3, 4, 5]


def test_what_follows_the_end_is_cut_off():
    assert run([1, 2], [1, 2, 9, 8], 1) == [[1, 2]]


def test_an_end_after_a_change_is_not_believed_while_what_follows_is():
    canvas = filled([9, 2, 3, 4])
    assert move(canvas, filled([1, END, 3, 4]), [], END).ids == [1, 2, 3, 4]
    assert move(canvas, filled([1, END, 5, 6]), [], END).ids == [1]
    assert move(canvas, filled([9, END, 3, 4]), [], END).ids == [9]


def test_an_echo_of_what_was_just_written_is_not_written_again():
    # "2" is to take the place of 9; from 9 the model cannot go on, and says "2" once more.
    moved = move(filled([1, 9, 3, 4]), filled([1, 2, 2, 4]), [], END)
    assert moved.ids == [1, 2, 3, 4]


def test_sources_tell_where_a_token_was_predicted():
    moved = move(filled([1, 9, 2, 3]), filled([1, 2, 2, 3]), [], END)
    assert (moved.ids, moved.sources) == ([1, 2, 3], [0, 1, 3])


@given(texts, st.data())
def test_each_step_makes_at_least_one_more_token_right(text, data):
    draft = data.draw(st.lists(st.integers(1, VOCAB - 1), max_size=12))
    for number, ids in enumerate(run(text, draft, len(text) + 1), 1):
        assert ids[:number] == text[:number]
    assert ids == text


@given(texts, st.data())
def test_a_token_lost_from_a_long_text_costs_two_steps(text, data):
    lost = data.draw(st.integers(0, len(text) - 1))
    assert run(text, text[:lost] + text[lost + 1 :], 2)[-1] == text


def test_rows_keep_to_their_lengths():
    canvas = torch.tensor([filled([1, 2]), filled([5])])
    predicted = torch.tensor([speak([1, 2, 3, 4], row) for row in canvas.tolist()])
    predicted[1] = torch.tensor(filled([5]))
    lengths = torch.tensor([3, WIDTH])
    ids, sources, displaced = move_rows(canvas, predicted, [(), ()], lengths, END)
    assert ids[0, :3].tolist() == [1, 2, 3]
    assert torch.equal(ids[0, 3:], predicted[0, 3:])
    assert ids[1].tolist() == filled([5])
    assert sources[0, :3].tolist() == [0, 1, 2]
    assert [len(row) for row in displaced] == [3, 1]


def test_the_sampler_moves_tokens_and_stops_when_nothing_changes():
    text, draft = [1, 2, 3, 4, 5, 6], [1, 3, 4, 9, 5, 6]
    told = []

    def denoise(canvas, rows, conditioning):
        told.append(conditioning)
        predicted = torch.tensor([speak(text, row) for row in canvas.tolist()])
        return 50.0 * torch.nn.functional.one_hot(predicted, VOCAB)

    draws = RowDraws([0], [WIDTH], VOCAB, torch.device("cpu"))
    infinite = float("inf")
    config = SamplerConfig(8, t_min=1.0, t_max=1.0, entropy_bound=infinite, stop_entropy=infinite, end=END)
    sampled = sample(denoise, torch.tensor([filled(draft)]), draws, config)
    assert sampled.ids[0].tolist() == filled(text)
    assert int(sampled.steps) < 8
    assert told == [None] * len(told)
    assert sampled.entropies.isfinite().all()
