"""The commands `diffsub FILM…` and `diffsub demo`: words of the command line to settings, and the run.

What it does to each film is in `pipeline`; how many films make one run is in `run`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from diffasr_plugin.asr import (
    AsrModel,
    DiffasrError,
    InvalidOption,
    Registry,
    parse_settings,
)
from diffasr_plugin.assets import OFFLINE_VARIABLE, Asset, is_present

from .commands import all_assets, fetch_assets, open_registry
from .demo import make_demo
from .diarization import DiarizationOptions, needed_assets
from .errors import UsageError
from .extensions import build_extensions
from .formats import FORMATS
from .media import language_tag
from .mux import FilmWish, check_wishes
from .output import choose_destination
from .pipeline import preview_film
from .profiles import load_profile
from .progress import Reporter, forward_logs, make_reporter
from .recogniser import Choice, Recognisers, Wish
from .run import Outcome, caption_films
from .settings import Settings
from .speaker_names import SpeakerNames, read_speaker_names
from .text import Glossary, TextOptions, read_glossary
from .translation import AUTO, RECOGNISER, Translation, TranslatorSpec, choose_translation

__all__ = ["caption", "demo", "prepare_recognisers", "read_settings", "read_wish"]

TRANSCRIBE, TRANSLATE = "transcribe", "translate"
"""What a recogniser may be asked to do."""

Given = Mapping[str, Any]
"""The command line's options by name, as click parsed them."""


def caption(given: Given) -> int:
    """Caption the films of the command line; the exit code.

    Raises:
        UsageError, UnknownModel, InvalidOption, UnsupportedLanguage: there is no such thing.
    """
    if given["recursive"] or given["films_from"]:
        from .library.command import caption_library

        return caption_library(given)
    films = [Path(film) for film in given["films"]]
    if not films:
        raise UsageError("name the films to caption, or a folder with -r")
    settings = read_settings(given, films)
    outcomes = _preview(films, settings, given) if given["dry_run"] else _run(films, settings, given)
    _summarise(outcomes)
    return int(any(outcome.error for outcome in outcomes))


def demo(given: Given) -> int:
    """Make the demo film in a folder, caption it there, print the SRT; the exit code."""
    folder = Path(given["output"])
    film = make_demo(folder)
    formats = ("srt", "vtt", "json")
    settings = Settings(
        choose_destination(str(folder), [film], formats, overwrite=True),
        languages=("en",),
        formats=formats,
        diarization=_diarization(given),
        speaker_labels=given["diarize"],
    )
    outcomes = _run([film], settings, given)
    _summarise(outcomes)
    for outcome in outcomes:
        if outcome.captioned:
            files = [path for path in outcome.captioned.written if path]
            click.echo(files[0].read_text(encoding="utf-8"))
            click.echo(
                "The film and its subtitles:\n" + "\n".join(f"  {path}" for path in [film, *files]), err=True
            )
    return int(any(outcome.error for outcome in outcomes))


def read_settings(given: Given, films: list[Path]) -> Settings:
    """What the command line wants of every film.

    Args:
        films: those of the command line, if it names them one by one; none: they are still to be found.

    Raises:
        UsageError: there is no such thing, or two wishes do not go together.
    """
    formats = tuple(
        dict.fromkeys(name.strip().lower() for name in given["formats"].split(",") if name.strip())
    )
    for name in formats or [given["formats"]]:
        if name not in FORMATS:
            raise UsageError(f"no format is called {name!r}; known: {', '.join(FORMATS)}")
    task, translation = _translation(given)
    return Settings(
        destination=choose_destination(given["output"], films, formats, given["overwrite"]),
        languages=_languages(given["languages"]),
        task=task,
        formats=formats,
        audio_stream=given["audio_stream"],
        diarization=_diarization(given),
        speaker_labels=given["speaker_labels"] or given["speaker_names"] is not None,
        speaker_names=_speaker_names(given),
        films=_film_wishes(given, films),
        profile=load_profile(given["profile"]),
        text=_text(given),
        snap=given["snap"],
        translation=translation,
    )


def _speaker_names(given: Given) -> SpeakerNames | None:
    if given["speaker_names"] is None:
        return None
    if not given["diarize"]:
        raise UsageError("--speaker-names needs speakers that are told apart: leave out --no-diarize")
    return read_speaker_names(Path(given["speaker_names"]))


def _film_wishes(given: Given, films: list[Path]) -> tuple[FilmWish, ...]:
    """--embed and --burn, each with a file or without."""
    asked = [(kind, given[kind]) for kind in ("embed", "burn") if given[kind] is not None]
    wishes = tuple(FilmWish(kind, Path(path) if path else None) for kind, path in asked)
    check_wishes(wishes, films)
    return wishes


def _languages(asked: str | None) -> tuple[str, ...]:
    """--lang as the shortest BCP-47 codes: "deu,EN" is de and en.

    Raises:
        UsageError: one of them is no language, or there is none.
    """
    if asked is None:
        return ()
    languages = {}
    for each in asked.split(","):
        language = language_tag(each.strip())
        if language is None:
            raise UsageError(f"{each.strip()!r} is no language; give a code such as de or pt-BR")
        languages[language] = True
    return tuple(languages)


