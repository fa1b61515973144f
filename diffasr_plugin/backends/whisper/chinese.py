"""Mandarin as Whisper writes it -> the script that is wanted.

Small Whisper models write Mandarin now in traditional, now in simplified characters, whatever the speaker's
country. OpenCC turns all of it into one script, by phrases first and characters second. (Apache-2.0, 2.4 MB,
well kept, wheels for all platforms; a prompt in the wanted script only makes that script likelier.)
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

__all__ = ["SCRIPTS", "in_script"]

SCRIPTS = ("simplified", "traditional", "as-heard")


def in_script(words: Sequence[str], script: str) -> list[str]:
    """The words, of one text, in one of `SCRIPTS`."""
    if script == "as-heard":
        return list(words)
    converter = _converter(script)
    text = "".join(words)
    converted: str = converter.convert(text)
    if len(converted) != len(text):  # a phrase changed its length: its words can no longer be told apart
        return [converter.convert(word) for word in words]
    ends = [sum(len(word) for word in words[: number + 1]) for number in range(len(words))]
    return [converted[end - len(word) : end] for word, end in zip(words, ends, strict=True)]


@cache
def _converter(script: str) -> Any:  # noqa: ANN401
    from opencc import OpenCC  # a compiled library: only for those who caption Mandarin

    return OpenCC({"simplified": "t2s", "traditional": "s2t"}[script])
