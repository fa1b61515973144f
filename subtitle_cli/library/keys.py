"""What a result depends on -> the key that it is kept under: another film, span or option is another key.

Options that say only where a recogniser runs are left out: its results are the same everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from hashlib import blake2b
from typing import Any

from diffasr_plugin import __version__
from diffasr_plugin.asr import SAMPLE_RATE

from ..recogniser import Choice
from ..settings import Settings
from ..types import Piece
from .plain import to_plain

__all__ = ["heard_key", "job_key", "name_key", "recogniser_id", "transcript_key"]

PLACES = frozenset({"device"})
"""Options by this name say where a recogniser runs."""

UNHEARD = frozenset("destination films formats profile speaker_labels speaker_names text translation".split())
"""Settings that matter only after a film was listened to; one that is not named here is taken to matter."""


def job_key(settings: Settings, wish: object) -> str:
    """Of everything that decides what is written: with the same key, a film that is done is done.

    Where the library lies is left out, for it may be moved.
    """
    placeless = replace(settings, destination=replace(settings.destination, root=None))
    return _digest("job", placeless, wish).hex()


def recogniser_id(choice: Choice, versions: Mapping[str, str]) -> dict[str, Any]:
    """What a recogniser's results depend on, but for the sound.

    Args:
        versions: the installed package of each model, by the model's name.
    """
    options = {**choice.load_options, **choice.call_options}
    return {
        "name": choice.spec.name,
        "version": versions.get(choice.spec.name, ""),
        "options": _without(options, PLACES),
    }


def heard_key(audio: bytes, settings: Settings, recogniser: Mapping[str, Any]) -> bytes:
    """Of what is heard in a film before a word is recognised.

    Args:
        recogniser: that of the language that the user named, for pieces are cut to its liking.
    """
    named = {each.name: getattr(settings, each.name) for each in fields(settings)}
    return _digest("heard", __version__, audio.hex(), _without(named, UNHEARD), recogniser)


def transcript_key(
    audio: bytes, stream: int, piece: Piece, task: str, recogniser: Mapping[str, Any]
) -> bytes:
    """Of one piece's transcript."""
    span = [round(piece.start_s * SAMPLE_RATE), round(piece.end_s * SAMPLE_RATE)]
    return _digest("transcript", audio.hex(), stream, span, piece.language, task, recogniser)


def name_key(recogniser: Mapping[str, Any]) -> bytes:
    """Of the name of a recogniser's weights."""
    return _digest("name", recogniser)


def _without(options: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if name not in names}


def _digest(*parts: object) -> bytes:
    text = json.dumps(to_plain(parts), sort_keys=True)
    return blake2b(text.encode(errors="surrogateescape"), digest_size=16).digest()
