"""The command `diffasr`: transcribe a file, look into checkpoints, convert them, trace the denoising, train.

Nothing heavy is imported before a command runs. Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .asr import DiffasrError, InvalidOption, build_registry
from .backends.diffusion_gemma.spec import CHECKPOINT, NAME
from .cli_evaluate import bench, evaluate, sweep
from .cli_synth import synth
from .cli_train import plot, train

if TYPE_CHECKING:
    from .asr import AsrModel
    from .checkpoint.disk import Checkpoint
    from .frozen import FrozenModels

__all__ = ["cli", "main"]

SOUND = click.Path(dir_okay=False, path_type=Path)

_model = click.option("--model", "name", default=NAME, show_default=True, help="Recogniser to use.")
_language = click.option("-l", "--lang", "language", metavar="CODE", help="Language spoken, such as de.")
_settings = click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="An option (see: diffsub backends NAME)."
)
_base = click.option("--base", help="Base model: repository or folder; left out: the checkpoint's.")
_encoder = click.option(
    "--encoder", help="Whisper encoder: repository or folder; left out: the checkpoint's."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="diffsub", prog_name="diffasr")
def cli() -> None:
    """Speech recognition by denoising all words at once.

    \b
    diffasr transcribe talk.wav --lang en --set steps=8
    diffasr inspect diffusion_asr_small.pt --memory
    diffasr convert diffusion_asr_small.pt my-checkpoint
    """


for _command in (evaluate, sweep, bench, train, plot, synth):
    cli.add_command(_command)


@cli.command()
@click.argument("audio", type=SOUND)
@_model
@_language
@_settings
@click.option("--json", "as_json", is_flag=True, help="Words with times and confidence, as JSON.")
def transcribe(
    audio: Path, name: str, language: str | None, settings: tuple[str, ...], as_json: bool
) -> None:
    """Write down what is said in a sound file of any length."""
    from dataclasses import asdict

    from .audio_file import read_audio

    samples = read_audio(audio)
    model, call_options = _load(name, settings)
    with model:
        transcript = model.transcribe_long(samples, language=language, **call_options)
    text = json.dumps(asdict(transcript), ensure_ascii=False, indent=1) if as_json else transcript.text
    click.echo(text)


@cli.command()
@click.argument("audio", type=SOUND)
@_model
@_language
@_settings
def trace(audio: Path, name: str, language: str | None, settings: tuple[str, ...]) -> None:
    """Show each denoising step of a sound file of at most 30 s, as JSON."""
    from .asr import Traceable, TranscribeOptions, Utterance
    from .audio_file import read_audio

    samples = read_audio(audio)
    model, call_options = _load(name, settings)
    with model:
        if not isinstance(model, Traceable):
            raise InvalidOption(
                "--model", f"{name} has no steps to show; diffusion-gemma and diffusion-mini do"
            )
        options = TranscribeOptions(language, model_options=model.spec.check_options(call_options, "call"))
        click.echo(json.dumps(model.trace(Utterance(samples), options), ensure_ascii=False, allow_nan=False))


@cli.command()
@click.argument("checkpoint", default=CHECKPOINT.repo)
@_base
@_encoder
@click.option("--memory", is_flag=True, help="Also: how much memory it takes, for each kind of weights.")
def inspect(checkpoint: str, base: str | None, encoder: str | None, memory: bool) -> None:
    """Show what is in a checkpoint, how it is understood, and what does not fit.

    CHECKPOINT is a file, a converted folder or a repository. No weights of the base model are loaded; its
    configuration is used if it can be had, else the published sizes are assumed.
    """
    from .backends.diffusion_gemma.load import checkpoint_path, sizes_of
    from .checkpoint.discovery import discover
    from .checkpoint.disk import Checkpoint, open_checkpoint
    from .describe import describe_checkpoint, describe_discovery, describe_memory

    path = checkpoint_path(checkpoint)
    models = _models(path, base, encoder)
    opened: Checkpoint | None
    if path.is_dir():
        opened = folder = open_checkpoint(path, models.backbone, models.shape.width)
        lines = describe_checkpoint(folder, path)
    else:
        found = discover(path, models.backbone, models.shape.width)
        lines = describe_discovery(found)
        opened = Checkpoint(found.config, found.adapter, found.projector) if found.config else None
    if memory and opened is not None:
        sizes = sizes_of(opened, models.backbone, models.shape, value_bytes=2)
        lines += ["", *describe_memory(sizes)]
    click.echo("\n".join(lines))
    if opened is None:
        sys.exit(1)


@cli.command()
@click.argument("checkpoint")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_base
@_encoder
@click.option(
    "--set", "answers", multiple=True, metavar="KEY=VALUE", help="A setting you know, such as alpha_ratio=2."
)
@click.option("--clips", type=SOUND, help="Transcribed clips to measure the other settings on.")
@click.option("--device", default="auto", show_default=True, help="Where to measure.")
def convert(
    checkpoint: str,
    folder: Path,
    base: str | None,
    encoder: str | None,
    answers: tuple[str, ...],
    clips: Path | None,
    device: str,
) -> None:
    """Write a checkpoint as a folder that loads strictly, with the revisions of the models it goes with.

    CLIPS is a text file, a clip a line: sound file, text and (if known) language, with tabs between. With it,
    the base model is loaded, and what the checkpoint does not say is measured: what makes the losses of
    these clips least.
    """
    from . import convert as work
    from .backends.diffusion_gemma.load import checkpoint_path

    known = work.parse_answers(_parse(answers))
    lines = work.read_clips(clips) if clips is not None else []
    path = checkpoint_path(checkpoint)
    converted = work.convert(path, folder, _models(path, base, encoder), known)
    for line in work.measure(folder, lines, device) if lines else []:
        click.echo(line, err=True)
    assumed = converted.config.unknowns.assumed() if not lines else ()
    if assumed:
        click.echo(f"assumed, since the checkpoint does not say: {', '.join(assumed)}", err=True)
    click.echo(str(folder))


def main() -> None:
    """Run the command; an error is one line on stderr and the exit code 1, or 2 for wrong use."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except DiffasrError as error:
        click.echo(f"diffasr: {error}", err=True)
        sys.exit(2 if isinstance(error, InvalidOption) else 1)


def _load(name: str, settings: tuple[str, ...]) -> tuple[AsrModel, Mapping[str, Any]]:
    """The model, loaded with the options that are for loading; and those for the call, checked."""
    spec = build_registry().get(name)
    load, call = spec.split_options(_parse(settings))
    spec.check_options(call, "call")
    return spec.factory(spec.check_options(load, "load")), call


def _models(checkpoint: Path, base: str | None, encoder: str | None) -> FrozenModels:
    from .backends.diffusion_gemma.load import model_refs
    from .frozen import assumed_models

    models = assumed_models(*model_refs(checkpoint, base, encoder))
    if models.assumed:
        click.echo(f"the published sizes are assumed: {models.assumed}", err=True)
    return models


def _parse(settings: tuple[str, ...]) -> dict[str, str]:
    pairs = [setting.partition("=") for setting in settings]
    for key, equals, _ in pairs:
        if not (key and equals):
            raise InvalidOption(key, "write it as KEY=VALUE, for example --set steps=8")
    return {key: value for key, _, value in pairs}
