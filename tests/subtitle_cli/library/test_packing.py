"""Pieces of many films share batches; none waits for ever, and none is lost when a batch fails."""

from concurrent.futures import CancelledError
from threading import Thread

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from subtitle_cli.library.packing import Packer, Request
from subtitle_cli.types import Piece

SOUND = np.zeros(16_000, np.float32)


def request(film=0, length_s=5.0, lane="model", number=0):
    return Request(lane, film, Piece(0.0, length_s, ()), bytes([film, number]), b"film", SOUND)


def batches(packer):
    """All batches that there are now."""
    found = []
    while packer._waiting:
        found.append(packer.next_batch())
    return found


def test_pieces_of_several_films_share_a_batch():
    packer = Packer(batch_size=8)
    for film in range(4):
        packer.submit([request(film, number=number) for number in range(2)])
    (batch,) = batches(packer)
    assert sorted(each.film for each in batch) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_batch_has_one_recogniser_and_similar_lengths():
    packer = Packer(batch_size=2)
    packer.submit(
        [request(0, 9.0), request(0, 1.0), request(1, 8.5), request(1, 1.5), request(0, 9.0, "other")]
    )
    found = [sorted((each.lane, each.piece.duration_s) for each in batch) for batch in batches(packer)]
    assert sorted(found) == [
        [("model", 1.0), ("model", 1.5)],
        [("model", 8.5), ("model", 9.0)],
        [("other", 9.0)],
    ]


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.floats(0.1, 30), st.sampled_from(["a", "b"]), st.booleans()),
        max_size=40,
    ),
    st.integers(1, 16),
)
def test_each_piece_is_in_one_batch_and_the_oldest_film_is_always_served(pieces, size):
    packer = Packer(batch_size=size)
    requests = [request(film, length_s, lane) for film, length_s, lane, _ in pieces]
    for each, (*_, alone) in zip(requests, pieces, strict=True):
        each.alone = alone
    packer.submit(requests)
    left = set(map(id, requests))
    films = [each.film for each in requests]
    for batch in batches(packer):
        assert min(films) in [each.film for each in batch]
        assert len({each.lane for each in batch}) == 1
        assert len(batch) <= size
        assert len(batch) == 1 or not any(each.alone for each in batch)
        for each in batch:
            left.remove(id(each))
            films.remove(each.film)
    assert left == set()


def test_a_batch_waits_for_films_that_are_being_listened_to():
    packer = Packer(batch_size=2)
    given_out = []
    thread = Thread(target=lambda: given_out.append(packer.next_batch()))
    with packer.listening():
        packer.submit([request(0)])
        thread.start()
        packer.submit([request(1)])
        thread.join(5)
        assert [each.film for each in given_out[0]] == [0, 1]


def test_after_a_failure_pieces_go_alone_or_in_halves():
    packer = Packer(batch_size=4)
    packer.submit([request(film) for film in range(4)])
    packer.again(packer.next_batch(), alone=False)
    assert [len(batch) for batch in batches(packer)] == [2, 2]
    packer.submit([request(film) for film in range(2)])
    packer.again(packer.next_batch(), alone=True)
    assert [len(batch) for batch in batches(packer)] == [1, 1]


def test_a_film_that_failed_takes_its_pieces_along():
    packer = Packer()
    gone, kept = request(0), request(1)
    packer.submit([gone, kept])
    packer.withdraw(0)
    assert gone.answer.cancelled()
    assert batches(packer) == [[kept]]


def test_when_it_stops_all_who_wait_are_told():
    packer = Packer()
    waiting, later = request(0), request(1)
    packer.submit([waiting])
    thread = Thread(target=packer.stop)
    thread.start()
    with pytest.raises(CancelledError):
        waiting.answer.result(5)
    thread.join()
    assert packer.next_batch() == []
    packer.submit([later])
    assert later.answer.cancelled()
    packer.again([request(2)], alone=True)
    assert not packer._waiting


def test_no_further_film_is_listened_to_while_much_sound_waits():
    packer = Packer(batch_size=200)
    packer.submit([request(0, 20.0, number=n) for n in range(100)])
    begun = []

    def listen():
        with packer.listening():
            begun.append(True)

    thread = Thread(target=listen)
    thread.start()
    thread.join(0.2)
    assert not begun
    packer.next_batch()
    thread.join(5)
    assert begun
