"""The wheel, installed without the sources beside it, has all that it needs."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

LARGEST_WHEEL = 74_000_000
LARGEST_BACKBONE, LARGEST_ADAPTER = 55_000_000, 10_000_000
"""Both networks that ship, and little else."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if tracked.returncode:
        pytest.skip("the sources are no git checkout, so what belongs to them is not known")
    for name in tracked.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith("tests/"):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder, source], check=True)
    (built,) = folder.glob("diffsub-*.whl")
    return built


def test_it_holds_both_packages_their_data_and_the_licence(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for package in ("diffasr_plugin", "subtitle_cli"):
        ours = {
            str(file.relative_to(ROOT))
            for file in (ROOT / package).rglob("*")
            if file.suffix in (".py", ".html", ".tsv", ".toml") or file.name == "py.typed"
        }
        assert ours <= names
    for folder in ("diffasr_plugin/mini/data", "subtitle_cli/diarization/data"):
        assert {f"{folder}/{file.name}" for file in (ROOT / folder).iterdir()} <= names
        assert f"{folder}/LICENSE" in names
    assert {
        "diffasr_plugin/mini/data/weights.safetensors",
        "subtitle_cli/diarization/data/pytorch_model.bin",
    } <= names
    assert wheel.stat().st_size <= LARGEST_WHEEL
    assert (ROOT / "diffasr_plugin/mini/data/weights.safetensors").stat().st_size <= LARGEST_BACKBONE
    assert (ROOT / "diffasr_plugin/mini/data/adapter.safetensors").stat().st_size <= LARGEST_ADAPTER
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/"))]
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_installed_alone_it_runs_the_demo_without_a_network(wheel, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    # What it depends on comes from this environment; the project itself from the wheel, which goes before.
    (site / "outer.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    pip = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--ignore-installed", wheel]
    subprocess.run(pip, check=True)
    where = [python, "-c", "import subtitle_cli; print(subtitle_cli.__file__)"]
    found = subprocess.run(where, check=True, capture_output=True, text=True, cwd=tmp_path).stdout
    assert str(tmp_path / "venv") in found
    command = [tmp_path / "venv" / "bin" / "diffsub", "demo", "--no-diarize"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    # Nothing is fetched: no network, and no cache to find anything in.
    environment |= {"DIFFASR_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "DIFFASR_HOME": str(tmp_path / "home")}
    environment |= dict.fromkeys(("http_proxy", "https_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    assert "-->" in done.stdout
    assert "New Jersey" in done.stdout.replace("\n", " ")
    assert "recogniser: diffusion-mini" in done.stderr
    assert not (tmp_path / "home").exists()
    assert (tmp_path / "diffsub-demo" / "demo.en.srt").exists()
