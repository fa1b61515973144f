"""How often words are used in six languages -> which of Whisper's tokens the embedded recogniser keeps.

    pip install wordfreq==3.1.1
    python -m diffasr_plugin.mini.choose_tokens

writes `data/tokens.txt`. Done once: the list is kept beside the weights that were made with it. A token that
is left out can still be spelt with shorter ones, but the model was never taught to, and writes another
word instead. So the list is long: rare words are what a caption is read for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..assets import WHISPER_BASE, fetch
from .tokens import TEXT_TOKENS, TOKENS_FILE, byte_texts, merge_parents, write_ids

__all__ = ["choose", "main"]

LANGUAGES = ("en", "de", "fr", "es", "hi", "zh")

KEPT = 41_000
"""At most so many text tokens. There is room for all that any of the words need: nothing is lost."""

_FORMS = {"zh": ((0, 1.0),), "de": ((1, 0.45), (2, 0.45), (0, 0.1))}
_OTHER_FORMS = ((1, 0.75), (2, 0.15), (0, 0.1))
"""How words are written, and how often: 0 as after an apostrophe, 1 after a space, 2 with a capital too."""

_MARKS = set(",.?!'\"-:;…%$€£&@#/()[]*+=¿¡«»“”‘’„‚–—·。，？！、：；（）《》「」『』।♪♫°")
_LONGEST_MARKS = 3


def choose(tokenizer: dict[str, Any], counts: Iterable[Counter[int]], kept: int = KEPT) -> list[int]:
    """The ids of the text tokens to keep, rising.

    1. Every byte, so that all can be spelt; all of the scripts of Hindi and Mandarin; all numbers; marks.
    2. The tokens most used in any of the languages, until there are `kept`.
    3. With each token those that it is merged from, so that text is cut into the same tokens as before.

    Args:
        tokenizer: Whisper's tokenizer.json.
        counts: how often each token is used, one counter for each language.
    """
    parents = merge_parents(tokenizer)
    chosen: set[int] = set()
    for id_, text in byte_texts(tokenizer).items():
        if id_ < 256 or _is_needed(text):
            chosen |= _with_parents(id_, parents)
    best: dict[int, float] = {}
    for count in counts:
        total = sum(count.values())
        for id_, times in count.items():
            best[id_] = max(best.get(id_, 0.0), times / total)
    for id_, _ in sorted(best.items(), key=lambda item: (-item[1], item[0])):
        wanted = _with_parents(id_, parents) - chosen
        if len(chosen) + len(wanted) <= kept:
            chosen |= wanted
    return sorted(chosen)


def _with_parents(id_: int, parents: dict[int, tuple[int, int]]) -> set[int]:
    if id_ not in parents:
        return {id_}
    left, right = parents[id_]
    return {id_} | _with_parents(left, parents) | _with_parents(right, parents)


def _is_needed(text: bytes) -> bool:
    try:
        written = text.decode("utf-8").strip()
    except UnicodeDecodeError:
        return False
    marks = len(written) <= _LONGEST_MARKS and set(written) <= _MARKS
    number = written.isascii() and written.isdigit()
    script = all("\u0900" <= c <= "\u097f" for c in written) or all(
        "\u3400" <= c <= "\u9fff" for c in written
    )
    return bool(written) and (marks or number or script)


def _count(tokenizer_file: Path, language: str) -> Counter[int]:
    """How often each token is used in a language, by the frequencies of its words."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_file))
    words, shares = zip(*_written(language), strict=True)
    count: Counter[int] = Counter()
    for encoded, share in zip(tokenizer.encode_batch(words, add_special_tokens=False), shares, strict=True):
        for id_ in encoded.ids:
            count[id_] += share
    return count


def _written(language: str) -> Iterator[tuple[str, float]]:
    """Words as they are written, with how often that is."""
    import wordfreq  # type: ignore[import-not-found]  # wanted here only

    for word, frequency in wordfreq.get_frequency_dict(language, wordlist="best").items():
        written = (word, f" {word}", f" {word[:1].upper()}{word[1:]}")
        for form, share in _FORMS.get(language, _OTHER_FORMS):
            yield written[form], frequency * share


def main() -> None:
    file = fetch(WHISPER_BASE) / "tokenizer.json"
    tokenizer = json.loads(file.read_text(encoding="utf-8"))
    counts = [_count(file, language) for language in LANGUAGES]
    ids = choose(tokenizer, counts)
    write_ids(TOKENS_FILE, ids)
    for language, count in zip(LANGUAGES, counts, strict=True):
        lost = 1 - sum(count[id_] for id_ in ids) / sum(count.values())
        print(f"{language}: {lost:.2%} of the text is in tokens left out")
    print(f"{len(ids)} of {TEXT_TOKENS} text tokens kept in {TOKENS_FILE}")


if __name__ == "__main__":
    main()
