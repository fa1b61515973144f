"""Versions of what diffsub stands on, against those that it was made for."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, requires, version

from packaging.requirements import Requirement

from .finding import Finding, fine, problem, warning

__all__ = ["check_versions"]

DISTRIBUTION = "diffsub"
SHOWN = ("torch", "torchaudio", "torchcodec", "transformers", "pyannote.audio", "huggingface-hub", "numpy")
"""Always shown; of the others, only those that do not fit."""


def check_versions() -> list[Finding]:
    own = f"{version(DISTRIBUTION)} on Python {platform.python_version()}, {platform.platform()}"
    findings = [fine(DISTRIBUTION, own)]
    for text in requires(DISTRIBUTION) or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            findings += _check(requirement)
    return findings


def _check(requirement: Requirement) -> list[Finding]:
    remedy = f'pip install "{requirement.name}{requirement.specifier}"'
    try:
        found = version(requirement.name)
    except PackageNotFoundError:
        return [problem(requirement.name, "is not installed", remedy)]
    if not requirement.specifier.contains(found, prereleases=True):
        text = f"{found}, but diffsub is made for {requirement.specifier}"
        return [warning(requirement.name, text, remedy)]
    return [fine(requirement.name, found)] if requirement.name in SHOWN else []
