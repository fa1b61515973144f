"""Sentences go to a translator and come back at their times; what breaks the contract is named."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffasr_plugin.asr import UnsupportedLanguage
from subtitle_cli.errors import TranslationError, UsageError
from subtitle_cli.hookspecs import hookimpl
from subtitle_cli.translation import Sentence, Translation, TranslatorSpec, translate
from subtitle_cli.types import SpokenWord
from tests.support.polished import spoken


@pytest.fixture
def offer(install):
    """Makes these translators the only ones installed."""

    def offer(*specs):
        class Plugin:
            @hookimpl
            def register_translators(self, register):
                for spec in specs:
                    register(spec)

        install(Plugin())

    return offer


def by(function, **changes):
    return TranslatorSpec("echo", "Says it again.", function, **changes)


def louder(sentences, target):
    return [f"{sentence.text.upper()} {target}" for sentence in sentences]


TO_PT = Translation("pt", "echo")


def test_a_translator_gets_sentences_with_times_speakers_and_language(offer):
    asked = []
    offer(by(lambda sentences, target: asked.append((list(sentences), target)) or ["x"] * len(sentences)))
    words = [*spoken("Good morning. How are", speaker="A"), *spoken("you?", speaker="B")]
    translate(words, TO_PT)
    (sentences, target) = asked[0]
    assert target == "pt"
    assert sentences == [
        Sentence("Good morning.", words[0].start_s, words[1].end_s, "en", "A"),
        Sentence("How are", words[2].start_s, words[3].end_s, "en", "A"),
        Sentence("you?", words[4].start_s, words[4].end_s, "en", "B"),
    ]


def test_a_long_pause_or_too_many_words_end_a_sentence(offer):
    offer(by(lambda sentences, target: [str(len(s.text.split())) for s in sentences]))
    words = [SpokenWord("a", float(i), i + 0.5, language="en") for i in range(130)]
    assert [word.text for word in translate(words, TO_PT)] == ["60", "60", "10"]
    late = [SpokenWord("b", 200.0, 200.5, language="en")]
    assert [word.text for word in translate([*words, *late], TO_PT)][-2:] == ["10", "1"]


def test_each_sentence_keeps_its_time_and_its_speaker(offer):
    offer(by(louder))
    words = [*spoken("Good morning. Bye now.", speaker="A")]
    out = translate(words, TO_PT)
    assert [word.text for word in out] == ["GOOD", "MORNING.", "pt", "BYE", "NOW.", "pt"]
    assert (out[0].start_s, out[2].end_s) == pytest.approx((words[0].start_s, words[1].end_s))
    assert (out[3].start_s, out[5].end_s) == pytest.approx((words[2].start_s, words[3].end_s))
    assert {(word.speaker, word.language) for word in out} == {("A", "pt")}


def test_a_pause_inside_a_sentence_stays_a_pause(offer):
    offer(by(lambda sentences, target: ["aaaa bbbb"]))
    words = [SpokenWord("xxxx", 0.0, 1.0, language="en"), SpokenWord("yyyy", 2.5, 3.5, language="en")]
    first, second = translate(words, TO_PT)
    assert first.end_s == pytest.approx(1.0)
    assert second.start_s == pytest.approx(2.5)


@given(
    st.lists(st.sampled_from(["a", "bb", "ccc.", "~", "d?"]), min_size=1),
    st.lists(st.text("xyz", min_size=1), min_size=1),
)
def test_times_stay_in_order_inside_their_sentence(chunks, texts):
    from subtitle_cli.translation.words import _respoken

    words = spoken(" ".join(chunks))
    if not words:
        return
    out = _respoken(words, " ".join(texts), "pt")
    assert [word.text for word in out] == texts
    assert all(word.start_s <= word.end_s for word in out)
    assert all(a.start_s <= b.start_s and a.end_s <= b.end_s for a, b in pairwise(out))
    assert words[0].start_s <= out[0].start_s
    assert out[-1].end_s <= words[-1].end_s + 1e-9


def test_chinese_comes_back_without_spaces(offer):
    offer(by(lambda sentences, target: ["早上好。" for _ in sentences]))
    (word, *_) = translate(spoken("Good morning. Bye."), Translation("zh", "echo"))
    assert (word.text, word.space_before) == ("早上好。", False)


def test_what_is_in_the_language_already_stays_as_it_is(offer):
    offer(by(louder))
    words = [*spoken("Bom dia.", "pt-BR"), *spoken("Hello.", "en")]
    out = translate(words, TO_PT)
    assert out[:2] == words[:2]
    assert [word.text for word in out[2:]] == ["HELLO.", "pt"]


def test_no_words_ask_nobody(offer):
    offer(by(lambda sentences, target: pytest.fail("asked for nothing")))
    assert translate([], TO_PT) == []


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda sentences, target: [], "it gave 0 texts for 1 sentences"),
        (lambda sentences, target: ["a", "b"], "it gave 2 texts for 1 sentences"),
        (lambda sentences, target: ["  "], "it gave '  ' for 'Hello.'; it must be a text"),
        (lambda sentences, target: [None], "it gave None for 'Hello.'"),
        (lambda sentences, target: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda sentences, target: None, "TypeError"),
    ],
)
def test_a_broken_contract_is_named_with_its_translator(offer, answer, message):
    offer(by(answer))
    with pytest.raises(TranslationError) as caught:
        translate(spoken("Hello."), TO_PT)
    assert str(caught.value).startswith("the translator 'echo' failed: ")
    assert message in str(caught.value)
    assert caught.value.translator == "echo"


def test_an_error_of_the_tree_passes_as_it_is(offer):
    def refuse(sentences, target):
        raise UnsupportedLanguage("xx", "echo", ["en"])

    offer(by(refuse))
    with pytest.raises(UnsupportedLanguage):
        translate(spoken("Hello."), TO_PT)


def test_a_language_that_it_does_not_read_is_told(offer):
    offer(by(louder, sources=("de",)))
    with pytest.raises(TranslationError, match="it does not read 'en', which is spoken here; it reads de"):
        translate(spoken("Hello."), TO_PT)


def test_a_translator_that_is_gone_is_told(offer):
    offer()
    with pytest.raises(UsageError, match="no translator is called 'echo'"):
        translate(spoken("Hello."), TO_PT)
