"""What a user names as a test set -> clips: a manifest, a folder of recordings, or a public set by its name.

Public sets are kept in a folder of the caller's choice, with a manifest each; the second time nothing is
fetched. Knows no recogniser.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...asr import did_you_mean
from ..errors import DatasetUnavailable
from ..manifest import Clip, read_manifest, write_manifest
from . import asterisk, conversation, film, hub, librivox
from .local import read_folder

__all__ = ["SETS", "SetOptions", "SpeechSet", "open_sets"]

FILM_S = 600.0
FIXED_PROMPTS = 60


@dataclass(frozen=True)
class SpeechSet:
    """A public test set.

    Attributes:
        description: one line.
        clips: called with (folder to keep things in, how many clips at most; None: all).
    """

    description: str
    clips: Callable[[Path, int | None], list[Clip]]


@dataclass(frozen=True)
class SetOptions:
    """How test sets are opened.

    Attributes:
        data: folder to keep public sets in.
        language: only clips in it; and that of folders of recordings, which do not say it themselves.
        limit: how many clips of each set at most; None: all.
    """

    data: Path
    language: str | None = None
    limit: int | None = None


def _film(folder: Path, limit: int | None) -> list[Clip]:
    """The prompts after the fixed ones, so that the two have no sentence in common."""
    clips = asterisk.prompts("en", folder.parent / "asterisk-en")
    return [film.glue(clips[FIXED_PROMPTS:], folder / "film-en.wav", FILM_S)]


SETS: Mapping[str, SpeechSet] = {
    **{
        name: SpeechSet(f"{name} of the Hugging Face hub ({source.repository})", partial(hub.clips, name))
        for name, source in hub.HUB_SETS.items()
    },
    "asterisk-en": SpeechSet("telephone prompts, English", partial(asterisk.prompts, "en")),
    "asterisk-es": SpeechSet("telephone prompts, Spanish", partial(asterisk.prompts, "es")),
    "asterisk-fr": SpeechSet("telephone prompts, French", partial(asterisk.prompts, "fr")),
    "librivox": SpeechSet("five sentences of a novel, English", librivox.sentences),
    "conversation": SpeechSet("two people on the telephone, English", conversation.turns),
    "film-en": SpeechSet("ten minutes of telephone prompts with pauses, English", _film),
}


def open_sets(sources: Sequence[str], options: SetOptions) -> dict[str, list[Clip]]:
    """Each source's clips by the set's name: a manifest's stem, a folder's name, or the public set's own.

    Raises:
        DatasetUnavailable: no such file, folder or set; or it cannot be had here; or two have one name.
        InvalidManifest: see `read_manifest`.
    """
    sets: dict[str, list[Clip]] = {}
    for source in sources:
        name, clips = _open(source, options)
        if name in sets:
            raise DatasetUnavailable(name, "given twice: give one of the two manifests another name")
        spoken = [clip for clip in clips if options.language in (None, clip.language)]
        if not spoken:
            raise DatasetUnavailable(name, f"holds no clip in the language {options.language!r}")
        sets[name] = spoken[: options.limit]
    return sets


def _open(source: str, options: SetOptions) -> tuple[str, list[Clip]]:
    path = Path(source)
    if path.is_dir():
        if options.language is None:
            raise DatasetUnavailable(path.name, f"{path} is a folder: say its language with --lang")
        return path.resolve().name, read_folder(path, options.language)
    if path.is_file():
        return path.stem, read_manifest(path)
    if source not in SETS:
        raise DatasetUnavailable(
            source, f"no such manifest, folder or public set; {did_you_mean(source, SETS)}"
        )
    return source, _public(source, options)


def _public(name: str, options: SetOptions) -> list[Clip]:
    whole = options.data / f"{name}.jsonl"
    if whole.is_file():
        return read_manifest(whole)
    part = options.data / f"{name}.first-{options.limit}.jsonl"
    if options.limit is not None and part.is_file():
        return read_manifest(part)
    folder = options.data / name
    folder.mkdir(parents=True, exist_ok=True)
    clips = SETS[name].clips(folder, options.limit)
    write_manifest(whole if options.limit is None else part, clips)
    return clips
