"""Detectors that answer by loudness: what they say is known by construction."""

import numpy as np
import pytest

from subtitle_cli.languages import identify
from subtitle_cli.types import Turn

RATE = 16_000


class Detector:
    """Quiet speech is English, loud speech Spanish, what lies between could be either."""

    def __init__(self):
        self.asked = 0

    def detect_languages(self, utterances):
        self.asked += len(utterances)
        levels = [float(np.abs(utterance.samples).max()) for utterance in utterances]
        return [{"en": 1 - level, "es": level} for level in levels]


def film(*spoken):
    """Turns (start_s, end_s, level[, speaker]) -> turns, and samples at those levels."""
    turns = [Turn(start, end, *speaker) for start, end, _, *speaker in spoken]
    samples = np.zeros(round(max(turn.end_s for turn in turns) * RATE), np.float32)
    for start, end, level, *_ in spoken:
        samples[round(start * RATE) : round(end * RATE)] = level
    return turns, samples


def test_long_turns_outvote_short_ones():
    found = identify(Detector(), *film((0, 1, 0.9), (1, 2, 0.9), (2, 3, 0.9), (10, 18, 0.2)))
    assert found.main == "en"
    assert found.share == pytest.approx((8 * 0.8 + 3 * 0.1) / 11)


def test_a_turn_surely_in_another_language_keeps_it():
    found = identify(Detector(), *film((0, 20, 0.02), (20, 25, 0.97), (25, 40, 0.02)))
    assert (found.main, found.turns) == ("en", ("en", "es", "en"))


def test_a_turn_that_is_not_sure_is_in_the_films_language():
    found = identify(Detector(), *film((0, 20, 0.02), (20, 25, 0.8), (25, 40, 0.02)))
    assert found.turns == ("en", "en", "en")


def test_where_the_user_names_two_languages_the_likelier_one_is_taken():
    spoken = film((0, 20, 0.02), (20, 26, 0.8), (30, 60, 0.02))
    assert identify(Detector(), *spoken, among=("en", "es")).turns == ("en", "en", "en")
    half = film((0, 20, 0.02), (20, 46, 0.8), (50, 60, 0.02))
    assert identify(Detector(), *half, among=("en", "es")).turns == ("en", "es", "en")


def test_languages_that_the_user_did_not_name_are_not_found():
    found = identify(Detector(), *film((0, 20, 0.9)), among=("en", "fr"))
    assert (found.main, found.share, found.turns) == ("en", 1.0, ("en",))


def test_a_film_in_one_language_is_asked_about_once_a_minute():
    detector = Detector()
    found = identify(detector, *film(*((start, start + 3, 0.05) for start in range(0, 600, 4))))
    assert detector.asked <= 10 + 8
    assert set(found.turns) == {"en"}
    assert len(found.turns) == 150


def test_a_second_language_anywhere_has_every_turn_asked():
    spoken = [(start, start + 3, 0.95 if start > 500 else 0.05) for start in range(0, 600, 4)]
    detector = Detector()
    found = identify(detector, *film(*spoken))
    assert detector.asked == 150
    assert found.turns == tuple("es" if start > 500 else "en" for start in range(0, 600, 4))


def test_short_turns_follow_their_speaker():
    spoken = film(
        (0, 10, 0.03, "A"), (10, 20, 0.97, "B"), (20.0, 20.5, 0.5, "B"), (21, 21.5, 0.5, "A"),
        (22, 30, 0.03, "A"), (31, 40, 0.97, "B"), (41, 50, 0.03, "A"), (51, 60, 0.97, "B"),
        (61, 70, 0.03, "A"), (71, 80, 0.97, "B"),
    )  # fmt: skip
    assert identify(Detector(), *spoken).turns[2:4] == ("es", "en")


def test_the_tracks_tag_tips_a_vote_that_is_close():
    spoken = film((0, 10, 0.52))
    assert identify(Detector(), *spoken).main == "es"
    assert identify(Detector(), *spoken, tag="en").main == "en"
    assert identify(Detector(), *film((0, 10, 0.8)), tag="en").main == "es"


def test_without_turns_nothing_is_told():
    assert identify(Detector(), [], np.zeros(10, np.float32)) is None


def test_progress_is_told_up_to_the_end():
    told = []
    identify(Detector(), *film(*((s, s + 3, 0.05) for s in range(0, 4000, 60))), on_progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
