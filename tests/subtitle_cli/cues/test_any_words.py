"""What holds for the cues of any words: six scripts, every built-in house, sane times and absurd ones."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subtitle_cli.cues import make_cues
from subtitle_cli.cues.text import columns
from subtitle_cli.profiles import BUILT_IN, load_profile
from subtitle_cli.quality.conformity import check_conformity
from subtitle_cli.types import SpokenWord

LATIN = "I a the and, of course. rhinoceros $3.5 20 % ! ? – “Yes,” don't Dr. Ann 1923. e\u0301te n\u00a0bsp"
WORDS = {
    "latin": LATIN.split(" "),
    "han": [*"今天天气很好我们的三个年了《", "，", "。", "好！", "GPT"],
    "devanagari": "यह है और किताब। क्षत्रिय स्त्री, में 1923 विश्वविद्यालय ?".split(),
    "cyrillic": "и он, что достопримечательность. в 1923 году — «Да»! г.".split(),
    "arabic": "من هذا، كِتَابٌ والمدرسة؟ في ١٩٢٣ نعم.".split(),
    "kana": [*"きょうは天気がいいですね", "、", "。", "ラー", "コンピュータ"],
}
LANGUAGES = {"latin": "en", "han": "zh", "devanagari": "hi", "cyrillic": "ru", "arabic": "ar", "kana": "ja"}
WORDS["all of them"] = [word for script in WORDS.values() for word in script]
CUT = [
    "two words",
    "w" * 43,
    "https://www.example.org/" + "path/" * 12,
    "图书馆",
    "这句话没有标点而且比一行长得多了啊",
]
ANYTHING = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=9)
SPEAKERS = st.sampled_from([None, "SPEAKER_00", "SPEAKER_01", "A long name, as names of people are at times"])
RATES = st.sampled_from([None, Fraction(25), Fraction(24000, 1001), Fraction(60)])
SHOTS = st.lists(st.integers(0, 20_000), max_size=8).map(sorted)


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


def rules_of(data, script):
    language = LANGUAGES.get(script) or data.draw(st.sampled_from(["fr", "zh", None]))
    return load_profile(data.draw(st.sampled_from(BUILT_IN))).rules(language, data.draw(RATES))


def without_space(texts):
    return "".join("".join(texts).split())


def assert_hard_limits(words, cues, rules):
    """What holds whatever the words."""
    lines = [line for cue in cues for line in cue.lines]
    assert all(columns(line, rules.full_width) <= rules.max_columns for line in lines)
    assert all(line.strip() == line and line for line in lines)
    assert all(1 <= len(cue.lines) == len(cue.speakers) <= rules.max_lines for cue in cues)
    # No word is lost, doubled or moved.
    assert [word for cue in cues for word in cue.words] == [word for word in words if word.text.strip()]
    assert without_space(shown(cue, rules) for cue in cues) == without_space(word.text for word in words)
    # One speaker a line, and two in a cue only as dialogue, where the house has it.
    for cue in cues:
        assert {word.speaker for word in cue.words} <= set(cue.speakers)
        if is_dialogue(cue):
            assert all(line.startswith(rules.dialogue_dash) for line in cue.lines)
    # In order, apart, and neither flashing nor standing for ever.
    assert all(right.start_ms - left.end_ms >= rules.gap_ms for left, right in pairwise(cues))
    assert all(rules.min_ms <= cue.duration_ms <= rules.max_ms for cue in cues)
    assert all(cue.start_ms >= 0 for cue in cues)


def is_dialogue(cue):
    return len(set(cue.speakers)) > 1


def shown(cue, rules):
    """A cue's text without its dashes and labels."""
    dash = rules.dialogue_dash if is_dialogue(cue) else ""
    lines = [line.removeprefix(dash) for line in cue.lines]
    return "".join(line.removeprefix(label) for line, label in zip(lines, cue.labels, strict=True))


EACH_SCRIPT = pytest.mark.parametrize("script", WORDS)


