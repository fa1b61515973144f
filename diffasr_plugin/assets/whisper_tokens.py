"""Whisper's tokenizer.json, as different tools write it, into one form; and its special tokens by name.

Knows nothing of weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["canonical_tokenizer", "special_ids"]

_FIRST_MERGE = "Ġ t"
_RENAMED = {"<|nocaptions|>": "<|nospeech|>"}
_PIECES = 50_257
_MERGES = 50_000
_BPE = {
    "type": "BPE",
    "dropout": None,
    "unk_token": None,
    "continuing_subword_prefix": "",
    "end_of_word_suffix": "",
    "fuse_unk": False,
}
_TIMES = 1501
"""One token for every 20 ms of 30 s, both ends included."""


def canonical_tokenizer(tokenizer: Mapping[str, Any]) -> dict[str, Any]:
    """The same tokenizer, complete, whichever tool wrote it.

    Three things differ between files in circulation, and are put right here:

    1. Some lack the first merge (a reader took it for the heading of the list). Without it "the" after a
       space falls apart into " " and "the": text still decodes, but encodes wrongly.
    2. Some leave out the tokens of times, which follow the special ones.
    3. The token that ends a text stands in the vocabulary, among the added tokens, or in both.

    Raises:
        ValueError: not a tokenizer of the multilingual Whisper.
    """
    try:
        model = tokenizer["model"]
        special = special_ids(tokenizer)
        vocab = {piece: id_ for piece, id_ in model["vocab"].items() if piece not in special}
        merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in model["merges"]]
        chain = {key: tokenizer[key] for key in ("pre_tokenizer", "post_processor", "decoder")}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"tokenizer.json is not one of Whisper's: {error!r}") from error
    if merges[:1] != [_FIRST_MERGE]:
        merges.insert(0, _FIRST_MERGE)
    if (len(vocab), len(merges)) != (_PIECES, _MERGES):
        raise ValueError(f"tokenizer.json has {len(vocab)} pieces and {len(merges)} merges: not Whisper's")
    times = max(special.values()) + 1
    added = [
        _added(name, id_, special=True) for name, id_ in sorted(special.items(), key=lambda item: item[1])
    ]
    added += [_added(f"<|{step * 0.02:.2f}|>", times + step, special=False) for step in range(_TIMES)]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        **chain,
        "model": {**_BPE, "vocab": vocab, "merges": merges},
    }


def special_ids(tokenizer: Mapping[str, Any]) -> dict[str, int]:
    """The ids of the special tokens by their text, in OpenAI's present names."""
    return {
        _RENAMED.get(token["content"], token["content"]): token["id"]
        for token in tokenizer["added_tokens"]
        if token["special"]
    }


def _added(content: str, id_: int, *, special: bool) -> dict[str, Any]:
    sides = {"single_word": False, "lstrip": False, "rstrip": False}
    return {"id": id_, "content": content, **sides, "normalized": not special, "special": special}
