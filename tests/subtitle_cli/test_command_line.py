"""What the shell is told when it completes words, and what the help shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from subtitle_cli.cli import caption
from subtitle_cli.command_line import SectionedOption

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


def listed(*words):
    """The long options that a help text explains."""
    text = subprocess.run([DIFFSUB, *words], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", text, flags=re.MULTILINE))


def long_names(options):
    return {max(param.opts, key=len) for param in options}


def test_the_short_help_shows_what_is_basic_and_names_the_other():
    basic = [param for param in caption.params if getattr(param, "basic", False)]
    assert listed("--help") == long_names(basic) | {"--help", "--help-all", "--version"}
    assert len(basic) <= 16


@pytest.mark.parametrize("words", [["--help-all"], ["caption", "--help"]])
def test_the_long_help_shows_every_option(words):
    options = [param for param in caption.params if isinstance(param, click.Option)]
    assert listed(*words) >= long_names(options)


def test_every_option_has_a_section():
    options = [param for param in caption.params if isinstance(param, click.Option)]
    assert [param.name for param in options if not isinstance(param, SectionedOption)] == []


def test_a_section_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no section is called 'Misc'; known: Files, Speech"):
        SectionedOption(["--snap"], section="Misc")
