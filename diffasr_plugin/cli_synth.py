"""The commands `diffasr synth …`: texts to speech to train on.

Nothing heavy is imported before a command runs. Progress and remarks go to stderr.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

__all__ = ["synth"]

LANGUAGES = ("en", "de", "fr", "es", "hi", "zh")
ENGINES = ("pico", "espeak-ng", "piper", "kokoro")

_FOLDER = click.Path(file_okay=False, path_type=Path)
_engines = click.option(
    "--engines", "folder", type=_FOLDER, help="Where synthesisers are unpacked; left out: installed ones."
)


@click.group()
def synth() -> None:
    """Make synthetic speech from texts, to train on.

    \b
    diffasr synth texts unpacked-debs --lang de --out de.txt.xz
    diffasr synth speak speech --text de de.txt.xz --engine pico --engine espeak-ng --clips 5000
    """


@synth.command()
@click.argument(
    "roots", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("-l", "--lang", "language", required=True, type=click.Choice(LANGUAGES))
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File, .txt or .txt.xz."
)
def texts(roots: tuple[Path, ...], language: str, out: Path) -> None:
    """Find sentences that can be read aloud in unpacked packages.

    ROOTS are folders in which Debian's libreoffice-help, fortunes or wesnoth packages are unpacked (dpkg -x).
    """
    from .train.synth.texts import collect, write_texts

    sentences = collect(roots, language)
    write_texts(out, sentences)
    click.echo(f"{len(sentences)} sentences in {out}")


@synth.command()
@click.option("-l", "--lang", "language", required=True, type=click.Choice(LANGUAGES))
@click.option("--count", type=click.IntRange(1), default=5000, show_default=True)
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="As for texts.")
def salads(language: str, count: int, out: Path) -> None:
    """Make strings of common words, where there are few sentences (needs wordfreq)."""
    from .train.synth.salads import salads as mix
    from .train.synth.salads import word_frequencies
    from .train.synth.texts import write_texts

    write_texts(out, mix(word_frequencies(language), language, count))
    click.echo(f"{count} strings of words in {out}")


@synth.command()
@click.argument("folder", type=_FOLDER)
@click.option("--neural", is_flag=True, help="Also Kokoro, 100 MB.")
@click.option(
    "--mandarin",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Sentences whose phonemes to add; needs misaki.",
)
def kit(folder: Path, neural: bool, mandarin: Path | None) -> None:
    """Gather synthesisers in a folder that works on a machine without a network."""
    from .train.synth.kit import add_neural, add_small, write_mandarin_of
    from .train.synth.texts import read_texts

    add_small(folder)
    if neural:
        add_neural(folder)
    if mandarin is not None:
        write_mandarin_of(folder, read_texts(mandarin))
    click.echo(str(folder))


@synth.command()
@_engines
def voices(folder: Path | None) -> None:
    """List the synthesisers that can run here, and their voices."""
    from .train.synth.run import available

    found, missing = available(ENGINES, folder)
    for name, engine in found.items():
        for language in LANGUAGES:
            if names := engine.voices(language):
                some = ", ".join(names[:6]) + (" …" if len(names) > 6 else "")
                click.echo(f"{name} {language}: {len(names)} voices: {some}")
    for error in missing:
        click.echo(str(error), err=True)


@synth.command()
@click.argument("out", type=_FOLDER)
@click.option(
    "--text",
    "files",
    multiple=True,
    required=True,
    nargs=2,
    type=(click.Choice(LANGUAGES), click.Path(exists=True, dir_okay=False, path_type=Path)),
    metavar="CODE FILE",
    help="A language and its sentences, a line each (.txt, .txt.xz). Repeat for more.",
)
@click.option(
    "--engine", "names", multiple=True, type=click.Choice(ENGINES), help="Left out: all that run here."
)
@_engines
@click.option(
    "--clips", type=click.IntRange(1), default=1000, show_default=True, help="For each engine and language."
)
@click.option("--processes", type=click.IntRange(1), default=os.cpu_count() or 1, show_default="all cores")
@click.option(
    "--max-minutes", type=click.FloatRange(0, min_open=True), default=1e6, help="Stop after this time."
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--validation", is_flag=True, help="Only voices and sentences that are held out from training.")
def speak(
    out: Path,
    files: tuple[tuple[str, Path], ...],
    names: tuple[str, ...],
    folder: Path | None,
    processes: int,
    max_minutes: float,
    **plan: int,
) -> None:
    """Say sentences in many voices; prints the manifest. Run it again to go on where it was stopped."""
    from .train.synth.run import Plan, available, make, shards
    from .train.synth.texts import read_texts

    found, missing = available(names or ENGINES, folder)
    if missing and (names or not found):
        raise missing[0]
    for error in missing:
        click.echo(str(error), err=True)
    texts = {language: read_texts(file) for language, file in files}
    made = Plan(
        texts, tuple(found), plan["clips"], plan["seed"], validation=bool(plan["validation"]), folder=folder
    )
    todo = shards(made, found)

    def tell(done: int, whole: int, seconds: float) -> None:
        click.echo(f"{done} of {whole} shards, {seconds / 3600:.2f} hours of speech", err=True)

    click.echo(str(make(made, todo, out, processes, 60 * max_minutes, tell)))
