"""What is known before loading: cheap, honest, and without torch."""

import subprocess
import sys

import pytest

from diffasr_plugin.asr import build_registry
from diffasr_plugin.backends.diffusion_gemma import spec as module
from diffasr_plugin.backends.diffusion_gemma.spec import SPEC, gpu_memory, probe
from diffasr_plugin.memory import GIB


def test_it_is_offered_by_the_built_in_plugin():
    assert build_registry(points=None).models["diffusion-gemma"] is SPEC


def test_asking_whether_it_can_run_imports_nothing_heavy():
    code = (
        "import sys; from diffasr_plugin.backends.diffusion_gemma.spec import SPEC; SPEC.probe();"
        "print(sorted({'torch', 'transformers', 'peft'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def machine(monkeypatch):
    """A machine that lacks nothing."""
    monkeypatch.setattr(module, "gpu_memory", lambda: [80 * GIB])
    monkeypatch.setattr(module, "_torch_has_cuda", lambda: True)
    monkeypatch.setattr(module, "is_cached", lambda ref, file: False)
    monkeypatch.setattr(module, "can_fetch", lambda: True)
    return monkeypatch


def test_a_machine_that_lacks_nothing_is_ready_and_prefers_it(machine):
    readiness = probe()
    assert readiness.ready
    assert readiness.missing == ()
    assert readiness.rank == 100


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"gpu_memory": list}, "a CUDA GPU .*device=cpu"),
        ({"_torch_has_cuda": lambda: False}, "this one is a CPU build; install"),
        ({"gpu_memory": lambda: [12 * GIB, 8 * GIB]}, "room for 15 GiB: the largest here has 12 GiB"),
        ({"can_fetch": lambda: False}, "google/diffusiongemma.*accept their terms.*hf auth login"),
    ],
)
def test_what_is_missing_is_told_with_the_remedy(machine, change, missing):
    for name, value in change.items():
        machine.setattr(module, name, value)
    readiness = probe()
    assert not readiness.ready
    assert readiness.rank == 0
    (line,) = readiness.missing
    with pytest.raises(AssertionError, match=missing):
        raise AssertionError(line)


def test_cached_weights_need_no_access(machine):
    machine.setattr(module, "is_cached", lambda ref, file: True)
    machine.setattr(module, "can_fetch", lambda: False)
    assert probe().ready


@pytest.mark.parametrize(
    ("script", "memory"),
    [
        ("printf '143771\\n24576\\n'", [143771 * 2**20, 24576 * 2**20]),
        ("echo No devices were found; exit 6", []),
        ("echo '[N/A]'", []),
    ],
)
def test_the_driver_is_asked_for_memory(monkeypatch, tmp_path, script, memory):
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert gpu_memory() == memory


def test_no_driver_means_no_gpu(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu_memory() == []


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("cuda: Optional[str] = '13.0'\n", True),
        ("cuda = None\n", False),
        ("cuda: Optional[str] = None\n", False),
    ],
)
def test_torchs_own_source_tells_what_it_was_built_for(monkeypatch, tmp_path, text, has):
    (tmp_path / "version.py").write_text("__version__ = '2.13'\n" + text)
    found = type("Spec", (), {"origin": str(tmp_path / "__init__.py")})
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: found)
    assert module._torch_has_cuda() is has


def test_no_torch_has_no_cuda(monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    assert module._torch_has_cuda() is False
