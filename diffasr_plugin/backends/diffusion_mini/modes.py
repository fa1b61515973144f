"""Options of a call and a language -> the way in which its text is found.

What nobody asked for is as the file beside the adapter says: the way that was measured to be the best, for
each language. Imports no torch.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from ...asr import ModelUnavailable
from ...checkpoint.errors import InvalidConfig
from ...config import from_dict

__all__ = ["DRAFTS", "MODES", "MODES_FILE", "PURE_STEPS", "Way", "choose_way", "own_way", "read_ways"]

MODES = ("verified", "diffusion", "greedy")
DRAFTS = ("adapter", "ngram")
MODES_FILE = "modes.toml"

DEFAULT = "default"
"""In the file, all languages that have no table of their own."""

PURE_STEPS = 8
"""Of the mode `diffusion`, where neither a call nor the language's own way tells the number."""

_NO_ADAPTER = (
    "there is no trained adapter with it; train one (diffasr train mini.toml) and give its folder with "
    "--set adapter=FOLDER, or leave out mode, steps and draft"
)


@dataclass(frozen=True)
class Way:
    """How a text is found.

    Attributes:
        mode: verified: from a draft, by the causal model, as it would write itself; diffusion: as the
            denoiser writes; greedy: by the causal model, without a draft.
        steps: denoising steps; 0: what CTC hears is the draft, or in the mode diffusion the text.
        draft: where the verifier's drafts come from: the adapter, or earlier texts.
        init: what the canvas starts as.
        strength: how much of what the denoiser has learnt counts, 0 to 1. At 0 it is Whisper as it reads a
            draft; the more it counts, the fewer steps it needs, but it was learnt from synthetic voices.
    """

    mode: Literal["verified", "diffusion", "greedy"]
    steps: int = 0
    draft: Literal["adapter", "ngram"] = "adapter"
    init: Literal["ctc", "random"] = "ctc"
    strength: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise ValueError(f"strength is {self.strength}, not between 0 and 1")


def read_ways(folder: Path) -> dict[str, Way]:
    """The ways that an adapter's folder tells, by language, `default` among them.

    Raises:
        InvalidConfig: not TOML, no default, or a bad value.
    """
    file = folder / MODES_FILE
    if not file.is_file():
        return {DEFAULT: Way("verified")}
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        ways = {language: from_dict(Way, table) for language, table in tables.get("ways", {}).items()}
    except (OSError, ValueError) as error:
        raise InvalidConfig(file, str(error)) from error
    if DEFAULT not in ways:
        raise InvalidConfig(file, f"has no table [ways.{DEFAULT}]; add one with mode, such as 'verified'")
    return ways


def own_way(language: str | None, ways: Mapping[str, Way]) -> Way:
    """The way that the file tells for a language."""
    return ways.get(language or DEFAULT, ways[DEFAULT])


def choose_way(
    name: str, given: Mapping[str, Any], language: str | None, ways: Mapping[str, Way] | None
) -> Way:
    """The way for an utterance.

    Args:
        name: of the model, for errors.
        given: the call's options; None where the choice is left to the model.
        ways: see `read_ways`; None: there is no adapter.

    Raises:
        ModelUnavailable: the way needs an adapter, and there is none.
    """
    mode, steps, draft = given["mode"], given["steps"], given["draft"]
    if mode is None and draft == "ngram":
        mode = "verified"
    if ways is None:
        if mode == "diffusion" or steps or (mode == "verified" and draft != "ngram"):
            raise ModelUnavailable(name, _NO_ADAPTER)
        return Way(mode or "greedy", draft=draft or "adapter")
    best = own_way(language, ways)
    if mode is None and best.mode == "greedy" and (steps is not None or given["init"] is not None):
        mode = "diffusion"  # only a denoiser has them
    if mode is None or mode == best.mode:
        way = best
    else:
        steps_of_it = PURE_STEPS if mode == "diffusion" else 0
        way = Way(cast(Any, mode), steps_of_it, strength=best.strength)
    chosen = {"steps": steps, "draft": draft, "init": given["init"]}
    return replace(way, **{key: value for key, value in chosen.items() if value is not None})
