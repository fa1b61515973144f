import pytest

from subtitle_cli.speakers import assign_speakers, speaker_label
from subtitle_cli.types import SpokenWord, Turn
from tests.support.spoken import say

ANN_THEN_BOB = (Turn(0.0, 2.0, "Ann"), Turn(2.0, 4.0, "Bob"))


def speakers(words, turns):
    return [word.speaker for word in assign_speakers(words, turns)]


@pytest.mark.parametrize(
    ("start_s", "end_s", "speaker"),
    [
        (0.5, 0.9, "Ann"),
        (1.7, 2.2, "Ann"),  # more of it is Ann's
        (1.9, 2.4, "Bob"),
        (4.1, 4.5, "Bob"),  # past the last turn
        (2.5, 2.5, "Bob"),  # no length
        (-1.0, 9.0, "Ann"),  # both alike: the earlier
    ],
)
def test_a_word_belongs_to_the_turn_that_it_overlaps_most(start_s, end_s, speaker):
    assert speakers([SpokenWord("word", start_s, end_s)], ANN_THEN_BOB) == [speaker]


def test_a_word_between_turns_belongs_to_the_nearest():
    turns = (Turn(0.0, 1.0, "Ann"), Turn(3.0, 4.0, "Bob"), Turn(6.0, 7.0, "Cid"))
    words = [SpokenWord("w", start, start + 0.1) for start in (1.2, 2.7, 4.5, 5.5)]
    assert speakers(words, turns) == ["Ann", "Bob", "Bob", "Cid"]


def test_text_times_and_order_stay():
    words = say("One two three. Four five six.", rate=8)
    given = assign_speakers(words, ANN_THEN_BOB)
    assert [(w.text, w.start_s, w.end_s) for w in given] == [(w.text, w.start_s, w.end_s) for w in words]


def test_without_turns_words_stay_as_they_are():
    words = say("Nobody was told apart.", speaker="Eve")
    assert assign_speakers(words, ()) == words


def test_turns_without_speakers_give_none():
    assert speakers(say("Who knows?"), (Turn(0.0, 5.0),)) == [None, None]


@pytest.mark.parametrize(
    ("edge_s", "given"),
    [(2.25, "AAABB"), (2.0, "AAABB"), (1.72, "AAABB"), (1.45, "AABBB")],  # the last is too far from "I"
)
def test_a_change_of_speaker_moves_to_the_end_of_the_sentence(edge_s, given):
    words = [SpokenWord("Are", 1.0, 1.2), SpokenWord("you", 1.3, 1.5), SpokenWord("sure?", 1.6, 1.95)]
    words += [SpokenWord("I", 2.0, 2.1), SpokenWord("am.", 2.2, 2.5)]
    assert "".join(speakers(words, (Turn(0.0, edge_s, "A"), Turn(edge_s, 4.0, "B")))) == given


def test_a_comma_will_do_where_no_sentence_ends():
    words = [SpokenWord("Well", 1.0, 1.4), SpokenWord("yes,", 1.5, 1.9), SpokenWord("maybe", 2.0, 2.4)]
    assert speakers(words, (Turn(0.0, 1.75, "Ann"), Turn(1.75, 4.0, "Bob"))) == ["Ann", "Ann", "Bob"]


def test_a_change_stays_where_no_mark_is_near():
    words = say("these words go on and on without any mark at all", rate=20)
    turns = (Turn(0.0, 1.0, "Ann"), Turn(1.0, 4.0, "Bob"))
    changed = speakers(words, turns).index("Bob")
    assert words[changed - 1].start_s < 1.0 < words[changed].end_s


def test_one_word_of_another_inside_a_sentence_is_given_back():
    words = say("I think that we should go home now.", rate=10)
    turns = (Turn(0.0, 0.7, "Ann"), Turn(0.7, 1.1, "Bob"), Turn(1.1, 5.0, "Ann"))
    assert set(speakers(words, turns)) == {"Ann"}


def test_one_word_that_is_a_sentence_is_kept():
    words = say("I think so. Yes. We should go.", rate=10)
    turns = (Turn(0.0, 1.3, "Ann"), Turn(1.4, 1.8, "Bob"), Turn(2.0, 5.0, "Ann"))
    assert speakers(words, turns) == ["Ann", "Ann", "Ann", "Bob", "Ann", "Ann", "Ann"]


def test_no_turn_is_lost_when_changes_move():
    words = [SpokenWord("So.", 0.0, 0.1), SpokenWord("yes", 0.1, 0.25), SpokenWord("we", 0.25, 0.5)]
    turns = (Turn(0.0, 0.1, "Ann"), Turn(0.1, 0.25, "Bob"), Turn(0.25, 0.5, "Cid"))
    assert speakers(words, turns) == ["Ann", "Bob", "Cid"]


def test_labels():
    assert speaker_label("SPEAKER_00") == "SPEAKER 1"
    assert speaker_label("SPEAKER_11") == "SPEAKER 12"
    assert speaker_label("Diane") == "Diane"


def test_words_spoken_while_another_speaks_are_marked():
    turns = [Turn(0, 2.1, "A"), Turn(2.1, 4, "B")]
    words = [
        SpokenWord(text, at_s, at_s + 0.4) for at_s, text in ((1.0, "Wait,"), (1.6, "stop!"), (2.0, "Go!"))
    ]
    marked = assign_speakers(words, turns, overlaps=[(0.2, 0.5), (1.8, 2.2), (3.0, 3.5)])
    assert [word.overlapped for word in marked] == [False, True, True]
    assert not any(word.overlapped for word in assign_speakers(words, turns))
