"""Model files, plugins and recognisers: is everything there for the default run?"""

from __future__ import annotations

from diffasr_plugin.asr import DiffasrError, PluginInfo, Registry, build_registry
from diffasr_plugin.assets import is_present, offline

from ..commands import all_assets
from ..diarization import DiarizationOptions, needed_assets
from ..recogniser import Choice, Recognisers, Wish
from .finding import Finding, State, fine, problem, warning
from .network import registry_reachable

__all__ = ["check_model_files", "check_plugins", "check_recognisers"]


def check_model_files() -> list[Finding]:
    """Those of the default run: here, or to be fetched?"""
    registry = build_registry()
    known = all_assets(registry)
    wanted = {asset.name: asset for asset in needed_assets(DiarizationOptions())}
    wanted |= {name: known[name] for name in _default_downloads(registry) if name in known}
    absent = [asset for asset in wanted.values() if not is_present(asset)]
    findings = [fine(asset.name, "is here") for asset in wanted.values() if asset not in absent]
    if not absent:
        return findings
    can_fetch = not offline() and registry_reachable()
    remedy = f"diffsub models fetch {' '.join(asset.name for asset in absent)}"
    state = State.WARNING if can_fetch else State.PROBLEM
    text = "is not here yet" + ("; the first run fetches it" if can_fetch else ", and cannot be fetched now")
    return findings + [Finding(asset.name, state, text, remedy) for asset in absent]


def _default_downloads(registry: Registry) -> tuple[str, ...]:
    try:
        return _default_choice(registry).downloads
    except DiffasrError:
        return ()  # told by check_recognisers


def _default_choice(registry: Registry) -> Choice:
    """What `diffsub FILM` would use."""
    return Recognisers(registry, Wish(), lambda choice: None).choose(None)


def check_plugins() -> list[Finding]:
    try:
        plugins = build_registry().plugins
    except DiffasrError as error:
        return [problem("plugins", str(error), "pip uninstall the package that it came with")]
    return [_plugin_finding(plugin) for plugin in plugins]


def _plugin_finding(plugin: PluginInfo) -> Finding:
    subject = f"plugin {plugin.name}"
    if plugin.error is None:
        return fine(subject, f"{plugin.distribution}: {', '.join(plugin.models)}")
    package = plugin.distribution.split()[0]
    remedy = f"pip install --upgrade {package}, or leave it out: --no-plugin {plugin.name}"
    return warning(subject, f"left out: {plugin.error}", remedy)


def check_recognisers() -> list[Finding]:
    registry = build_registry()
    findings = []
    for spec in registry.models.values():
        readiness = spec.probe()
        text = "can run here" if readiness.ready else f"cannot run here: {'; '.join(readiness.missing)}"
        findings.append(fine(spec.name, text))
    try:
        choice = _default_choice(registry)
        findings.append(fine("default", f"{choice.spec.name} would be used"))
    except DiffasrError as error:
        findings.append(problem("default", str(error), "pip install --force-reinstall diffsub"))
    return findings
