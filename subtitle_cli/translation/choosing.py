"""A language to translate into -> who does it: the recogniser itself, or a plugin's translator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import UsageError
from ..extensions import choose
from ..rules import primary_language
from .spec import TranslatorSpec

__all__ = ["AUTO", "RECOGNISER", "choose_translation"]

AUTO = "auto"
RECOGNISER = "recogniser"
"""The built-in way: a recogniser with the task "translate" hears one language and writes English."""

_WRITTEN_BY_RECOGNISERS = "en"


def choose_translation(
    target: str,
    spoken: Sequence[str],
    wish: str,
    offers: Mapping[str, TranslatorSpec],
    recogniser_can: bool = True,
) -> TranslatorSpec | None:
    """The translator into a language, or None: the recogniser does it.

    Args:
        target: BCP-47.
        spoken: languages that the user said are spoken; none: not known yet.
        wish: a translator's name, "recogniser", or "auto": the recogniser if it can, else the first plugin.
        offers: of all plugins, by name.
        recogniser_can: whether the recogniser that is asked for translates.

    Raises:
        UsageError: nobody here can do it; the message says who could do what.
    """
    recogniser_can = recogniser_can and primary_language(target) == _WRITTEN_BY_RECOGNISERS
    if wish == RECOGNISER or (wish == AUTO and recogniser_can):
        if not recogniser_can:
            raise UsageError(f"the recogniser cannot translate into {target!r}; some can into English")
        return None
    if wish != AUTO:
        translator = choose(dict(offers), wish, "translator")
        if not _can(translator, target, spoken):
            raise UsageError(f"{_abilities(translator)}, so not from {_listed(spoken)} into {target!r}")
        return translator
    for _, translator in sorted(offers.items()):
        if _can(translator, target, spoken):
            return translator
    installed = (
        "; ".join(_abilities(each) for _, each in sorted(offers.items())) or "no translator is installed"
    )
    raise UsageError(
        f"nothing here translates from {_listed(spoken)} into {target!r}: "
        f"recognisers do into English at most; {installed}"
    )


def _can(translator: TranslatorSpec, target: str, spoken: Sequence[str]) -> bool:
    return translator.writes(target) and all(translator.reads(language) for language in spoken)


def _abilities(translator: TranslatorSpec) -> str:
    return (
        f"{translator.name} translates from {_listed(translator.sources)} into {_listed(translator.targets)}"
    )


def _listed(languages: Sequence[str]) -> str:
    return ", ".join(languages) or "any language"
