"""The name of a house, or a TOML file -> its numbers by language: `load_profile("netflix").rules("de")`.

The built-in houses are the TOML files in this folder; docs/profiles.md lists them with their sources. Knows
nothing of cues.
"""

from __future__ import annotations

from .load import BUILT_IN, load_profile
from .profile import Profile

__all__ = ["BUILT_IN", "Profile", "load_profile"]
