"""Numbers in digits or words: by the guides of each language, and never where they may be something else."""

from dataclasses import replace
from itertools import pairwise

import pytest
from text_to_num import text2num

from subtitle_cli.errors import UsageError
from subtitle_cli.text import TextOptions, polish
from subtitle_cli.text.chinese import read_chinese
from subtitle_cli.text.language import habits_of
from subtitle_cli.types import SpokenWord
from tests.support.polished import changes, polished, spoken


@pytest.mark.parametrize(
    ("language", "said", "written"),
    [
        ("en", "I have twenty-five apples and 3 pears.", "I have 25 apples and three pears."),
        ("en", "It was nineteen eighty-four, then twenty twenty four.", "It was 1984, then 2024."),
        ("en", "About three hundred and five thousand people.", "About 305,000 people."),
        ("de", "Ich habe fünfundzwanzig Äpfel und 12 Birnen.", "Ich habe 25 Äpfel und zwölf Birnen."),
        ("fr", "J'ai quatre-vingt-dix pommes et 3 poires.", "J'ai 90 pommes et trois poires."),
        ("es", "Tengo treinta y dos peras y 3 más.", "Tengo 32 peras y tres más."),
        ("hi", "मेरे पास पच्चीस सेब और 3 केले हैं।", "मेरे पास 25 सेब और तीन केले हैं।"),
        ("zh", "我有三十五个苹果，二零二四年。", "我有35个苹果，2024年。"),
    ],
)
def test_style_writes_small_numbers_as_words_and_others_in_digits(language, said, written):
    assert polished(said, language, numbers="style") == written
    assert polished(said, language) == said


@pytest.mark.parametrize(
    ("language", "said", "written"),
    [
        ("en", "Two dogs and twenty cats, three point five.", "2 dogs and 20 cats, 3.5."),
        ("de", "Drei Hunde, siebzehn Katzen.", "3 Hunde, 17 Katzen."),
        ("fr", "Un livre neuf et deux autres.", "Un livre neuf et 2 autres."),
        ("zh", "我有三万五千元。", "我有35000元。"),
    ],
)
def test_digits_are_for_all_numbers_but_doubtful_ones(language, said, written):
    assert polished(said, language, numbers="digits") == written


@pytest.mark.parametrize(
    ("language", "said", "written"),
    [
        ("en", "3 cats, 25 dogs and 250 birds.", "Three cats, twenty-five dogs and 250 birds."),
        ("fr", "Il a 71 ans et 1 chat.", "Il a soixante et onze ans et 1 chat."),
        ("es", "Hay 32 casas.", "Hay treinta y dos casas."),
    ],
)
def test_words_are_for_numbers_up_to_a_hundred(language, said, written):
    assert polished(said, language, numbers="words") == written


@pytest.mark.parametrize("way", ["style", "digits", "words"])
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Five five five one two, thanks."),  # said one by one
        ("en", "That one is the third."),
        ("en", "A hundred thanks, a million."),
        ("en", "On May 5 at 12:30, 3 percent, 3.5 km, $7."),
        ("de", "Acht geben, ein Hund."),
        ("zh", "千万不要，十分好，十几个，第二十二章，一些。"),
        ("it", "Venticinque gatti e 3 cani."),  # no list of ours
    ],
)
def test_what_may_be_something_else_stays(way, language, said):
    assert polished(said, language, numbers=way) == said


def test_a_sentence_does_not_begin_with_new_digits():
    assert polished("Twenty people came.", numbers="style") == "Twenty people came."


def test_two_speakers_or_a_pause_make_two_numbers():
    words = [*spoken("I say twenty", speaker="A"), *spoken("five times", speaker="B")]
    out, _ = polish(words, TextOptions(numbers="style"))
    assert [(word.text, word.speaker) for word in out][-3:] == [("20", "A"), ("five", "B"), ("times", "B")]
    assert polished("I say twenty ~ ~ five times.", numbers="style") == "I say 20 five times."


def test_merged_words_share_the_time_of_all():
    words = spoken("I have twenty five apples.")
    out, (change,) = polish(words, TextOptions(numbers="style"))
    number = out[2]
    assert (number.text, number.start_s, number.end_s) == ("25", words[2].start_s, words[3].end_s)
    assert (change.at_s, change.old, change.new) == (words[2].start_s, "twenty five", "25")


def test_a_number_of_several_words_is_spread_over_its_time():
    (word,) = spoken("32", "es")
    out, _ = polish([word], TextOptions(numbers="words"))
    assert [each.text for each in out] == ["Treinta", "y", "dos"]
    assert out[0].start_s == word.start_s
    assert out[-1].end_s == pytest.approx(word.end_s)
    assert all(left.end_s == right.start_s for left, right in pairwise(out))


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_the_lists_say_what_an_independent_reader_reads(language):
    listed = habits_of(language).numbers.words
    assert len(listed) == 101
    for value, text in enumerate(listed):
        if text and value != 100:  # "a hundred" begins with an article
            assert text2num(text, language) == value, text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("十五", 15),
        ("三十五", 35),
        ("一百零五", 105),
        ("一千零一", 1001),
        ("两千三百四十五", 2345),
        ("三万五千", 35000),
        ("十万零五百", 100500),
        ("二百五", None),
        ("一百十五", None),
        ("零五", None),
        ("一百零零五", None),
        ("一五一十", None),
        ("千万", None),
        ("百", None),
        ("三三", None),
        ("一百零", None),
    ],
)
def test_chinese_numerals_are_read_if_they_are_well_formed(text, value):
    assert read_chinese(text) == value


def test_chinese_numbers_that_share_a_word_are_all_found():
    word = SpokenWord("从三十五到四十五岁，还有五十", 0.0, 2.0, language="zh")
    end = replace(word, text="六个。", start_s=2.0, end_s=3.0)
    out, (change,) = polish([word, end], TextOptions(numbers="style"))
    assert [each.text for each in out] == ["从35到45岁，还有56个。"]
    assert (out[0].start_s, out[0].end_s, change.new) == (0.0, 3.0, out[0].text)


def test_a_chinese_numeral_is_not_joined_across_speakers():
    words = [SpokenWord(text, 0.0, 1.0, text, language="zh") for text in ("十", "五")]
    assert polish(words, TextOptions(numbers="style"))[0] == words


def test_every_chinese_number_that_is_written_by_the_rule_is_read_back():
    for value in range(1, 10_000):
        assert read_chinese(_in_chinese(value)) == value


def _in_chinese(value):
    """By the rule, the other way round: digits with their units, one 零 for each gap."""
    digits = "零一二三四五六七八九"
    text = "".join(
        digits[value // unit % 10] + (name if value // unit % 10 else "")
        for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, ""))
    )
    while "零零" in text:
        text = text.replace("零零", "零")
    text = text.strip("零")
    return text[1:] if text.startswith("一十") else text


def test_an_unknown_way_is_refused():
    with pytest.raises(UsageError, match="--numbers 'roman': it must be one of keep, style"):
        TextOptions(numbers="roman")


def test_changes_are_listed():
    assert [
        (change.kind, change.old, change.new) for change in changes("I saw 3 cats.", numbers="style")
    ] == [("number", "3", "three")]
