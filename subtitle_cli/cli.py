"""The command line `diffsub`: words typed to settings, errors to exit codes.

Exit codes: 0 every film succeeded, 1 some failed, 2 wrong usage, 130 interrupted. Nothing heavy is imported
before it is needed, so that --help and shell completion are quick.
"""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import Any

import click

from diffasr_plugin import __version__

from . import cli_library, cli_quality
from .command_line import (
    CUES,
    FILES,
    RUN,
    SPEAKERS,
    SPEECH,
    ConfiguredCommand,
    DefaultCommandGroup,
    OptionalPath,
    complete_profiles,
    option,
    plugin_options,
    recogniser_options,
    show_all,
    talk_options,
    text_options,
)

__all__ = ["main"]

LANGUAGE_HELP = "Language spoken, as a code such as de, or several: en,es; left out: detected."


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=DefaultCommandGroup, context_settings=CONTEXT, no_args_is_help=True)
@click.option(
    "--help-all",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=show_all,
    help="Show every option, by topic.",
)
@click.version_option(__version__, prog_name="diffsub")
def cli() -> None:
    """Turn films into subtitles.

    \b
    diffsub movie.mp4 --lang de              writes movie.de.srt beside the film
    diffsub movie.mp4                        finds out the language itself
    diffsub a.mkv b.mp3 -f srt,vtt,json -o out/
    diffsub movie.mp4 --no-diarize -o -      the SRT on standard output
    diffsub films/ -r                        all films in a folder and below
    diffsub demo                             try it on a film made on the spot
    """


@cli.command(cls=ConfiguredCommand, hidden=True)
@click.argument("films", nargs=-1, metavar="FILM...", type=click.Path())
@option("-l", "--lang", "languages", section=SPEECH, basic=True, metavar="CODE[,CODE]", help=LANGUAGE_HELP)
@option("--translate-to", section=SPEECH, metavar="CODE", help="Subtitles in this language.")
@option(
    "--translator",
    section=SPEECH,
    default="auto",
    metavar="NAME",
    help="Who translates: recogniser (into English), or a plugin's translator.",
)
@option(
    "--task",
    section=SPEECH,
    type=click.Choice(["transcribe", "translate"]),
    default="transcribe",
    help="translate: the older way to say --translate-to en.",
)
@option("--audio-stream", section=SPEECH, type=int, metavar="N", help="Stream to hear, as ffmpeg numbers it.")
@option(
    "-f",
    "--format",
    "formats",
    section=FILES,
    basic=True,
    default="srt",
    metavar="LIST",
    help="Of srt, vtt, ass, ttml, lrc, txt, tsv, json, with commas.",
)
@option(
    "-o",
    "--output",
    section=FILES,
    basic=True,
    metavar="PATH",
    help="Folder or file for the subtitles; -: standard output.",
)
@option("--overwrite", section=FILES, basic=True, is_flag=True, help="Replace subtitles that exist already.")
@option(
    "--embed",
    section=FILES,
    cls=OptionalPath,
    help="Copy the film, with the subtitles as a stream to switch on (movie.de.embedded.mp4).",
)
@option(
    "--burn",
    section=FILES,
    cls=OptionalPath,
    help="Copy the film, with the subtitles drawn into its picture (movie.de.burned.mp4).",
)
@option("--dry-run", section=RUN, is_flag=True, help="Say what would be done, and do nothing.")
@option(
    "--diarize/--no-diarize",
    section=SPEAKERS,
    basic=True,
    default=True,
    help="Tell speakers apart, or only find speech.",
)
@option(
    "--diarization-model",
    section=SPEAKERS,
    metavar="PATH|ID",
    help="pyannote pipeline to use instead of the built-in.",
)
@option(
    "--speakers",
    section=SPEAKERS,
    basic=True,
    type=click.IntRange(1),
    metavar="N",
    help="How many speakers there are.",
)
@option(
    "--min-speakers",
    section=SPEAKERS,
    type=click.IntRange(1),
    metavar="N",
    help="There are at least so many.",
)
@option(
    "--max-speakers", section=SPEAKERS, type=click.IntRange(1), metavar="N", help="There are at most so many."
)
@option(
    "--speaker-labels",
    section=SPEAKERS,
    basic=True,
    is_flag=True,
    help="Write who speaks, where the speaker changes.",
)
@option(
    "--speaker-names",
    section=SPEAKERS,
    type=click.Path(),
    metavar="FILE.toml",
    help='Names for --speaker-labels, as lines such as SPEAKER_00 = "Anna".',
)
@option(
    "--profile",
    section=CUES,
    basic=True,
    default="netflix",
    metavar="NAME|TOML",
    shell_complete=complete_profiles,
    help="House style of the cues: netflix, bbc, ted, ... or a file of your own.",
)
@option(
    "--snap",
    section=CUES,
    is_flag=True,
    help="Look for shot changes, and let cues come and go with them.",
)
@text_options
@recogniser_options
@cli_library.library_options
@talk_options
def caption(**given: Any) -> None:  # noqa: ANN401
    """Write subtitles for films and sound files."""
    from . import captioning

    sys.exit(captioning.caption(given))


