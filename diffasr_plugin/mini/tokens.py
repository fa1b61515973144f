"""Whisper's tokenizer.json and a list of ids -> a tokenizer.json of those tokens only, numbered anew.

Knows no weights. The order of the tokens stays, so text tokens come first, then the one that ends a text,
then the other special ones.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..assets.whisper_tokens import special_ids
from ..backends.whisper.vocabulary import BYTE_OF

__all__ = [
    "DATA",
    "SPECIAL_TOKENS",
    "TEXT_TOKENS",
    "TOKENS_FILE",
    "byte_texts",
    "kept_ids",
    "merge_parents",
    "read_ids",
    "reduced_tokenizer",
    "write_ids",
]

DATA = Path(__file__).with_name("data")
"""What ships with the package."""

TOKENS_FILE = DATA / "tokens.txt"

SPECIAL_TOKENS = 107
"""The end of a text, languages, tasks and the like; not those of times."""

TEXT_TOKENS = 50_257
"""Of the whole multilingual vocabulary; from this id on tokens are special."""

_BYTES = 256
"""The first tokens are the bytes, each next one a merge of two before it."""


def byte_texts(tokenizer: dict[str, Any]) -> dict[int, bytes]:
    """What each text token stands for."""
    return {id_: bytes(BYTE_OF[c] for c in piece) for piece, id_ in tokenizer["model"]["vocab"].items()}


def merge_parents(tokenizer: dict[str, Any]) -> dict[int, tuple[int, int]]:
    """The two tokens that each token is merged from."""
    vocab = tokenizer["model"]["vocab"]
    pairs = (merge.split(" ") for merge in tokenizer["model"]["merges"])
    return {vocab[left + right]: (vocab[left], vocab[right]) for left, right in pairs}


def kept_ids(tokenizer: dict[str, Any], text_ids: Sequence[int]) -> list[int]:
    """The list and all special tokens but those of times: old ids, in the order of their new ones."""
    return [*text_ids, *sorted(special_ids(tokenizer).values())]


def reduced_tokenizer(tokenizer: dict[str, Any], text_ids: Sequence[int]) -> dict[str, Any]:
    """The tokenizer of the kept tokens. It cuts a text as before wherever all tokens needed were kept."""
    new = {old: number for number, old in enumerate(kept_ids(tokenizer, text_ids))}
    model = tokenizer["model"]
    vocab = {piece: new[id_] for piece, id_ in model["vocab"].items() if id_ in new}
    merges = [merge for merge in model["merges"] if merge.replace(" ", "") in vocab]
    added = [{**token, "id": new[token["id"]]} for token in tokenizer["added_tokens"] if token["id"] in new]
    return {
        **{key: tokenizer[key] for key in ("version", "truncation", "padding", "normalizer")},
        **{key: tokenizer[key] for key in ("pre_tokenizer", "decoder")},
        "post_processor": None,  # prompts are put together by those who know them
        "added_tokens": added,
        "model": {**model, "vocab": vocab, "merges": merges},
    }


def write_ids(file: Path, ids: Iterable[int]) -> None:
    """Write a rising list as runs: "0-299 301 305-306"."""
    runs = (f"{first}-{last}" if last > first else str(first) for first, last in _runs(ids))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(textwrap.fill(" ".join(runs), 110, break_on_hyphens=False) + "\n", encoding="utf-8")


def read_ids(file: Path) -> list[int]:
    """What `write_ids` wrote."""
    ids: list[int] = []
    for run in file.read_text(encoding="utf-8").split():
        first, _, last = run.partition("-")
        ids.extend(range(int(first), int(last or first) + 1))
    return ids


def _runs(ids: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for id_ in ids:
        if first is None or last is None or id_ != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = id_
        last = id_
    if first is not None and last is not None:
        yield first, last
