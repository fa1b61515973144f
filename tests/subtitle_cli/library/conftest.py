"""`diffsub` in this process, with the scripted recogniser and executor as if installed."""

import importlib
import sys

import pytest

from subtitle_cli import cli
from tests.support.libraries import PLAIN, SCRIPTED


@pytest.fixture
def scripted(monkeypatch):
    """The scripted distribution of tests/support is as good as installed, in further processes too."""
    monkeypatch.syspath_prepend(str(SCRIPTED))
    importlib.invalidate_caches()


@pytest.fixture
def diffsub(scripted, monkeypatch, capsys, tmp_path):
    """Run `diffsub WORDS…` in a folder of its own: (exit code, stdout, stderr)."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["diffsub", *map(str, words)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    monkeypatch.chdir(tmp_path)
    return run


@pytest.fixture
def caption(diffsub):
    """Run `diffsub … -r` with them."""
    talking = [word for word in PLAIN if word != "-q"]
    return lambda library, *words: diffsub(library, "-r", *talking, *words)
