"""Plugins, recognisers and model files as tables for people.

Knows what specs, plugins and assets say of themselves; loads none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diffasr_plugin.asr import ModelSpec, Option, PluginInfo

from .translation import TranslatorSpec

__all__ = ["backend_page", "backend_table", "plugin_table", "table", "translator_table"]


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as left-aligned columns, the last one free in width."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header) - 1)]
    return "\n".join(
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(line, widths, strict=False)), line[-1]]
        ).rstrip()
        for line in lines
    )


def plugin_table(plugins: Iterable[PluginInfo]) -> str:
    rows = [
        (
            plugin.name,
            plugin.distribution,
            f"left out: {plugin.error}" if plugin.error else ", ".join(plugin.models) or "no recognisers",
        )
        for plugin in plugins
    ]
    return table(("plugin", "installed by", "recognisers"), rows)


def translator_table(translators: Iterable[TranslatorSpec]) -> str:
    rows = [
        (each.name, ", ".join(each.sources) or "any", ", ".join(each.targets) or "any", each.description)
        for each in translators
    ]
    return table(("translator", "reads", "writes", "what it is"), rows)


def backend_table(specs: Iterable[ModelSpec]) -> str:
    rows = [
        (
            spec.name,
            _count(spec.languages),
            "yes" if spec.word_times else "no",
            spec.licence,
            _state(spec),
            spec.description,
        )
        for spec in specs
    ]
    return table(("name", "languages", "word times", "licence", "can run here", "what it is"), rows)


def backend_page(spec: ModelSpec, sources: Sequence[str]) -> str:
    """All that is known of one recogniser, its options included.

    Args:
        sources: where its model files come from, a line each.
    """
    readiness = spec.probe()
    lines = [
        f"{spec.name}: {spec.description}",
        "",
        f"languages    {' '.join(spec.languages)}",
        f"tasks        {', '.join(spec.tasks)}",
        f"word times   {'yes' if spec.word_times else 'no'}",
        f"confidence   {'yes' if spec.confidence else 'no'}",
        f"licence      {spec.licence}",
        f"utterances   up to {spec.max_seconds:g} s, best near {spec.best_seconds:g} s",
        f"runs here    {_state(spec)}",
        *(f"             - {what}" for what in readiness.missing),
        *(f"{'weights' if not number else '':<13}{source}" for number, source in enumerate(sources)),
    ]
    if spec.options:
        lines += ["", "options, for --set KEY=VALUE:", *(_option_line(option) for option in spec.options)]
    return "\n".join(lines)


def _count(languages: Sequence[str]) -> str:
    return " ".join(languages) if len(languages) <= 6 else str(len(languages))


def _state(spec: ModelSpec) -> str:
    readiness = spec.probe()
    if not readiness.ready:
        return "no"
    if readiness.downloads:
        return f"yes, after fetching {', '.join(readiness.downloads)}"
    return "yes"


def _option_line(option: Option) -> str:
    kind = "|".join(map(str, option.choices)) if option.choices else option.type.__name__
    default = "" if option.default is None else f" (default {option.default})"
    when = "at loading" if option.scope == "load" else "per call"
    return f"  {option.name}={kind}{default}, {when}: {option.help}"
