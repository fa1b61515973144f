"""BCP-47 codes -> Whisper's language tokens.

Does not know which of them a given model was trained on: the vocabulary of that model does.
"""

from __future__ import annotations

__all__ = ["LANGUAGES", "token_of_language"]

# The order of OpenAI's own list: by hours of training data, so the first are the best.
_TOKENS = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg "
    "lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so "
    "af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue"
).split()

_BCP47 = {"jw": "jv"}
"""Where Whisper's code is not the registered one: Javanese goes by a withdrawn code."""

LANGUAGES = tuple(_BCP47.get(token, token) for token in _TOKENS)
"""BCP-47 codes of all languages that multilingual models know; Cantonese (yue) since large-v3 only."""

_TOKEN_OF = dict(zip(LANGUAGES, _TOKENS, strict=True))


def token_of_language(language: str) -> str:
    """The vocabulary's token of a language in `LANGUAGES`, e.g. "<|de|>"."""
    return f"<|{_TOKEN_OF[language]}|>"
