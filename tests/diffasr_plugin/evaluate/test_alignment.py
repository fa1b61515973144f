"""Words side by side."""

from diffasr_plugin.evaluate.alignment import Pair, align


def test_each_kind_of_pair():
    assert align("So we walked back home, again.", "we walk back home again now", "en") == [
        Pair("delete", "so", ""),
        Pair("equal", "we", "we"),
        Pair("substitute", "walked", "walk"),
        Pair("equal", "back", "back"),
        Pair("equal", "home", "home"),
        Pair("equal", "again", "again"),
        Pair("insert", "", "now"),
    ]


def test_two_words_for_two():
    assert [pair.kind for pair in align("eins zwei", "drei vier", "de")] == ["substitute", "substitute"]


def test_characters_are_words_where_there_are_no_spaces():
    assert [(pair.said, pair.recognised) for pair in align("你好", "您好", "zh")] == [
        ("你", "您"),
        ("好", "好"),
    ]


def test_empty_texts():
    assert align("", "", "en") == []
    assert align("", "ah no", "en") == [Pair("insert", "", "ah"), Pair("insert", "", "no")]
    assert align("ah no", "...", "en") == [Pair("delete", "ah", ""), Pair("delete", "no", "")]
