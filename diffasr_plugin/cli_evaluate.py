"""The commands `diffasr evaluate`, `sweep` and `bench`: words typed to figures on stdout.

Nothing heavy is imported before a command runs. Progress and remarks go to stderr.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from .asr import AsrModel
    from .evaluate.bench import Contestant
    from .evaluate.manifest import Clip
    from .evaluate.run import RunOptions

__all__ = ["bench", "evaluate", "sweep"]

Tell = Callable[[str, int, int], None]

SETS_HELP = """
    A SET is a manifest (JSON lines: audio, text, language; optional speaker, start_s, end_s, words), a folder
    of recordings with a text file each, or a public set by its name:

    \b
    asterisk-en, asterisk-es, asterisk-fr, film-en   telephone prompts (Debian's packages)
    librivox, conversation                           five read sentences; two people on the telephone
    librispeech-test-clean, librispeech-test-other   (all below come from the Hugging Face hub, and need:
    fleurs-de, -en, -es, -fr, -hi, -zh                pip install "diffsub[evaluate]")
    voxpopuli-en
"""


def set_options(command: Any) -> Any:  # noqa: ANN401
    """Options of the commands that read test sets."""
    for option in reversed(
        [
            click.argument("sets", nargs=-1, required=True, metavar="SET..."),
            click.option(
                "--model", "name", required=True, metavar="NAME", help="Recogniser (see: diffsub backends)."
            ),
            click.option(
                "--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option of the recogniser."
            ),
            click.option("-l", "--lang", "language", metavar="CODE", help="Only clips in this language."),
            click.option(
                "--limit", type=click.IntRange(1), metavar="N", help="The first N clips of each set."
            ),
            click.option(
                "--batch",
                type=click.IntRange(1),
                default=16,
                show_default=True,
                metavar="N",
                help="Clips handed over at once.",
            ),
            click.option(
                "--detect-language", is_flag=True, help="Do not tell the recogniser the clips' language."
            ),
            click.option("--seed", type=int, default=0, help="Seed of the recogniser's random draws."),
        ]
    ):
        command = option(command)
    return output_options(command)


def output_options(command: Any) -> Any:  # noqa: ANN401
    path = click.Path(dir_okay=False, path_type=Path)
    # Checked now: nobody wants to hear after an hour of recognition that the folder does not exist.
    output: dict[str, Any] = {"type": path, "callback": _in_a_folder}
    for option in reversed(
        [
            click.option("--data", type=click.Path(path_type=Path), help="Folder to keep public sets in."),
            click.option("--json", "json_path", **output, help="Write all figures here as JSON."),
            click.option("--html", "html_path", **output, help="Write a page for a browser here."),
        ]
    ):
        command = option(command)
    return command


def _in_a_folder(_: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and not path.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.absolute().parent}", param=option)
    return path


@click.command(help=f"Measure how well and how fast a recogniser does on test sets.\n{SETS_HELP}")
@set_options
@click.option("--word-times", is_flag=True, help="Ask for word times, as captioning does.")
@click.option(
    "--worst", type=click.IntRange(0), default=20, metavar="N", help="How many utterances the page shows."
)
@click.option("--published", is_flag=True, help="Show published figures, too, whatever was measured.")
def evaluate(name: str, settings: tuple[str, ...], worst: int, published: bool, **given: Any) -> None:  # noqa: ANN401
    from .asr import build_registry, parse_settings
    from .evaluate.evaluation import Evaluation
    from .evaluate.evaluation import evaluate as measure_sets
    from .evaluate.loading import load
    from .evaluate.pages import evaluation_page
    from .evaluate.published import published_text
    from .evaluate.report import evaluation_data, evaluation_text

    spec, chosen = build_registry().get(name), parse_settings(settings)
    sets = _sets(given["sets"], given["data"], given["language"], given["limit"])
    model, call_settings = load(spec, chosen)
    with model, _progress() as tell:
        measured = measure_sets(model, sets, _run_options(call_settings, given), tell)
    done = Evaluation(name, model.status, {**chosen, "batch": given["batch"]}, measured)
    click.echo(evaluation_text(done))
    comparison = published_text(done.measurements, always=published)
    if comparison:
        click.echo(f"\n{comparison}")
    _write(given["json_path"], lambda: _json(evaluation_data(done)))
    _write(given["html_path"], lambda: evaluation_page(done, worst, bool(comparison)))


@click.command(
    help="Measure a recogniser over values of its options: curves of error rate and speed.\n\n"
    f"For example: diffasr sweep --model NAME --over steps=1,4,8,16 librivox\n{SETS_HELP}"
)
@set_options
@click.option(
    "--over",
    "axes",
    multiple=True,
    required=True,
    metavar="OPTION=VALUE,…",
    help="An option and the values to try; the first is the curves' x, further ones make more curves.",
)
def sweep(name: str, settings: tuple[str, ...], axes: tuple[str, ...], **given: Any) -> None:  # noqa: ANN401
    from .asr import build_registry, parse_settings
    from .evaluate.pages import sweep_page
    from .evaluate.sweep import parse_axes, sweep_data, sweep_text
    from .evaluate.sweep import sweep as measure_sweep

    spec = build_registry().get(name)
    parsed_axes, fixed = parse_axes(axes), parse_settings(settings)
    sets = _sets(given["sets"], given["data"], given["language"], given["limit"])
    with _progress() as tell:
        swept = measure_sweep(spec, parsed_axes, sets, _run_options({}, given), fixed, tell)
    click.echo(sweep_text(swept))
    _write(given["json_path"], lambda: _json(sweep_data(swept)))
    _write(given["html_path"], lambda: sweep_page(swept))


@click.command()
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="NAME[:KEY=VALUE,…]",
    help="A recogniser, with options; left out: all that can run here.",
)
@click.option("--prompts", "prompts_set", default="asterisk-en", metavar="SET", help="Short utterances.")
@click.option("--count", type=click.IntRange(1), default=60, metavar="N", help="How many of them.")
@click.option("--film", "film_set", default="film-en", metavar="SET", help="A set of one long recording.")
@click.option("--rivals/--no-rivals", default=True, help="Measure what else one could use, too.")
@output_options
def bench(**given: Any) -> None:  # noqa: ANN401
    """Measure recognisers side by side, with what a user would pick instead.

    Sixty fixed prompts one by one, the same all at once, and a film of ten minutes. The yardstick is
    faster-whisper with its base model, int8 weights and beam 1: one by one, and batched for the film. Rivals
    need: pip install "diffsub[bench]". Leave the machine alone meanwhile.
    """
    from .evaluate.bench import bench as measure_all
    from .evaluate.bench import bench_data, bench_text
    from .evaluate.pages import bench_page

    (prompts,) = _sets([given["prompts_set"]], given["data"]).values()
    (film,) = _sets([given["film_set"]], given["data"]).values()
    contestants = [*_entrants(given["models"]), *(_rivals() if given["rivals"] else ())]
    with _progress() as tell:
        done = measure_all(contestants, prompts[: given["count"]], film[0], tell)
    click.echo(bench_text(done))
    _write(given["json_path"], lambda: _json(bench_data(done)))
    _write(given["html_path"], lambda: bench_page(done))


def _sets(
    sources: Sequence[str], data: Path | None, language: str | None = None, limit: int | None = None
) -> dict[str, list[Clip]]:
    from .assets import cache_home
    from .evaluate.loaders import SetOptions, open_sets

    return open_sets(sources, SetOptions(data or cache_home() / "speech", language, limit))


def _run_options(call_settings: Mapping[str, Any], given: Mapping[str, Any]) -> RunOptions:
    from .evaluate.run import RunOptions

    return RunOptions(
        batch=given["batch"],
        tell_language=not given["detect_language"],
        word_times=given.get("word_times", False),
        seed=given["seed"],
        model_options=call_settings,
    )


def _entrants(models: Sequence[str]) -> list[Contestant]:
    """The recognisers named, "NAME:KEY=VALUE,…"; none named: all that can run here."""
    from .asr import build_registry, parse_settings
    from .evaluate.bench import Contestant
    from .evaluate.loading import load

    registry = build_registry()
    named = models or [name for name, spec in registry.models.items() if spec.probe().ready]
    entrants = []
    for words in named:
        name, _, options = words.partition(":")
        spec, settings = registry.get(name), parse_settings(options.split(",") if options else ())
        entrants.append(Contestant(words, partial(load, spec, settings)))
    return entrants


def _rivals() -> list[Contestant]:
    """What a user would pick instead. Their weights come with the asset room, not from a hub."""
    from .assets import WHISPER_BASE, fetch
    from .assets.whisper_base_ct2 import WHISPER_BASE_CT2
    from .compat import repair_torchaudio
    from .evaluate.bench import Contestant
    from .evaluate.rivals import open_faster_whisper, open_transformers

    def faster_whisper(batched: bool) -> tuple[AsrModel, dict[str, Any]]:
        return open_faster_whisper(lambda: str(fetch(WHISPER_BASE_CT2)), batched), {}

    def transformers() -> tuple[AsrModel, dict[str, Any]]:
        repair_torchaudio()
        return open_transformers(lambda: str(fetch(WHISPER_BASE))), {}

    name = "faster-whisper base, int8, beam 1"
    return [
        Contestant(name, partial(faster_whisper, False), ("one by one", "film"), ("one by one",)),
        Contestant(f"{name}, batched", partial(faster_whisper, True), ("all at once", "film"), ("film",)),
        Contestant("transformers whisper-base, float32, greedy", transformers),
    ]


@contextmanager
def _progress() -> Iterator[Tell]:
    """A bar for each set on stderr, where that is a terminal."""
    from rich.console import Console
    from rich.progress import Progress, TaskID

    tasks: dict[str, TaskID] = {}
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done)

        yield tell


def _write(path: Path | None, make: Callable[[], str]) -> None:
    if path is not None:
        path.write_text(make(), encoding="utf-8")
        click.echo(f"written: {path}", err=True)


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
