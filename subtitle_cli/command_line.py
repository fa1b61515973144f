"""What the commands of `diffsub` share: a group whose first word may be a film, configured defaults, options.

Knows how words are parsed, not what they do.

An option of `diffsub FILM...` names its section of the help, and whether the short help shows it too:

    @option("--snap", section=CUES, is_flag=True, help="...")             # in --help-all
    @option("-l", "--lang", section=SPEECH, basic=True, help="...")       # in --help and in --help-all

`basic` is for what most users need on their first day. A new topic is a new line in `SECTIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

__all__ = [
    "CUES",
    "FILES",
    "LIBRARY",
    "RECOGNISER",
    "RUN",
    "SECTIONS",
    "SPEAKERS",
    "SPEECH",
    "TEXT",
    "ConfiguredCommand",
    "DefaultCommandGroup",
    "OptionalPath",
    "SectionedOption",
    "complete_profiles",
    "option",
    "plugin_options",
    "recogniser_options",
    "show_all",
    "talk_options",
    "text_options",
]

FILES = "Files"
SPEECH = "Speech"
SPEAKERS = "Speakers"
CUES = "Cues"
TEXT = "Text"
RECOGNISER = "Recogniser"
LIBRARY = "Libraries"
RUN = "Run"
SECTIONS = (FILES, SPEECH, SPEAKERS, CUES, TEXT, RECOGNISER, LIBRARY, RUN)
"""Topics of `--help-all`, in its order."""

_SHOW_ALL = "diffsub.help_all"
"""The context's note that all options are asked for."""


class SectionedOption(click.Option):
    """An option that knows its section of the help, and whether it is one of the basic ones.

    Raises:
        ValueError: there is no such section.
    """

    def __init__(
        self,
        declarations: Sequence[str],
        *,
        section: str,
        basic: bool = False,
        **attributes: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(declarations, **attributes)
        if section not in SECTIONS:
            raise ValueError(f"no section is called {section!r}; known: {', '.join(SECTIONS)}")
        self.section = section
        self.basic = basic


class OptionalPath(SectionedOption):
    """An option such as --burn or --burn=PATH; without a path its value is an empty one.

    A path needs the equals sign: what follows --burn after a space is the film, and never written to.
    """

    def __init__(self, declarations: Sequence[str], **attributes: Any) -> None:  # noqa: ANN401
        super().__init__(
            declarations, metavar="[=PATH]", type=click.UNPROCESSED, callback=_path_or_yes, **attributes
        )

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        return record and (record[0].replace(" [=", "[="), record[1])


def _path_or_yes(ctx: click.Context, param: click.Parameter, value: object) -> str | None:
    """A path; a configuration file may also say true, for an empty one, or false."""
    if value is None or value is False:
        return None
    return "" if value is True else str(value)


def option(
    *declarations: str,
    section: str,
    basic: bool = False,
    cls: type[SectionedOption] = SectionedOption,
    **attributes: Any,  # noqa: ANN401
) -> Callable[[Any], Any]:
    """`click.option`, with the option's place in the help; see `SectionedOption`."""
    return click.option(*declarations, cls=cls, section=section, basic=basic, **attributes)


class DefaultCommandGroup(click.Group):
    """A group whose first word may be a film: then it is for the command `caption`."""

    default = "caption"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "-h", "--help-all", "--version", *self.commands}
        if args and args[0] not in own:
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        own = super().shell_complete(ctx, incomplete)
        caption = self.commands[self.default]
        with caption.make_context(self.default, [], parent=ctx, resilient_parsing=True) as inner:
            words = caption.shell_complete(inner, incomplete)
        # What is no option may become a film: the shell completes file names itself.
        return (
            [*own, *words] if incomplete.startswith("-") else [*own, CompletionItem(incomplete, type="file")]
        )

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["[OPTIONS]", "FILM..."]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        caption = self.commands[self.default]
        if ctx.meta.get(_SHOW_ALL):
            caption.format_options(ctx, formatter)
        else:
            basics = [param for param in caption.params if isinstance(param, SectionedOption) and param.basic]
            _write(formatter, "Options", ctx, [*basics, *self.get_params(ctx)])
        self.format_commands(ctx, formatter)


def show_all(ctx: click.Context, param: click.Parameter, is_asked: bool) -> None:
    """The callback of --help-all: the help with every option."""
    if is_asked and not ctx.resilient_parsing:
        ctx.meta[_SHOW_ALL] = True
        click.echo(ctx.get_help())
        ctx.exit()


def _write(
    formatter: click.HelpFormatter, title: str, ctx: click.Context, params: Sequence[click.Parameter]
) -> None:
    records = [record for param in params if (record := param.get_help_record(ctx)) is not None]
    if records:
        with formatter.section(title):
            formatter.write_dl(records)


