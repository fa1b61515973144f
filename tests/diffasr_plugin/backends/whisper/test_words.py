import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffasr_plugin.backends.whisper.words import Piece, pieces_of, words_of


def written(*tokens):
    """(text, space before) of the words of tokens that hold whole characters."""
    words = words_of(pieces_of([token.encode() for token in tokens]))
    return [(word.text, word.space_before) for word in words]


@pytest.mark.parametrize(
    ("tokens", "texts"),
    [
        ([" Hello", ",", " my", " d", "ear", "."], ["Hello,", "my", "dear."]),
        ([" it", "'s", " well", "-", "known", " do", "n", "'t"], ["it's", "well-known", "don't"]),
        ([" $", "12", ".", "50", ",", " 3", ",", "000", " %"], ["$12.50,", "3,000", "%"]),
        ([" He", " said", ' "', "Yes", '!"', " twice"], ["He", "said", '"Yes!"', "twice"]),
        ([" ¿", "Qué", "?", " ¡", "Hola", "!"], ["¿Qué?", "¡Hola!"]),
        ([" «", " Oui", " »", " ,", " dit", "-", "il", " ?"], ["« Oui » ,", "dit-il ?"]),
        ([" -", " Who", "?", " -", " Me", "."], ["- Who? -", "Me."]),
        ([" ...", " so"], ["... so"]),
        ([" end", " ("], ["end ("]),
        ([" ..."], ["..."]),
        ([" ", " one", " ", "two"], ["one", "two"]),
        ([], []),
    ],
)
def test_spaces_part_words_and_punctuation_goes_along(tokens, texts):
    assert [text for text, _ in written(*tokens)] == texts


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        (["你", "好", "，", "世界", "。"], ["你", "好，", "世界。"]),
        (["他", "说", "「", "好", "」"], ["他", "说", "「好」"]),
        (["こ", "んに", "ちは"], ["こ", "んに", "ちは"]),
        (["ส", "วัส", "ดี"], ["ส", "วัส", "ดี"]),
        (["ก", "ำ", "ลัง"], ["ก", "ำ", "ลัง"]),
        (["ท", "ี่", "นี่"], ["ที่", "นี่"]),  # a vowel sign never stands alone
        (["我", "用", " Py", "thon", "3", ".", "11", "写"], ["我", "用", "Python3.11", "写"]),
    ],
)
def test_scripts_without_spaces_fall_into_small_pieces(tokens, words):
    assert [text for text, _ in written(*tokens)] == words


def test_words_know_whether_a_space_parts_them():
    assert written(" I", " love", " 北", "京") == [("I", True), ("love", True), ("北", True), ("京", False)]


def test_a_character_spread_over_tokens_is_one_piece():
    snow = " ☃".encode()
    assert pieces_of([snow[:2], snow[2:3], snow[3:], b"!"]) == [Piece(" ☃", 0, 3), Piece("!", 3, 4)]


def test_a_character_cut_off_at_the_end_is_left_out():
    assert pieces_of([b" a", "é".encode()[:1]]) == [Piece(" a", 0, 1)]


def test_bytes_that_are_no_character_are_dropped():
    assert pieces_of([b" a", b"\xff", b" b"]) == [Piece(" a", 0, 1), Piece(" b", 2, 3)]
    assert pieces_of([b" a", b"\xff b"]) == [Piece(" a", 0, 1), Piece(" b", 1, 2)]


@pytest.mark.parametrize(
    ("tokens", "spoken"),
    [
        ([" Hello", ",", " you"], [(0, 1), (2, 3)]),
        ([' "', "Hi", '!"'], [(1, 2)]),
        ([" $", "5", "."], [(0, 2)]),
        ([" 20", "%", "."], [(0, 2)]),
        ([" ..."], [(0, 1)]),
    ],
)
def test_punctuation_is_not_spoken_and_currency_is(tokens, spoken):
    assert [word.spoken for word in words_of(pieces_of([t.encode() for t in tokens]))] == spoken


def test_dots_alone_say_nothing():
    (dots,) = words_of(pieces_of([b" ..."]))
    (half,) = words_of(pieces_of([" ½".encode()]))
    assert not dots.is_spoken
    assert half.is_spoken


@given(st.lists(st.text(min_size=1, max_size=4).filter(lambda text: "�" not in text), max_size=20))
def test_no_letter_is_lost_and_tokens_stay_in_order(texts):
    try:
        tokens = [text.encode() for text in texts]
    except UnicodeEncodeError:  # lone surrogates are no text
        return
    words = words_of(pieces_of(tokens))
    joined = "".join(word.text for word in words)
    assert "".join(joined.split()) == "".join("".join(texts).split())
    places = [place for word in words for piece in word.pieces for place in (piece.first, piece.last)]
    assert places == sorted(places)