@EACH_SCRIPT
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_absurd_words_break_no_hard_limit(script, data):
    words, rules = data.draw(absurd_words(script)), rules_of(data, script)
    assert_hard_limits(words, make_cues(words, rules, shots=data.draw(SHOTS)), rules)


@EACH_SCRIPT
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_labels_break_no_hard_limit(script, data):
    words, rules = data.draw(absurd_words(script)), rules_of(data, script)
    cues = make_cues(words, rules, labels=True)
    assert_hard_limits(words, cues, rules)
    # A label for one of two speakers alone would be taken for both.
    for cue in cues:
        if is_dialogue(cue):
            named = [speaker is not None for speaker in cue.speakers]
            assert [label != "" for label in cue.labels] == named


@EACH_SCRIPT
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_sane_words_keep_to_every_rule(script, data):
    words, rules = data.draw(sane_words(script)), rules_of(data, script)
    cues = make_cues(words, rules)
    assert_hard_limits(words, cues, rules)
    followers = [*(cue.start_ms for cue in cues[1:]), None]
    for cue, following in zip(cues, followers, strict=True):
        spoken_ms = round(1000 * cue.words[-1].end_s)
        first_ms = round(1000 * cue.words[0].start_s)
        text = " ".join(cue.lines)
        most_ms = rules.reading_ms(columns(text, rules.full_width) + 1, len(text.split()))
        # It closes the space before the next one, as far as it may stay.
        latest_ms = cue.start_ms + rules.max_ms
        is_close = following is not None and cue.end_ms == min(following - rules.gap_ms, latest_ms)
        # On time, or marked; never early by more than the house allows.
        on_time = abs(cue.start_ms - first_ms) <= rules.frames_ms(rules.sync_frames) + 1
        assert on_time or "sync" in cue.gave_way
        early_ms = max(rules.max_shift_ms, rules.lead_in_ms, rules.frames_ms(rules.sync_frames))
        assert cue.start_ms >= first_ms - early_ms - 1
        # No longer over silence than reading, the minimum, or a short gap asks for.
        needed_ms = cue.start_ms + max(rules.min_ms, most_ms)
        assert is_close or cue.end_ms <= max(spoken_ms + rules.lead_out_ms, needed_ms) + 1
        for left, right in pairwise(cue.words):
            assert right.start_s - left.end_s <= rules.max_pause_ms / 1000 + 0.002


@EACH_SCRIPT
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_the_checker_of_files_agrees(script, data):
    words, rules = data.draw(absurd_words(script)), rules_of(data, script)
    cues = make_cues(words, rules, shots=data.draw(SHOTS))
    found = {each.limit.name: each for each in check_conformity(cues, rules).violations}
    assert set(found) <= {"reading speed"}
    # The cutter reads the break between two lines as a space, the checker as nothing: it finds no more. Where
    # words count, a break inside of one makes it two to the checker.
    assert not found or rules.words_a_minute or any("reading_speed" in cue.gave_way for cue in cues)


@pytest.mark.parametrize("script", ["latin", "devanagari", "cyrillic", "arabic"])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_where_words_have_spaces_lines_joined_by_spaces_are_the_text(script, data):
    words = [replace(word, space_before=True) for word in data.draw(sane_words(script))]
    rules = replace(rules_of(data, script), max_line_chars=42)
    lines = [line for cue in make_cues(words, replace(rules, dialogue_dash=None)) for line in cue.lines]
    assert " ".join(lines) == " ".join(word.text for word in words)


@given(absurd_words("all of them"))
@settings(max_examples=20, deadline=None)
def test_the_same_words_make_the_same_cues(words):
    rules = load_profile("netflix").rules("en")
    assert make_cues(words, rules) == make_cues(tuple(words), rules)


@given(absurd_words("latin"))
@settings(max_examples=20, deadline=None)
def test_one_line_a_cue_can_be_asked_for(words):
    rules = replace(load_profile("netflix").rules("en"), max_lines=1)
    cues = make_cues(words, rules)
    assert all(len(cue.lines) == 1 for cue in cues)
    assert without_space(cue.text for cue in cues) == without_space(word.text for word in words)
