"""Toolkits whose requirements do not fit beside our pinned versions: tested in environments of their own."""

import re
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def environment_with(folder, requirements):
    """Python of a new environment that sees our packages, with the requirements installed over them."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    # A line of imports: only so are the editable installs of the outer environment seen as well.
    outer = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (Path(site) / "outer.pth").write_text(outer)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    installed = subprocess.run(pip, capture_output=True, text=True)
    if installed.returncode != 0:
        pytest.skip(f"{requirements} cannot be installed here: {installed.stderr.strip()[-300:]}")
    return python


@pytest.mark.parametrize(
    ("module", "requirements", "test"),
    [
        ("ovos_plugin_manager", ["ovos-plugin-manager>=2"], "test_ovos.py"),
        ("stable_whisper", ["stable-ts-whisperless>=2.19", "lhotse>=1.33"], "test_recipes.py"),
    ],
)
def test_a_toolkit_that_is_not_installed_beside_us(tmp_path, module, requirements, test):
    if find_spec(module) is not None:
        pytest.skip(f"{module} is installed here: {test} has used it")
    python = environment_with(tmp_path, requirements)
    tests = Path(__file__).with_name(test)
    done = subprocess.run(
        [python, "-m", "pytest", "-p", "no:cacheprovider", tests],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout
    assert re.search(r"\d+ passed", done.stdout.splitlines()[-1]), done.stdout
    assert "skipped" not in done.stdout.splitlines()[-1], done.stdout