@cli.command()
@click.option("-o", "--output", metavar="FOLDER", default="diffsub-demo", help="Where the files go.")
@click.option("--diarize/--no-diarize", default=True, help="Tell speakers apart, or only find speech.")
@recogniser_options
@talk_options
def demo(**given: Any) -> None:  # noqa: ANN401
    """Make a short film with a real conversation, caption it, and print the SRT."""
    from . import captioning

    sys.exit(captioning.demo(given))


for _command in (
    cli_library.make_watch(caption),
    cli_library.status,
    cli_library.forget,
    cli_quality.check,
    cli_quality.score,
    cli_quality.retime,
):
    cli.add_command(_command)


@cli.command()
@plugin_options
def plugins(blocked: tuple[str, ...]) -> None:
    """List the installed plugins, broken ones with their errors."""
    from . import commands

    commands.show_plugins(blocked)


@cli.command()
@click.argument("name", required=False)
@plugin_options
def backends(name: str | None, blocked: tuple[str, ...]) -> None:
    """List the recognisers, or tell all about one."""
    from . import commands

    commands.show_backends(name, blocked)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.option("--offline", is_flag=True, help="Ask nothing on the network.")
def doctor(as_json: bool, offline: bool) -> None:
    """Check this machine, and say for each problem what mends it."""
    from . import commands

    sys.exit(commands.doctor(as_json, offline))


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes diffsub's words in a shell.

    \b
    bash:  eval "$(diffsub completion bash)"                        in ~/.bashrc
    zsh:   eval "$(diffsub completion zsh)"                         in ~/.zshrc
    fish:  diffsub completion fish > ~/.config/fish/completions/diffsub.fish
    """
    from click.shell_completion import get_completion_class

    maker = get_completion_class(shell)
    assert maker is not None, shell
    click.echo(maker(cli, {}, "diffsub", "_DIFFSUB_COMPLETE").source())


@cli.group("config")
def configuration() -> None:
    """Configuration files: what they set."""


@configuration.command("show")
def show_config() -> None:
    """Show each option's value where none is given, and where it comes from."""
    from . import commands

    commands.show_config(caption)


@cli.group()
def models() -> None:
    """Model files: what is here, fetch, verify."""


@models.command("list")
@plugin_options
def list_files(blocked: tuple[str, ...]) -> None:
    """List the model files that are known, and whether they are here."""
    from . import commands

    commands.list_model_files(blocked)


@models.command("fetch")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@plugin_options
@talk_options
def fetch_files(names: tuple[str, ...], blocked: tuple[str, ...], quiet: bool, verbose: int) -> None:
    """Fetch model files now, so that later runs need no network."""
    from . import commands

    commands.fetch_model_files(names, blocked, -1 if quiet else verbose)


@models.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME...]")
@plugin_options
def verify_files(names: tuple[str, ...], blocked: tuple[str, ...]) -> None:
    """Compute the checksums of fetched model files again; without names: of all that are here."""
    from . import commands

    sys.exit(commands.verify_model_files(names, blocked))


def main() -> None:
    """Entry point: every expected error is one line on stderr, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a sign, or a file name that is no text, must not end a run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # Being told to stop unwinds like Ctrl-C does, so that temporary files go; 143 = 128 + SIGTERM.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        cli.main(standalone_mode=False, windows_expand_args=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted; nothing half-written was left")
        # 130 = 128 + SIGINT, as shells expect it.
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of a pipe went away; keep Python from complaining again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if _is_verbose():
            raise
        sys.exit(_explain(error))


def _explain(error: Exception) -> int:
    """Say what happened in one line; the exit code."""
    from diffasr_plugin.asr import (
        DiffasrError,
        InvalidOption,
        UnknownModel,
        UnknownPlugin,
        UnsupportedLanguage,
        UnsupportedTask,
    )
    from diffasr_plugin.assets import UnknownAsset

    from .errors import UsageError

    if not isinstance(error, DiffasrError):
        _say(f"{type(error).__name__}: {error}; this should not happen: -vv shows where")
        return 1
    _say(str(error))
    usage = (
        InvalidOption,
        UnknownAsset,
        UnknownModel,
        UnknownPlugin,
        UnsupportedLanguage,
        UnsupportedTask,
        UsageError,
    )
    return 2 if isinstance(error, usage) else 1


def _is_verbose() -> bool:
    return any(word in ("-vv", "-vvv") for word in sys.argv) or sys.argv.count("-v") > 1


def _say(text: str) -> None:
    print(f"diffsub: {text}", file=sys.stderr)
