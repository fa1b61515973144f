"""How often words are used in six languages -> the units that the CTC reader tells apart.

    pip install wordfreq==3.1.1 jieba
    python -m diffasr_plugin.mini.choose_units

writes `data/units.txt`. Done once: an adapter is trained on them. In Latin letters, pieces of words that
byte-pair merging finds; few, so that each is heard often in training, and no word is only known as a whole.
In Devanagari letters, and the commonest Han characters.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

from .units import UNITS_FILE, Units

__all__ = ["choose", "main"]

LATIN = ("en", "de", "fr", "es")
PIECES = 1000
HAN = 3800
LONGEST_PIECE = 5
MARKS = " .,?!'\"-:;%…–—’“”«»¿¡()/&+°€$।·。，？！、：；《》"
_DEVANAGARI = range(0x0900, 0x0970)


def choose(frequencies: Mapping[str, Mapping[str, float]]) -> Units:
    """The inventory, the commonest first within its kind.

    Args:
        frequencies: of each language, its words and how often they are used.
    """
    letters: Counter[str] = Counter()
    for language in LATIN:
        for word, share in frequencies[language].items():
            letters.update({c: share for c in word if c.isalpha() and ord(c) < 0x250})
    singles = [c for c, share in letters.most_common() if share > 1e-7]
    capitals = [c.upper() for c in singles if len(c.upper()) == 1 and c.upper() != c]
    hindi = [chr(code) for code in _DEVANAGARI if unicodedata.category(chr(code)) != "Cn"]
    han: Counter[str] = Counter()
    for word, share in frequencies["zh"].items():
        han.update({c: share for c in word if "\u3400" <= c <= "\u9fff"})
    chosen = [*MARKS, *"0123456789", *singles, *capitals, *hindi]
    chosen += [piece for piece in _pieces(frequencies) if piece not in chosen]
    chosen += [c for c, _ in han.most_common(HAN)]
    return Units(("", *dict.fromkeys(chosen)))


def _pieces(frequencies: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Pieces of words by byte-pair merging, each language weighing the same; a space begins a word."""
    from tokenizers import Tokenizer, models, trainers

    tokenizer = Tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=PIECES, max_token_length=LONGEST_PIECE, show_progress=False, limit_alphabet=120
    )
    tokenizer.train_from_iterator(_written(frequencies), trainer)
    by_id = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    return [piece.replace("_", " ") for piece, _ in by_id if len(piece) > 1]


def _written(frequencies: Mapping[str, Mapping[str, float]], lines: float = 2e5) -> Iterator[str]:
    """Words as often as they are used: about `lines` of them for each language."""
    for language in LATIN:
        for word, share in frequencies[language].items():
            if word.isalpha():
                for _ in range(round(share * lines)):
                    yield f"_{word}"


def main() -> None:
    import wordfreq  # type: ignore[import-not-found]  # wanted here only

    languages = (*LATIN, "hi", "zh")
    units = choose({language: wordfreq.get_frequency_dict(language, "best") for language in languages})
    units.write()
    print(f"{len(units)} units, the blank included, in {UNITS_FILE}")


if __name__ == "__main__":
    main()
