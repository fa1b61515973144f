"""Findings to a page for people, or to JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from .finding import Finding, State

__all__ = ["can_run", "to_json", "to_text"]

MARKS = {State.OK: "ok", State.WARNING: "!!", State.PROBLEM: "XX"}


def can_run(findings: Sequence[Finding]) -> bool:
    """Whether `diffsub FILM` would work."""
    return all(finding.state is not State.PROBLEM for finding in findings)


def to_text(findings: Sequence[Finding]) -> str:
    width = max(len(finding.subject) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{MARKS[finding.state]}  {finding.subject:<{width}}  {finding.text}")
        if finding.remedy:
            lines.append(f"    {'':<{width}}  -> {finding.remedy}")
    verdict = (
        "diffsub works here" if can_run(findings) else "diffsub cannot work here yet: mend what is marked XX"
    )
    return "\n".join([*lines, "", verdict])


def to_json(findings: Sequence[Finding]) -> str:
    """{"works": bool, "findings": [{"subject", "state", "text", "remedy"}]}"""
    document = {"works": can_run(findings), "findings": [asdict(finding) for finding in findings]}
    return json.dumps(document, ensure_ascii=False, indent=2)
