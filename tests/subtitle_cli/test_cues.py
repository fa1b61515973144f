"""Whole cues: examples that read well, and the rules on words that nobody would speak."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subtitle_cli.cues import make_cues
from subtitle_cli.cues.text import columns
from subtitle_cli.profiles import load_profile
from subtitle_cli.types import SpokenWord
from tests.support.spoken import converse, say, say_unspaced


def texts(words, language, **options):
    return [cue.text for cue in make_cues(words, load_profile("netflix").rules(language), **options)]


# --- Examples: what a reader gets. ---


def test_english_sentences_break_at_clauses_and_lines_before_phrases():
    words = say(
        "When my grandfather opened this theatre in 1923, he had exactly $3.50 in his pocket and a dream "
        "that nobody else in the town believed in. He used to say that the audience was always right, even "
        "when they were wrong, because they had paid for the privilege."
    )
    assert texts(words, "en") == [
        "When my grandfather opened\nthis theatre in 1923,",
        "he had exactly $3.50 in his pocket\nand a dream",
        "that nobody else in the town believed in.",
        "He used to say\nthat the audience was always right,",
        "even when they were wrong,\nbecause they had paid for the privilege.",
    ]


def test_the_article_stays_with_its_noun_even_if_the_lines_are_less_even():
    assert texts(say("Yesterday evening we drove to see the wonderful new lighthouse."), "en") == [
        "Yesterday evening we drove\nto see the wonderful new lighthouse."
    ]


def test_a_line_breaks_before_and():
    assert texts(say("The children built a tall tower and the dog knocked it over."), "en") == [
        "The children built a tall tower\nand the dog knocked it over."
    ]


def test_numbers_keep_their_sign_and_their_times():
    words = say("The fare went up from $3.5 to $4 last year, which is an increase of almost 15 % in total.")
    cues = make_cues(words, load_profile("netflix").rules("en"))
    lines = [line for cue in cues for line in cue.lines]
    assert any("15 %" in line for line in lines)
    kept = {word.text: (word.start_s, word.end_s) for cue in cues for word in cue.words}
    assert all(kept[word.text] == (word.start_s, word.end_s) for word in words)


def test_german():
    words = say(
        "Ich weiß nicht, ob ich das wirklich sehen will, denn beim letzten Mal ist das ganze Bühnenbild "
        "während der Vorstellung in den Orchestergraben gestürzt."
    )
    assert texts(words, "de") == [
        "Ich weiß nicht,\nob ich das wirklich sehen will,",
        "denn beim letzten Mal\nist das ganze Bühnenbild",
        "während der Vorstellung\nin den Orchestergraben gestürzt.",
    ]


def test_french_marks_with_a_space_before_them_begin_no_line():
    words = say("Il disait toujours que le public a raison, même quand il se trompe, tu ne trouves pas ?")
    assert texts(words, "fr") == [
        "Il disait toujours que le public a raison,",
        "même quand il se trompe,\ntu ne trouves pas ?",
    ]


def test_spanish():
    words = say("Siempre decía que el público tiene la razón, incluso cuando se equivoca.")
    assert texts(words, "es") == [
        "Siempre decía\nque el público tiene la razón,",
        "incluso cuando se equivoca.",
    ]


def test_hindi_is_measured_in_letters_as_readers_see_them():
    words = say("तब उनकी जेब में सिर्फ़ बीस रुपये थे और एक ऐसा सपना था जिस पर पूरे शहर में किसी को विश्वास नहीं था।")
    assert texts(words, "hi") == [
        "तब उनकी जेब में सिर्फ़ बीस रुपये थे और एक ऐसा सपना था\nजिस पर पूरे शहर में किसी को विश्वास नहीं था।"
    ]


def test_chinese_has_sixteen_characters_a_line_and_whole_words():
    words = say_unspaced(
        "我爷爷在1923年开了这家剧院的时候，口袋里只有三块五毛钱，还有一个全城没有人相信的梦想。"
    )
    assert texts(words, "zh") == [
        "我爷爷\n在1923年开了这家剧院的时候，",
        "口袋里只有三块五毛钱，\n还有一个全城没有人相信的梦想。",
    ]


def test_a_sentence_of_chinese_without_word_times_is_cut_all_the_same():
    (word,) = say("因为他们已经为这种乐趣付过钱了所以不管怎么样他们总是有道理的。", rate=5)
    cues = make_cues([word], load_profile("netflix").rules("zh"))
    assert "".join(line for cue in cues for line in cue.lines) == word.text
    assert all(columns(line, True) <= 32 for cue in cues for line in cue.lines)
    assert [cue.words for cue in cues] == [(word,), *[()] * (len(cues) - 1)]


def test_quick_exchanges_become_dialogue():
    words = converse(("Ann", "Are you coming?"), ("Bob", "In a minute."), ("Ann", "We are late already."))
    cues = make_cues(words, load_profile("netflix").rules("en"))
    assert cues[0].text == "-Are you coming?\n-In a minute."
    assert cues[0].speakers == ("Ann", "Bob")
    assert cues[1].text == "We are late already."
    assert cues[1].speakers == ("Ann",)


def test_half_a_sentence_does_not_share_a_cue_with_another_speaker():
    words = converse(
        ("Ann", "So hurry up!"), ("Bob", "All right, all right, I am coming, I only need my keys.")
    )
    assert texts(words, "en") == ["So hurry up!", "All right, all right,\nI am coming, I only need my keys."]


def test_where_a_sentence_ends_a_line_ends_too():
    words = say("Okay, then I thought you know, I heard a beep. This is Diane in New Jersey.", rate=12)
    assert texts(words, "en") == [
        "Okay, then I thought you know,\nI heard a beep.",
        "This is Diane in New Jersey.",
    ]


def test_french_and_spanish_dashes_have_a_space():
    words = converse(("Ann", "Tu viens ?"), ("Bob", "Oui."))
    assert texts(words, "fr") == ["- Tu viens ?\n- Oui."]


def test_turns_that_are_too_long_for_a_line_get_cues_of_their_own():
    words = converse(
        ("Ann", "Did anybody tell you what happened at the meeting?"), ("Bob", "No, what happened?")
    )
    assert texts(words, "en") == [
        "Did anybody tell you\nwhat happened at the meeting?",
        "No, what happened?",
    ]


def test_labels_stand_on_a_change_of_speaker_and_inside_the_width():
    words = converse(
        ("SPEAKER_00", "Are you coming?"),
        ("SPEAKER_01", "In a minute. I only have to find my keys, and then we can leave at once."),
    )
    assert texts(words, "en", labels=True) == [
        "-SPEAKER 1: Are you coming?\n-SPEAKER 2: In a minute.",
        "I only have to find my keys,\nand then we can leave at once.",
    ]


def test_a_long_address_is_broken_after_a_slash():
    words = say("Visit https://www.example.org/archive/2024/november/the-long-story now.")
    assert texts(words, "en") == [
        "Visit",
        "https://www.example.org/archive/2024/\nnovember/the-long-story now.",
    ]


def test_a_long_pause_ends_a_cue():
    cues = make_cues(say("I thought ~ ~ ~ that it was gone."), load_profile("netflix").rules("en"))
    assert [cue.text for cue in cues] == ["I thought", "that it was gone."]


def test_a_word_that_lasts_for_twelve_seconds_does_not_linger():
    (cue,) = make_cues([SpokenWord("Well.", 3.0, 15.0)], load_profile("netflix").rules("en"))
    assert (cue.start_ms, cue.end_ms) == (3000, 3000 + 1200 + 450)


def test_ten_words_in_a_third_of_a_second_make_one_cue_that_can_be_read():
    words = [SpokenWord("word", 1.0 + i * 0.03, 1.02 + i * 0.03) for i in range(10)]
    (cue,) = make_cues(words, load_profile("netflix").rules("en"))
    assert len(cue.words) == 10
    assert (cue.start_ms, cue.end_ms) == (1000, 1000 + 49 * 50)  # at 20 characters a second


def test_no_words_make_no_cues():
    assert make_cues([], load_profile("netflix").rules("en")) == []
    assert make_cues([SpokenWord(" ", 0, 1)], load_profile("netflix").rules("en")) == []


# --- Any words at all. ---

LATIN = "I a the and, of course. rhinoceros $3.5 20 % ! ? – “Yes,” don't Dr. Ann 1923. e\u0301te n\u00a0bsp"
HAN = [*"今天天气很好我们的三个年了《", "，", "。", "好！", "GPT"]
DEVANAGARI = "यह है और किताब। क्षत्रिय स्त्री, में 1923 विश्वविद्यालय ?"
WORDS = {"en": LATIN.split(" "), "zh": HAN, "hi": DEVANAGARI.split()}
WORDS["mixed"] = [word for script in WORDS.values() for word in script]
CUT = [
    "two words",
    "w" * 43,
    "https://www.example.org/" + "path/" * 12,
    "图书馆",
    "这句话没有标点而且比一行长得多了啊",
]
ANYTHING = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=9)
SPEAKERS = st.sampled_from([None, "SPEAKER_00", "SPEAKER_01", "A long name, as names of people are at times"])


@st.composite
def sane_words(draw, script):
    """Words one after the other, with pauses, speaking turns and lengths as in life."""
    words, at_s, speaker = [], 0.0, None
    for _ in range(draw(st.integers(1, 40))):
        if draw(st.integers(0, 5)) == 0:
            speaker = draw(SPEAKERS)
            at_s += draw(st.floats(0, 3))
        text = draw(st.sampled_from(WORDS[script]))
        at_s += draw(st.floats(0, 0.3))
        end_s = at_s + draw(st.floats(0.02, 0.7))
        words.append(SpokenWord(text, at_s, end_s, speaker, space_before=draw(st.booleans())))
        at_s = end_s
    return words


@st.composite
def absurd_words(draw, script):
    """Words with any times: overlapping, without length, reversed, before the start, hours apart."""
    times = st.one_of(st.floats(-5, 20), st.floats(0, 1), st.sampled_from([0.0, 7.0, 7200.0]))
    text = st.one_of(st.sampled_from(WORDS[script] + CUT), ANYTHING)
    word = st.builds(SpokenWord, text, times, times, SPEAKERS, st.none(), st.booleans())
    return draw(st.lists(word, max_size=40))


def without_space(texts):
    return "".join("".join(texts).split())


def assert_hard_limits(words, cues, rules):
    """What holds whatever the words."""
    lines = [line for cue in cues for line in cue.lines]
    assert all(columns(line, rules.full_width) <= rules.max_columns for line in lines)
    assert all(line.strip() == line and line for line in lines)
    assert all(1 <= len(cue.lines) == len(cue.speakers) <= 2 for cue in cues)
    # No word is lost, doubled or moved.
    assert [word for cue in cues for word in cue.words] == [word for word in words if word.text.strip()]
    assert without_space(_shown(cue, rules) for cue in cues) == without_space(word.text for word in words)
    # One speaker a line, and two in a cue only as dialogue.
    for cue in cues:
        assert {word.speaker for word in cue.words} <= set(cue.speakers)
        if _is_dialogue(cue):
            assert all(line.startswith(rules.dialogue_dash) for line in cue.lines)
    # In order, apart, and neither flashing nor standing for ever.
    assert all(right.start_ms - left.end_ms >= rules.gap_ms for left, right in pairwise(cues))
    assert all(250 <= cue.duration_ms <= rules.max_ms for cue in cues)
    assert all(cue.start_ms >= 0 for cue in cues)


def _is_dialogue(cue):
    return len(set(cue.speakers)) > 1


def _shown(cue, rules):
    """A cue's text without its dashes."""
    dash = rules.dialogue_dash if _is_dialogue(cue) else ""
    return "".join(line.removeprefix(dash) for line in cue.lines)


