import subprocess
import sys

import pytest

from diffasr_plugin.asr import InvalidOption, list_models
from diffasr_plugin.backends.whisper import spec as whisper_spec
from diffasr_plugin.backends.whisper.spec import SPEC


def test_the_spec_imports_nothing_heavy():
    program = (
        "import sys; from diffasr_plugin.backends.whisper.spec import SPEC; SPEC.probe();"
        "print(sorted({'torch', 'transformers', 'opencc'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_model_is_found_by_its_name():
    assert "whisper" in {spec.name for spec in list_models()}


def test_it_is_ready_after_a_download(tmp_path, monkeypatch):
    monkeypatch.setenv("DIFFASR_HOME", str(tmp_path))
    readiness = SPEC.probe()
    assert (readiness.ready, readiness.missing, readiness.downloads) == (True, (), ("whisper-base",))


def test_it_is_ready_at_once_when_the_files_are_here(whisper_folder):
    assert SPEC.probe().downloads == ()


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(whisper_spec, "find_spec", lambda name: None if name == "torch" else object())
    readiness = SPEC.probe()
    assert not readiness.ready
    assert readiness.missing == ("torch is not installed: pip install torch",)


@pytest.mark.parametrize("given", [{"dtype": "int8"}, {"batch_size": 0}, {"beams": 5}])
def test_options_are_checked(given):
    with pytest.raises(InvalidOption):
        SPEC.check_options(given, "load")


def test_defaults_leave_the_choice_to_the_model():
    assert SPEC.check_options({}, "load") == {
        "model": "whisper-base",
        "device": "auto",
        "dtype": "auto",
        "batch_size": None,
    }