class ConfiguredCommand(click.Command):
    """A command whose options take their defaults from configuration files, where these name them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # An option that may stand alone gets an empty value, lest the parser takes the film for it.
        alone = {name for param in self.params if isinstance(param, OptionalPath) for name in param.opts}
        return super().parse_args(ctx, [f"{word}=" if word in alone else word for word in args])

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401
    ) -> click.Context:
        from .config import config_files, long_options, read_config, split_settings

        configured = read_config(config_files(), long_options(self))
        values, settings = split_settings(configured)
        names = {key: option.name for key, option in long_options(self).items()}
        extra["default_map"] = {names[key]: value for key, value in values.items()}
        context = super().make_context(info_name, args, parent, **extra)
        # --set adds to the table [set] key by key, instead of replacing it.
        given = context.params["settings"]
        taken = {setting.partition("=")[0] for setting in given}
        kept = [f"{name}={value}" for name, value in settings.items() if name not in taken]
        context.params["settings"] = (*kept, *given)
        return context

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Section by section; options without one at the end, under "Other"."""
        sectioned = [param for param in self.params if isinstance(param, SectionedOption)]
        for section in SECTIONS:
            _write(formatter, section, ctx, [param for param in sectioned if param.section == section])
        _write(
            formatter,
            "Other",
            ctx,
            [param for param in ctx.command.get_params(ctx) if param not in sectioned],
        )


def complete_backends(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from diffasr_plugin.asr import build_registry

    return [name for name in ["auto", *build_registry().models] if name.startswith(incomplete)]


def complete_profiles(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from .profiles import BUILT_IN

    names = [CompletionItem(name) for name in BUILT_IN if name.startswith(incomplete)]
    return names or [CompletionItem(incomplete, type="file")]


def plugin_options(command: Any) -> Any:  # noqa: ANN401
    """Options of every command that looks at plugins."""
    return option(
        "--no-plugin",
        "blocked",
        section=RECOGNISER,
        multiple=True,
        metavar="NAME",
        help="Leave this plugin out (see: diffsub plugins).",
    )(command)


_RECOGNISER_OPTIONS = (
    option(
        "--backend",
        section=RECOGNISER,
        basic=True,
        default="auto",
        shell_complete=complete_backends,
        metavar="NAME",
        help="Recogniser (see: diffsub backends).",
    ),
    option(
        "--model",
        section=RECOGNISER,
        basic=True,
        metavar="NAME",
        help="Weights for it: short for --set model=NAME.",
    ),
    option(
        "--device",
        section=RECOGNISER,
        basic=True,
        metavar="NAME",
        help="Where it runs: short for --set device=NAME.",
    ),
    option(
        "--set",
        "settings",
        section=RECOGNISER,
        multiple=True,
        metavar="KEY=VALUE",
        help="An option of the recogniser (see: diffsub backends NAME).",
    ),
    option("--offline", section=RUN, is_flag=True, help="Never touch the network."),
    plugin_options,
)


def recogniser_options(command: Any) -> Any:  # noqa: ANN401
    """Options of every command that recognises speech."""
    for add in reversed(_RECOGNISER_OPTIONS):
        command = add(command)
    return command


_TEXT_OPTIONS = (
    option(
        "--glossary",
        section=TEXT,
        metavar="FILE",
        help="Names and their spelling: a term a line, or HEARD => WRITTEN.",
    ),
    option(
        "--numbers",
        section=TEXT,
        type=click.Choice(["keep", "style", "digits", "words"]),
        default="keep",
        help="style: small ones as words, others in digits, as the language's guides ask.",
    ),
    option(
        "--typography",
        section=TEXT,
        type=click.Choice(["keep", "style", "straight"]),
        default="keep",
        help="style: quotes, dots and spaces as the language prints them; straight: with plain quotes.",
    ),
    option("--remove-fillers", section=TEXT, is_flag=True, help="Leave out um, uh and the like."),
    option("--mask-profanity", section=TEXT, is_flag=True, help="Write s*** for swear words."),
)


def text_options(command: Any) -> Any:  # noqa: ANN401
    """Options of the command that writes subtitles: how their text is to read."""
    for add in reversed(_TEXT_OPTIONS):
        command = add(command)
    return command


def talk_options(command: Any) -> Any:  # noqa: ANN401
    """How much a command says on standard error."""
    quiet = option("-q", "--quiet", section=RUN, is_flag=True, help="Say nothing but errors.")
    verbose = option(
        "-v",
        "--verbose",
        section=RUN,
        basic=True,
        count=True,
        help="Tell stages and times; -vv: tracebacks too.",
    )
    return verbose(quiet(command))
