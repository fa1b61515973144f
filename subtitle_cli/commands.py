"""The small commands: what is installed, what is on the disk. Heavy rooms stay closed here."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable

import click

from diffasr_plugin.asr import AssetError, Registry, build_registry
from diffasr_plugin.assets import (
    OFFLINE_VARIABLE,
    Asset,
    collect_assets,
    describe,
    fetch,
    find_asset,
    folder_of,
    is_present,
    verify,
)

from .config import config_files, long_options, read_config
from .diarization.assets import ASSETS as DIARIZATION_ASSETS
from .extensions import OWN_DISTRIBUTION, build_extensions, not_only_here
from .listing import backend_page, backend_table, plugin_table, table, translator_table
from .progress import Reporter, make_reporter
from .translation import TranslatorSpec

__all__ = [
    "all_assets",
    "doctor",
    "fetch_assets",
    "fetch_model_files",
    "list_model_files",
    "open_registry",
    "show_backends",
    "show_config",
    "show_plugins",
    "verify_model_files",
]


def open_registry(blocked: Collection[str] = ()) -> Registry:
    """All plugins but the blocked ones; broken ones are named on stderr.

    Raises:
        UnknownPlugin: no plugin has a name that is to be blocked.
    """
    registry = build_registry(not_only_here(blocked))
    for plugin in registry.plugins:
        if plugin.error:
            click.echo(f"warning: plugin {plugin.name!r} is left out: {plugin.error}", err=True)
    return registry


def show_plugins(blocked: tuple[str, ...]) -> None:
    """Plugins of both doors, and the translators among what they offer."""
    extensions = build_extensions(blocked)
    # Our own distribution is in the table already, with its recognisers.
    others = [each for each in extensions.plugins if each.distribution.split()[0] != OWN_DISTRIBUTION]
    click.echo(plugin_table([*build_registry(not_only_here(blocked)).plugins, *others]))
    translators = extensions.collect("register_translators", TranslatorSpec)
    if translators:
        click.echo(f"\n{translator_table(translators.values())}")


def show_backends(name: str | None, blocked: tuple[str, ...]) -> None:
    registry = open_registry(blocked)
    if name is None:
        click.echo(backend_table(registry.models.values()))
        click.echo("\nAll about one of them: diffsub backends NAME")
        return
    spec = registry.get(name)
    assets = all_assets(registry)
    sources = [
        f"{asset}: {source}"
        for asset in spec.assets
        if asset in assets
        for source in describe(assets[asset]).sources
    ]
    click.echo(backend_page(spec, sources))


def all_assets(registry: Registry) -> dict[str, Asset]:
    """Model files of all recognisers and of the tool itself, by name."""
    own = {asset.name: asset for asset in DIARIZATION_ASSETS}
    return dict(sorted({**own, **collect_assets(registry.manager)}.items()))


def show_config(command: click.Command) -> None:
    options = long_options(command)
    context = click.Context(command)
    configured = read_config(config_files(), options)
    rows = [
        (key, _shown(configured[key].value), str(configured[key].source))
        if key in configured
        else (key, _shown(option.get_default(context)), "built in")
        for key, option in options.items()
    ]
    rows += [
        (key, _shown(each.value), str(each.source)) for key, each in configured.items() if key not in options
    ]
    click.echo(table(("option", "value", "from"), rows))


def doctor(as_json: bool, offline: bool) -> int:
    """Exit code: 1 if the default run could not work."""
    from .doctor import can_run, examine, to_json, to_text

    if offline:
        os.environ[OFFLINE_VARIABLE] = "1"
    findings = examine()
    click.echo(to_json(findings) if as_json else to_text(findings))
    return int(not can_run(findings))


def _shown(value: object) -> str:
    """A value as a configuration file would have it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else "-"


def list_model_files(blocked: tuple[str, ...]) -> None:
    rows = [describe(asset) for asset in all_assets(open_registry(blocked)).values()]
    header = ("name", "size", "here", "licence", "where it comes from")
    click.echo(
        table(
            header,
            [
                (
                    row.name,
                    f"{row.size / 1e6:.0f} MB",
                    str(row.folder) if row.present else "no",
                    row.licence,
                    ", else ".join(row.sources),
                )
                for row in rows
            ],
        )
    )


def fetch_model_files(names: tuple[str, ...], blocked: tuple[str, ...], verbosity: int) -> None:
    known = all_assets(open_registry(blocked))
    assets = [find_asset(known, name) for name in names]
    with make_reporter(verbosity) as reporter:
        fetch_assets(assets, reporter)
    for asset in assets:
        click.echo(f"{asset.name}: {describe(asset).folder}")


def fetch_assets(assets: Iterable[Asset], reporter: Reporter) -> None:
    """Fetch those that are not here yet, told through the reporter."""
    for asset in assets:
        if is_present(asset):
            continue
        reporter.stage(f"fetching {asset.name}")
        reporter.note(f"fetching {asset.name} ({asset.size / 1e6:.0f} MB, {asset.licence}), once")
        fetch(asset, on_progress=lambda _, done, total: reporter.progress(done, total, "B"))


def verify_model_files(names: tuple[str, ...], blocked: tuple[str, ...]) -> int:
    """Exit code: 1 if any is damaged or missing."""
    known = all_assets(open_registry(blocked))
    # Not is_present(): a damaged copy does not count as present, and is what this looks for.
    here = [asset for asset in known.values() if folder_of(asset).exists()]
    assets = [find_asset(known, name) for name in names] or here
    if not assets:
        click.echo("no model files are here yet; fetch some with: diffsub models fetch NAME")
    failed = False
    for asset in assets:
        try:
            verify(asset)
            click.echo(f"{asset.name}: all {len(asset.files)} files are as they should be")
        except AssetError as error:
            failed = True
            click.echo(f"diffsub: {error}", err=True)
    return int(failed)
