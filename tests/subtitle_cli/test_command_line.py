"""What the shell is told when it completes words."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DIFFSUB = Path(sys.executable).with_name("diffsub")


def complete(words):
    """What completes the last of the words, as bash asks for it."""
    environment = {
        **os.environ,
        "_DIFFSUB_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = subprocess.run([DIFFSUB], capture_output=True, text=True, env=environment)
    return [line.partition(",")[::2] for line in done.stdout.splitlines()]


def test_commands_and_films():
    found = complete("diffsub ")
    assert ("plain", "demo") in found
    assert ("plain", "doctor") in found
    assert ("file", "") in found


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("diffsub --ba", ("plain", "--backend")),
        ("diffsub --lang de --over", ("plain", "--overwrite")),
        ("diffsub --backend whi", ("plain", "whisper")),
        ("diffsub --task tra", ("plain", "translate")),
        ("diffsub mov", ("file", "mov")),
        ("diffsub back", ("plain", "backends")),
        ("diffsub models fe", ("plain", "fetch")),
    ],
)
def test_words_are_completed(words, completed):
    assert completed in complete(words)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_for_this_program(shell):
    done = subprocess.run([DIFFSUB, "completion", shell], capture_output=True, text=True, check=True)
    assert "_DIFFSUB_COMPLETE" in done.stdout
    assert "diffsub" in done.stdout
