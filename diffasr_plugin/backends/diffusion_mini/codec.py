"""Text <-> the tokens of the embedded recogniser: prompt, target, what each token adds, the end of a canvas.

Knows the tokenizer, and no sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..whisper.vocabulary import Vocabulary

__all__ = ["MiniCodec"]


@dataclass(frozen=True)
class MiniCodec:
    """The tokenizer as canvases need it.

    Attributes:
        tokenizer: of the `tokenizers` library.
        vocabulary: the meaning of its tokens.
    """

    tokenizer: Any
    vocabulary: Vocabulary

    @property
    def end(self) -> int:
        """The token that ends a text, and fills what is left of a canvas after it."""
        return self.vocabulary.end

    @property
    def size(self) -> int:
        """How many tokens a canvas may hold: those of text, and the end."""
        return self.vocabulary.end + 1

    def prompt(self, language: str) -> list[int]:
        """What stands before a canvas."""
        return [self.vocabulary.start, *self.vocabulary.prompt(language, "transcribe")]

    def encode(self, text: str) -> list[int]:
        """The tokens of a text, as the model writes it: with a space before it, but for Han characters."""
        text = " ".join(text.split())
        if text and not "\u3400" <= text[0] <= "\u9fff":
            text = f" {text}"
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def trim(self, canvas: Sequence[int]) -> tuple[list[int], bool]:
        """The tokens before the first end, and whether there is one."""
        for place, token in enumerate(canvas):
            if token == self.end:
                return list(canvas[:place]), True
        return list(canvas), False

    def text_of(self, id_: int) -> str:
        """How a token reads by itself, to be looked at."""
        if id_ >= self.end:
            return "<|end|>"
        return self.vocabulary.token_bytes[id_].decode("utf-8", errors="replace")

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """What each token adds to the text; a character of several tokens is added by its last one."""
        pieces, pending = [], b""
        for id_ in ids:
            pending += self.vocabulary.token_bytes[id_]
            try:
                pieces.append(pending.decode("utf-8"))
            except UnicodeDecodeError as error:
                if error.reason != "unexpected end of data":  # it will never be a character
                    pieces.append(pending.decode("utf-8", errors="ignore"))
                    pending = b""
                else:
                    pieces.append(pending[: error.start].decode("utf-8"))
                    pending = pending[error.start :]
            else:
                pending = b""
        return pieces