def _translation(given: Given) -> tuple[str, Translation | None]:
    """The recogniser's task, and what is translated afterwards: one of the two translates at most.

    Raises:
        UsageError: nobody here can do it.
    """
    asked = given["translate_to"] or ("en" if given["task"] == TRANSLATE else None)
    if asked is None:
        if given["translator"] != AUTO:
            raise UsageError("--translator needs --translate-to LANG")
        return given["task"], None
    target = language_tag(asked)
    if target is None:
        raise UsageError(f"{asked!r} is no language to translate into; give a code such as en or pt-BR")
    blocked = tuple(given["blocked"])
    translator = choose_translation(
        target,
        _languages(given["languages"]),
        RECOGNISER if given["task"] == TRANSLATE else given["translator"],
        build_extensions(blocked).collect("register_translators", TranslatorSpec),
        given["backend"] == AUTO or TRANSLATE in open_registry(blocked).get(given["backend"]).tasks,
    )
    if translator is None:
        return TRANSLATE, None
    return TRANSCRIBE, Translation(target, translator.name, blocked)


def _text(given: Given) -> TextOptions:
    """How the words are to read."""
    return TextOptions(
        numbers=given["numbers"],
        typography=given["typography"],
        remove_fillers=given["remove_fillers"],
        mask_profanity=given["mask_profanity"],
        glossary=read_glossary(Path(given["glossary"])) if given["glossary"] else Glossary(),
    )


def _diarization(given: Given) -> DiarizationOptions | None:
    if not given["diarize"]:
        return None
    names = ("speakers", "min_speakers", "max_speakers")
    return DiarizationOptions(given.get("diarization_model"), *(given.get(name) for name in names))


def _run(films: list[Path], settings: Settings, given: Given) -> list[Outcome]:
    if given["offline"]:
        os.environ[OFFLINE_VARIABLE] = "1"  # read by whoever would fetch something, in libraries too
    verbosity = -1 if given["quiet"] else given["verbose"]
    registry = open_registry(given["blocked"])
    with make_reporter(verbosity) as reporter:
        forward_logs(reporter, verbosity)
        with prepare_recognisers(
            registry, read_wish(given, settings.task), settings, reporter
        ) as recognisers:
            return caption_films(films, settings, recognisers, reporter)


def prepare_recognisers(
    registry: Registry,
    wish: Wish,
    settings: Settings,
    reporter: Reporter,
    load: Callable[[Choice], AsrModel] | None = None,
) -> Recognisers:
    """The recognisers of a run; wrong usage, and what is to be fetched, come before the long work.

    Args:
        load: how one is loaded; None: in this process.
    """

    def prepare(choice: Choice) -> None:
        reporter.note(f"recogniser: {choice.spec.name} ({choice.reason})")
        fetch_assets(_own_assets(choice, registry), reporter)

    recognisers = Recognisers(registry, wish, prepare, load)
    languages = [*(settings.languages or (None,)), *wish.routes]
    wanted = [asset for each in languages for asset in _own_assets(recognisers.choose(each), registry)]
    fetch_assets([*needed_assets(settings.diarization), *wanted], reporter)
    return recognisers


def _preview(films: list[Path], settings: Settings, given: Given) -> list[Outcome]:
    """Say what would be done; films that cannot be read are failures here too."""
    registry = open_registry(given["blocked"])
    choice = Recognisers(registry, read_wish(given, settings.task), lambda choice: None).choose(
        settings.language
    )
    wanted = [*needed_assets(settings.diarization), *_own_assets(choice, registry)]
    absent = [asset.name for asset in wanted if not is_present(asset)]
    fetching = f"; would fetch {', '.join(absent)}" if absent else ""
    click.echo(f"recogniser: {choice.spec.name} ({choice.reason}){fetching}")
    outcomes = []
    for film in films:
        try:
            click.echo(preview_film(film, settings))
            outcomes.append(Outcome(film))
        except DiffasrError as error:
            outcomes.append(Outcome(film, error=str(error)))
    return outcomes


def read_wish(given: Given, task: str) -> Wish:
    """What the command line wants of the recognisers."""
    return Wish(given["backend"], _model_options(given), task, _routes(given.get("route") or ""))


def _routes(text: str) -> dict[str, str]:
    """ "hi=diffusion-gemma,ja=whisper" as recognisers by language.

    Raises:
        UsageError: it is no such thing.
    """
    routes = {}
    for part in filter(None, text.split(",")):
        language, equals, name = part.strip().partition("=")
        tag = language_tag(language)
        if not (equals and name and tag):
            raise UsageError(
                f"{part!r} is no route; write LANGUAGE=RECOGNISER, for example hi=diffusion-gemma"
            )
        routes[tag] = name
    return routes


def _model_options(given: Given) -> dict[str, str]:
    """--set KEY=VALUE, with --model and --device, its short forms."""
    options = parse_settings(given["settings"])
    for name in ("model", "device"):
        if given[name] is not None:
            if name in options:
                raise InvalidOption(name, f"given twice: --{name} and --set {name}")
            options[name] = given[name]
    return options


def _own_assets(choice: Choice, registry: Registry) -> list[Asset]:
    """Model files of the recogniser itself."""
    known = all_assets(registry)
    return [known[name] for name in choice.downloads if name in known]


def _summarise(outcomes: list[Outcome]) -> None:
    """Name the films that failed once more at the end, where they are seen."""
    failed = [outcome for outcome in outcomes if outcome.error]
    if failed and len(outcomes) > 1:
        click.echo(f"diffsub: {len(failed)} of {len(outcomes)} films failed:", err=True)
    for outcome in failed:
        click.echo(f"diffsub: {outcome.film}: {outcome.error}", err=True)
