"""Running the command line in this process, with a recogniser that counts."""

import sys

import pytest

from diffasr_plugin.asr import build_registry
from subtitle_cli import cli
from tests.support.fake_models import make_plugin, make_point, make_spec


@pytest.fixture
def specs():
    """What the only plugin offers; tests may change it before they call `diffsub`."""
    return [make_spec("counting")]


@pytest.fixture
def diffsub(monkeypatch, capsys, specs, tmp_path):
    """Run `diffsub WORDS…` in a folder of its own: (exit code, stdout, stderr)."""

    def run(*words):
        points = [make_point("fake", make_plugin(*specs)), make_point("broken", ImportError("gone"))]
        monkeypatch.setattr(
            "subtitle_cli.commands.build_registry", lambda blocked=(): build_registry(blocked, points)
        )
        monkeypatch.setattr(sys, "argv", ["diffsub", *map(str, words)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    monkeypatch.chdir(tmp_path)
    return run
