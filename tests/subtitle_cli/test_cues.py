"""Whole cues: examples of what a reader gets. What holds for any words is in cues/test_any_words.py."""

from dataclasses import replace

from subtitle_cli.cues import make_cues
from subtitle_cli.cues.text import columns
from subtitle_cli.profiles import load_profile
from subtitle_cli.types import SpokenWord
from tests.support.spoken import converse, say, say_unspaced

FAST = replace(load_profile("netflix").rules("en"), max_ms=1500)


def texts(words, language, **options):
    return [cue.text for cue in make_cues(words, load_profile("netflix").rules(language), **options)]


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


def test_two_who_speak_at_once_share_a_cue_where_one_after_the_other_would_not():
    first, second = "I have never been there in all my life.", "Nor have I, my dear."
    words = [*say(first, speaker="A"), *say(second, at_s=2.8, speaker="B")]
    assert texts(words, "en") == [first, second]
    assert texts([replace(word, overlapped=True) for word in words], "en") == [f"-{first}\n-{second}"]


def test_a_cue_is_in_one_language():
    words = [
        *(replace(word, language="en") for word in say("This is Ann.")),
        *(
            replace(word, language="de", start_s=word.start_s + 1.2, end_s=word.end_s + 1.2)
            for word in say("Ja.")
        ),
    ]
    joined = [replace(word, language="en") for word in words]
    rules = load_profile("netflix").rules("en")
    assert [cue.text for cue in make_cues(joined, replace(rules, max_pause_ms=3000))] == ["This is Ann. Ja."]
    assert [cue.text for cue in make_cues(words, replace(rules, max_pause_ms=3000))] == [
        "This is Ann.",
        "Ja.",
    ]


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


def test_a_label_does_not_stand_in_a_dialogue_whose_first_line_has_none():
    words = converse(
        ("SPEAKER_00", "I have been waiting here for half an hour. Are you coming?"),
        ("SPEAKER_01", "Yes."),
    )
    assert texts(words, "en") == [
        "I have been waiting here for half an hour.",
        "-Are you coming?\n-Yes.",
    ]
    assert texts(words, "en", labels=True) == [
        "SPEAKER 1: I have been waiting here\nfor half an hour.",
        "Are you coming?",
        "SPEAKER 2: Yes.",
    ]


def test_a_cue_knows_its_labels():
    words = converse(("Ann", "Are you coming?"), ("Bob", "In a minute."), ("Bob", "~ ~ ~ Wait for me."))
    cues = make_cues(words, load_profile("netflix").rules("en"), labels=True)
    assert [cue.labels for cue in cues] == [("Ann:", "Bob:"), ("",)]


def test_where_a_house_has_no_dialogue_each_speaker_gets_a_cue():
    words = converse(("Ann", "Are you coming?"), ("Bob", "In a minute."))
    cues = make_cues(words, load_profile("tiktok").rules("en"))
    assert [cue.text for cue in cues] == ["Are you coming?", "In a minute."]


def test_the_pieces_of_a_cue_tell_what_gave_way():
    cues = make_cues(say("And now, ladies and gentlemen, the fastest speaker alive.", rate=40), FAST)
    assert {name for cue in cues for name in cue.gave_way} == {"reading_speed"}
    assert [cue.gave_way for cue in make_cues(say("Take your time."), FAST)] == [()]
