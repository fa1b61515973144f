"""Bridges know the interface (and the repairs of third parties), never a model: read out of the source."""

import ast
from pathlib import Path

import pytest

import diffasr_plugin.bridges

FILES = sorted(Path(diffasr_plugin.bridges.__file__).parent.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_bridge_imports_the_interface_only(file):
    modules = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
    outside = {(node.module or "").split(".")[0] for node in modules if node.level == 2}
    assert outside <= {"asr", "compat"}
    assert not [node for node in modules if node.level > 2 or (node.module or "").startswith("diffasr")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_bridge_is_thin(file):
    assert len(file.read_text().splitlines()) <= 155
