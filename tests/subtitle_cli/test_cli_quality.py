"""The help of check, score and retime: there, complete, and without loading what the commands work with."""

import subprocess
import sys

import pytest

HEAVY = {"jiwer", "meeteval", "pyannote", "pysubs2", "scipy", "suber", "torch", "ttconv", "webvtt"}


@pytest.mark.parametrize("command", ["", "check", "score", "retime"])
def test_help_loads_nothing_heavy(command):
    program = (
        "import sys; sys.argv = ['diffsub', *sys.argv[1:]]\n"
        "from subtitle_cli.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert end.code in (0, None), end.code\n"
        f"print('HEAVY', sorted(set(sys.modules) & {HEAVY!r}))"
    )
    words = [*command.split(), "--help"]
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_the_commands_are_listed(diffsub):
    _, out, _ = diffsub("--help")
    for command in ("check", "score", "retime"):
        assert f"\n  {command} " in out
