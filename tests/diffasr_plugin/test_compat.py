"""The torchaudio guard, against packages that fail in each known way; every case in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# What torchaudio 2.11 does at import, in small: __init__ -> _extension -> utils._load_lib.
_UTILS = """
def _load_lib(lib):
    {failure}
    return True
"""
_EXTENSION = """
from .utils import _load_lib

_IS_TORCHAUDIO_EXT_AVAILABLE = _load_lib("_torchaudio")
"""
_INIT = """
from . import _extension

IMPORTED = True
"""


def _make_torchaudio(root: Path, failure: str) -> None:
    extension = root / "torchaudio" / "_extension"
    extension.mkdir(parents=True)
    (root / "torchaudio" / "__init__.py").write_text(_INIT)
    (extension / "__init__.py").write_text(_EXTENSION)
    (extension / "utils.py").write_text(_UTILS.format(failure=failure))


def _run(code: str, first_on_path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ)
    if first_on_path is not None:
        environment["PYTHONPATH"] = str(first_on_path)
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


_REPAIR_TWICE = """
import logging
logging.basicConfig(level=logging.INFO, format="%(message)s")
from diffasr_plugin.compat import repair_torchaudio
repair_torchaudio()
repair_torchaudio()
import torchaudio
print(torchaudio.IMPORTED, torchaudio._extension._IS_TORCHAUDIO_EXT_AVAILABLE)
"""


@pytest.mark.parametrize(
    "failure",
    ['raise OSError("libc10_cuda.so: no such file")', 'raise RuntimeError("CUDA 12.6, but torch has 13.0")'],
)
def test_an_unfit_extension_is_left_out(tmp_path, failure):
    _make_torchaudio(tmp_path, failure)
    result = _run(_REPAIR_TWICE, tmp_path)
    assert result.stdout.split() == ["True", "False"], result.stderr
    assert result.stderr.count("runs without it") == 1


def test_a_sound_torchaudio_keeps_its_extension(tmp_path):
    _make_torchaudio(tmp_path, "pass")
    result = _run(_REPAIR_TWICE, tmp_path)
    assert result.stdout.split() == ["True", "True"], result.stderr
    assert result.stderr == ""


_REPAIR_AND_SAY = """
from diffasr_plugin.asr import DiffasrError
from diffasr_plugin.compat import repair_torchaudio
try:
    repair_torchaudio()
except DiffasrError as error:
    print(error)
"""


_ON_FIRE = 'raise OSError("the disk is on fire")'


def test_a_package_of_another_shape_is_reported(tmp_path):
    (tmp_path / "torchaudio").mkdir()
    (tmp_path / "torchaudio" / "__init__.py").write_text(_ON_FIRE)
    result = _run(_REPAIR_AND_SAY, tmp_path)
    assert "the disk is on fire" in result.stdout, result.stderr
    assert "reinstall torch and torchaudio" in result.stdout


def test_a_second_failure_is_reported(tmp_path):
    _make_torchaudio(tmp_path, 'raise OSError("libc10_cuda.so: no such file")')
    with (tmp_path / "torchaudio" / "_extension" / "__init__.py").open("a") as extension:
        extension.write(_ON_FIRE)
    result = _run(_REPAIR_AND_SAY, tmp_path)
    assert "the disk is on fire" in result.stdout, result.stderr
    assert "reinstall torch and torchaudio" in result.stdout


def test_without_torchaudio_nothing_happens():
    hide = "import sys, importlib.util\nimportlib.util.find_spec = lambda name: None\n"
    result = _run(hide + _REPAIR_AND_SAY + 'print("torchaudio" in sys.modules)')
    assert result.stdout.split() == ["False"], result.stderr


def test_the_installed_torchaudio_computes_features():
    code = """
from diffasr_plugin.compat import repair_torchaudio
repair_torchaudio()
import torch
from torchaudio.compliance.kaldi import fbank
print(tuple(fbank(torch.zeros(1, 16000), num_mel_bins=80, dither=0.0).shape))
"""
    assert _run(code).stdout.strip() == "(98, 80)"


def test_importing_the_module_imports_nothing_heavy():
    code = """
import sys
import diffasr_plugin.compat
print(sorted({"torch", "torchaudio", "transformers", "pyannote"} & set(sys.modules)))
"""
    assert _run(code).stdout.strip() == "[]"