SCRIPTS = pytest.mark.parametrize(
    ("script", "language"),
    [("en", "en"), ("zh", "zh"), ("hi", "hi"), ("mixed", "fr"), ("mixed", "zh"), ("mixed", None)],
)
RATES = st.sampled_from([None, Fraction(25), Fraction(24000, 1001), Fraction(60)])


@SCRIPTS
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_absurd_words_break_no_hard_limit(script, language, data):
    words = data.draw(absurd_words(script))
    rules = load_profile("netflix").rules(language, data.draw(RATES))
    assert_hard_limits(words, make_cues(words, rules), rules)


@SCRIPTS
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_sane_words_keep_to_every_rule(script, language, data):
    words = data.draw(sane_words(script))
    rules = load_profile("netflix").rules(language, data.draw(RATES))
    cues = make_cues(words, rules)
    assert_hard_limits(words, cues, rules)
    followers = [*(cue.start_ms for cue in cues[1:]), None]
    previous_end_ms = 0
    for cue, following in zip(cues, followers, strict=True):
        spoken_ms = round(1000 * cue.words[-1].end_s)
        first_ms = round(1000 * cue.words[0].start_s)
        text_columns = sum(columns(line, rules.full_width) for line in cue.lines) + 1
        needed_ms = cue.start_ms + max(rules.min_ms, text_columns * rules.reading_ms_a_column)
        has_room = following is None or cue.end_ms < following - rules.gap_ms
        assert cue.start_ms >= first_ms
        assert cue.start_ms == first_ms or cue.start_ms == previous_end_ms + rules.gap_ms
        assert cue.duration_ms >= rules.min_ms or not has_room
        assert not has_room or cue.end_ms <= max(spoken_ms + rules.lead_out_ms, needed_ms) + 1
        for left, right in pairwise(cue.words):
            assert right.start_s - left.end_s <= rules.max_pause_ms / 1000 + 0.002
        previous_end_ms = cue.end_ms


@SCRIPTS
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_labels_break_no_hard_limit(script, language, data):
    words = data.draw(absurd_words(script))
    rules = load_profile("netflix").rules(language)
    cues = make_cues(words, rules, labels=True)
    bare = [replace(word, text="x") for word in words if word.text.strip()]
    assert all(columns(line, rules.full_width) <= rules.max_columns for cue in cues for line in cue.lines)
    assert [replace(word, text="x") for cue in cues for word in cue.words] == bare
    assert all(right.start_ms - left.end_ms >= rules.gap_ms for left, right in pairwise(cues))


@given(absurd_words("mixed"))
@settings(max_examples=20, deadline=None)
def test_the_same_words_make_the_same_cues(words):
    rules = load_profile("netflix").rules("en")
    assert make_cues(words, rules) == make_cues(tuple(words), rules)


@given(absurd_words("en"))
@settings(max_examples=20, deadline=None)
def test_one_line_a_cue_can_be_asked_for(words):
    rules = replace(load_profile("netflix").rules("en"), max_lines=1)
    cues = make_cues(words, rules)
    assert all(len(cue.lines) == 1 for cue in cues)
    assert without_space(cue.text for cue in cues) == without_space(word.text for word in words)
