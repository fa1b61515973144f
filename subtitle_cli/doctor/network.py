"""What lies outside: the package registry, the model hub, and what is gated there."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
import urllib.request

from diffasr_plugin.assets import OFFLINE_VARIABLE, offline

from .finding import Finding, fine, warning

__all__ = ["check_hub", "check_registry", "registry_reachable"]

PROBE_PACKAGE = "pluggy"
"""Any package will do: whether the registry that pip is set up for answers is all that is asked."""

SECONDS = 15
HUB_SECONDS = 5

GATED = "pyannote/speaker-diarization-community-1"
"""Better diarization than the built-in one, for those who have access to it."""


def check_registry() -> list[Finding]:
    if offline():
        return [fine("registry", f"not asked: {OFFLINE_VARIABLE} is set")]
    if registry_reachable():
        return [fine("registry", "packages can be fetched as pip is set up")]
    text = "no packages can be fetched as pip is set up; model files that are here already do not need it"
    return [warning("registry", text, f"{sys.executable} -m pip index versions {PROBE_PACKAGE}")]


def registry_reachable() -> bool:
    """Whether pip, with the user's own configuration, finds a package."""
    command = [sys.executable, "-m", "pip", "--retries", "0", "--timeout", "5"]
    command += ["--disable-pip-version-check", "index", "versions", PROBE_PACKAGE]
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def check_hub() -> list[Finding]:
    """The hub is a convenience: nothing of the default run needs it."""
    if offline():
        return []
    from huggingface_hub import constants, get_token

    endpoint = constants.ENDPOINT
    try:
        with urllib.request.urlopen(endpoint, timeout=HUB_SECONDS):
            pass
    except urllib.error.HTTPError:
        pass  # it answered
    except (OSError, ValueError) as error:
        text = f"{endpoint} cannot be reached ({error}); only models named by a hub id need it"
        return [fine("model hub", text)]
    findings = [fine("model hub", f"{endpoint} answers")]
    if get_token() is None:
        text = f"{GATED} is gated and there is no token: the built-in diarization is used"
        remedy = f"optional: accept the conditions on {endpoint}/{GATED}, then: hf auth login"
        findings.append(fine("diarization", text, remedy))
    return findings
