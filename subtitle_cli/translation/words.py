"""Words with times -> translated words with times: sentences go out, texts come back.

A sentence's translation is spoken when the sentence is; inside it, each word has the time of what stands at
its share of the text, so that a pause stays a pause. Who translates is not known here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from diffasr_plugin.asr import DiffasrError

from ..cues.text import is_unspaced
from ..errors import TranslationError
from ..extensions import build_extensions, choose
from ..punctuation import ends_sentence
from ..rules import primary_language
from ..text.changes import joined
from ..types import SpokenWord
from .spec import Sentence, Translation, TranslatorSpec

__all__ = ["translate"]

_PAUSE_S = 2.0
"""A longer pause ends a sentence, whatever its marks say."""

_MOST_WORDS = 60
"""Speech without marks is cut here at the latest, for translators have limits."""


def translate(words: Sequence[SpokenWord], translation: Translation) -> list[SpokenWord]:
    """The words in the language wanted; sentences that are in it already stay as they are.

    Raises:
        TranslationError: the translator failed, does not read a language, or broke its contract.
        UsageError: no plugin offers a translator of that name.
    """
    translator = _translator(translation)
    sentences = list(_sentences(words))
    by_language: dict[str | None, list[int]] = {}
    for number, sentence in enumerate(sentences):
        language = sentence[0].language
        if primary_language(language) != primary_language(translation.language):
            by_language.setdefault(language, []).append(number)
    texts: dict[int, str] = {}
    for language, numbers in by_language.items():
        given = [_sentence(sentences[number]) for number in numbers]
        texts.update(zip(numbers, _ask(translator, given, language, translation.language), strict=True))
    return [
        word
        for number, sentence in enumerate(sentences)
        for word in (
            _respoken(sentence, texts[number], translation.language) if number in texts else sentence
        )
    ]


@lru_cache(maxsize=8)
def _translator(translation: Translation) -> TranslatorSpec:
    offers = build_extensions(translation.blocked).collect("register_translators", TranslatorSpec)
    return choose(offers, translation.translator, "translator")


def _sentences(words: Sequence[SpokenWord]) -> Iterator[list[SpokenWord]]:
    sentence: list[SpokenWord] = []
    for word in words:
        if sentence and _is_end(sentence, word):
            yield sentence
            sentence = []
        sentence.append(word)
    if sentence:
        yield sentence


def _is_end(sentence: Sequence[SpokenWord], following: SpokenWord) -> bool:
    last = sentence[-1]
    return (
        ends_sentence(last.text)
        or (last.speaker, last.language) != (following.speaker, following.language)
        or following.start_s - last.end_s > _PAUSE_S
        or len(sentence) >= _MOST_WORDS
    )


def _sentence(words: Sequence[SpokenWord]) -> Sentence:
    first, last = words[0], words[-1]
    return Sentence(joined(words), first.start_s, last.end_s, first.language, first.speaker)


def _ask(
    translator: TranslatorSpec, sentences: Sequence[Sentence], source: str | None, target: str
) -> list[str]:
    """The translator's texts, checked.

    Raises:
        TranslationError: see `translate`.
    """
    if not translator.reads(source):
        known = ", ".join(translator.sources)
        raise TranslationError(
            translator.name, f"it does not read {source!r}, which is spoken here; it reads {known}"
        )
    try:
        texts = list(translator.translate(sentences, target))
    except DiffasrError:
        raise
    except Exception as error:  # whatever a third party's code does, it is told as the translator's failure
        raise TranslationError(translator.name, f"{type(error).__name__}: {error}") from error
    if len(texts) != len(sentences):
        raise TranslationError(
            translator.name, f"it gave {len(texts)} texts for {len(sentences)} sentences; each needs one"
        )
    for sentence, text in zip(sentences, texts, strict=True):
        if not isinstance(text, str) or (sentence.text.strip() and not text.strip()):
            raise TranslationError(
                translator.name, f"it gave {text!r} for {sentence.text!r}; it must be a text"
            )
    return texts


def _respoken(sentence: Sequence[SpokenWord], text: str, language: str) -> list[SpokenWord]:
    """A translated text as words, at the times of the sentence."""
    texts = text.split()
    clock = _Clock(sentence)
    ends = list(accumulate(len(each) + 1 for each in texts))
    words = []
    for each, end in zip(texts, ends, strict=True):
        start_s = clock.start_s((end - len(each) - 1) / ends[-1])
        end_s = max(start_s, clock.end_s(end / ends[-1]))
        space_before = not is_unspaced(each[0])
        words.append(SpokenWord(each, start_s, end_s, sentence[0].speaker, None, space_before, language))
    return words


class _Clock:
    """When the share of a sentence's letters from 0 to 1 is spoken; pauses have no letters."""

    def __init__(self, sentence: Sequence[SpokenWord]) -> None:
        letters = [0, *accumulate(max(1, len(word.text)) for word in sentence)]
        self._edges = [count / letters[-1] for count in letters]
        self._words = sentence

    def start_s(self, share: float) -> float:
        """When what begins there begins: after a pause, if there is one."""
        return self._at_s(min(bisect_right(self._edges, share), len(self._words)) - 1, share)

    def end_s(self, share: float) -> float:
        """When what ends there ends: before a pause, if there is one."""
        return self._at_s(max(bisect_left(self._edges, share), 1) - 1, share)

    def _at_s(self, number: int, share: float) -> float:
        number = min(number, len(self._words) - 1)
        left, right = self._edges[number], self._edges[number + 1]
        word = self._words[number]
        return word.start_s + (word.end_s - word.start_s) * min(1.0, (share - left) / (right - left))
