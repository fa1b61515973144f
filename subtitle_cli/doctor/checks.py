"""All checks of the doctor, in the order in which their findings are shown."""

from __future__ import annotations

from collections.abc import Callable

from .finding import Finding, warning
from .machine import check_cache, check_ffmpeg, check_torch
from .network import check_hub, check_registry
from .packages import check_versions
from .recognisers import check_model_files, check_plugins, check_recognisers

__all__ = ["CHECKS", "Check", "examine"]

Check = Callable[[], list[Finding]]

CHECKS: tuple[Check, ...] = (
    check_versions,
    check_ffmpeg,
    check_torch,
    check_cache,
    check_registry,
    check_hub,
    check_model_files,
    check_plugins,
    check_recognisers,
)


def examine(checks: tuple[Check, ...] = CHECKS) -> list[Finding]:
    """Run all checks; one that fails itself is a finding too."""
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += check()
        except Exception as error:
            # The doctor is for machines on which things are broken in ways that nobody foresaw.
            subject = check.__name__.removeprefix("check_").replace("_", " ")
            text = f"could not be checked: {type(error).__name__}: {error}"
            findings.append(warning(subject, text))
    return findings
