"""A word's text -> the marks before it, its letters, the marks after it.

Knows characters, no language. A percent sign, a currency sign or a plus belongs to the letters, for it is
spoken.
"""

from __future__ import annotations

from typing import NamedTuple

import regex

__all__ = ["Parts", "capitalised", "key", "split_marks"]

_MARK = r"[[\p{P}\s]--[%‰&@#*+/\\_]]"
_PARTS = regex.compile(rf"(?V1)^({_MARK}*)(.*?)({_MARK}*)$", regex.DOTALL)


class Parts(NamedTuple):
    """Joined, they are the text again; a text of marks only has them all in `before`."""

    before: str
    core: str
    after: str


def split_marks(text: str) -> Parts:
    """`"Well,` as `"`, `Well` and `,`."""
    found = _PARTS.match(text)
    assert found is not None, text  # every part may be empty
    return Parts(*found.groups())


def key(text: str) -> str:
    """What words are looked up by: no marks around, no capitals, one kind of apostrophe."""
    return split_marks(text).core.casefold().replace("’", "'")


def capitalised(text: str) -> str:
    """The text with its first letter a capital, unless it has capitals of its own, like "iPhone"."""
    before, core, after = split_marks(text)
    if core != core.lower():
        return text
    return f"{before}{core[:1].upper()}{core[1:]}{after}"
