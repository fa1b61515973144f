"""The commands `diffasr train` and `diffasr plot`: a recipe to a trained adapter, a run to its curves.

Nothing heavy is imported before a command runs. Progress goes to stderr, the folder or file made to stdout.
"""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["plot", "train"]

RUNS = Path("runs")

_folder = click.Path(file_okay=False, path_type=Path)
_file = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("recipe_path", metavar="RECIPE.toml", type=_file)
@click.option("-o", "--out", type=_folder, help="Folder of the run.  [default: runs/RECIPE]")
@click.option(
    "--from",
    "start",
    type=_folder,
    help="Begin with the weights of another run, or with an adapter of diffusion-mini.",
)
@click.option(
    "--max-minutes",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    help="Stop after N minutes, with a checkpoint to go on from.",
)
@click.option("--device", default="auto", show_default=True, help="auto, cpu or cuda.")
def train(
    recipe_path: Path, out: Path | None, start: Path | None, max_minutes: float | None, device: str
) -> None:
    """Train an adapter by a recipe.

    A run that was stopped goes on where it was, to the step and to the batch, when the same command is given
    again. What recognisers load is in the folder RUN/adapter at the end, and whenever it stops.

    \b
    diffasr train recipes/mini.toml
    accelerate launch --num_processes 8 -m diffasr_plugin train recipes/gemma.toml
    """
    import logging

    from .train.loop import Run
    from .train.prepare import train_recipe

    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("diffasr_plugin.train").setLevel(logging.INFO)
    run = Run(out or RUNS / recipe_path.stem, recipe_path, start, max_minutes)
    outcome = train_recipe(run, device)
    if outcome.exported is None:
        return  # one of several processes: the first one speaks for all
    state = "done" if outcome.finished else "stopped: the same command goes on"
    click.echo(f"{outcome.step} steps, {state}", err=True)
    click.echo(str(outcome.exported))


@click.command()
@click.argument("run", type=_folder)
@click.option("--png", type=_file, help="Write the picture here.  [default: RUN/curves.png]")
@click.option("--html", "html_path", type=_file, help="Write a page here.  [default: RUN/curves.html]")
def plot(run: Path, png: Path | None, html_path: Path | None) -> None:
    """Draw the curves of a training, also of one that is still going on."""
    from .train.plot import page, picture

    png, html_path = png or run / "curves.png", html_path or run / "curves.html"
    png.write_bytes(picture(run))
    html_path.write_text(page(run), encoding="utf-8")
    click.echo(f"{png}\n{html_path}")
