"""What the commands of `diffsub` share: a group whose first word may be a film, configured defaults, options.

Knows how words are parsed, not what they do.
"""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

__all__ = [
    "ConfiguredCommand",
    "DefaultCommandGroup",
    "plugin_options",
    "recogniser_options",
    "talk_options",
]


class DefaultCommandGroup(click.Group):
    """A group whose first word may be a film: then it is for the command `caption`."""

    default = "caption"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = {"--help", "-h", "--version", *self.commands}
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
        self.commands[self.default].format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


class ConfiguredCommand(click.Command):
    """A command whose options take their defaults from configuration files, where these name them."""

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


def complete_backends(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from diffasr_plugin.asr import build_registry

    return [name for name in ["auto", *build_registry().models] if name.startswith(incomplete)]


def plugin_options(command: Any) -> Any:  # noqa: ANN401
    """Options of every command that looks at plugins."""
    return click.option(
        "--no-plugin",
        "blocked",
        multiple=True,
        metavar="NAME",
        help="Leave this plugin out (see: diffsub plugins).",
    )(command)


def recogniser_options(command: Any) -> Any:  # noqa: ANN401
    for option in reversed(
        [
            click.option(
                "--backend",
                default="auto",
                shell_complete=complete_backends,
                metavar="NAME",
                help="Recogniser (see: diffsub backends).",
            ),
            click.option("--model", metavar="NAME", help="Weights for it: short for --set model=NAME."),
            click.option("--device", metavar="NAME", help="Where it runs: short for --set device=NAME."),
            click.option(
                "--set",
                "settings",
                multiple=True,
                metavar="KEY=VALUE",
                help="An option of the recogniser (see: diffsub backends NAME).",
            ),
            click.option("--offline", is_flag=True, help="Never touch the network."),
            plugin_options,
        ]
    ):
        command = option(command)
    return command


def talk_options(command: Any) -> Any:  # noqa: ANN401
    command = click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")(command)
    return click.option("-v", "--verbose", count=True, help="Tell stages and times; -vv: tracebacks too.")(
        command
    )
