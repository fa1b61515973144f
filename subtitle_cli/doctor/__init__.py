"""This machine to findings: what works, what does not, and the command that mends it.

Knows what the default run (`diffsub FILM`) needs; runs no film.
"""

from .checks import CHECKS, examine
from .finding import Finding, State
from .report import can_run, to_json, to_text

__all__ = ["CHECKS", "Finding", "State", "can_run", "examine", "to_json", "to_text"]
