"""A plugin from another distribution, really installed in an environment of its own, and chosen by name."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """Python of a new environment that sees this one's packages and has the example plugin installed."""
    folder = tmp_path_factory.mktemp("environment")
    # Without a pip and setuptools of its own, it builds with this environment's, and needs no network.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    (Path(site) / "outer.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    plugin = folder / "plugin"
    plugin.mkdir()
    for file in (ROOT / "tests" / "example_plugin").iterdir():
        if file.is_file():
            (plugin / file.name).write_bytes(file.read_bytes())
    pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", plugin]
    subprocess.run(pip, check=True)
    return python


def diffsub(python, *words, **environment):
    return subprocess.run(
        [python, "-m", "subtitle_cli", *words],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


def test_it_is_listed_beside_the_built_in_ones(python):
    listed = diffsub(python, "plugins").stdout
    assert "loudness  diffasr-loudness 0.1.0  loudness" in listed
    page = diffsub(python, "backends", "loudness").stdout
    assert "threshold=float (default 0.01), per call" in page


def test_it_captions_a_film_when_chosen(python, talking_film):
    words = [talking_film, "--lang", "de", "--backend", "loudness", "--set", "word=hoch", "--no-diarize"]
    done = diffsub(python, *words, "-o", "-")
    assert done.returncode == 0, done.stderr
    assert "hoch hoch" in done.stdout.replace("\n", " ")


def test_it_can_be_left_out(python):
    assert "loudness" not in diffsub(python, "backends", "--no-plugin", "loudness").stdout
    assert "loudness" not in diffsub(python, "backends", DIFFASR_LOAD_PLUGINS="").stdout
    refused = diffsub(python, "film.mp4", "--backend", "loudnes")
    assert refused.returncode == 2
    assert "did you mean loudness?" in refused.stderr


def test_it_keeps_the_contract(python):
    test = (
        "from diffasr_plugin.asr.testing import BackendContract\n"
        "class TestLoudness(BackendContract):\n    model_name = 'loudness'\n"
    )
    folder = python.parents[2]
    (folder / "test_loudness.py").write_text(test)
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", folder / "test_loudness.py"],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout
