"""A program from another distribution, really installed, that finds our recognisers by entry point alone."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAM = ROOT / "tests" / "example_program"


@pytest.fixture(scope="module")
def dictate(tmp_path_factory):
    """Run the program in an environment of its own that sees our packages."""
    folder = tmp_path_factory.mktemp("program")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    scripts = folder / "venv" / "bin"
    site = subprocess.run(
        [scripts / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    (Path(site) / "outer.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    source = folder / "source"
    source.mkdir()
    for name in ("dictate.py", "pyproject.toml"):
        (source / name).write_bytes((PROGRAM / name).read_bytes())
    pip = [scripts / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", source]
    subprocess.run(pip, check=True)

    def run(*words):
        return subprocess.run(
            [scripts / "dictate", *words], capture_output=True, text=True, check=True, cwd=folder
        ).stdout

    return run


def test_it_has_twenty_lines_and_no_word_of_ours_but_the_group():
    lines = (PROGRAM / "dictate.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 20
    assert [line for line in lines if "diff" in line] == ['    for point in entry_points(group="diffasr"):']
    assert "diffasr_plugin" not in "".join(lines)


def test_it_lists_the_recognisers(dictate):
    listed = dict(line.split("\t")[:2] for line in dictate().splitlines())
    assert listed["whisper"] == "ready"


def test_it_writes_down_speech(dictate, conversation):
    assert "New Jersey" in dictate("whisper", conversation)
