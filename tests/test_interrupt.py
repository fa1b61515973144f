"""An interrupt has its exit code, wherever it falls."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(("module", "command"), [("subtitle_cli", "cli.cli"), ("diffasr_plugin", "cli.cli")])
def test_an_interrupt_inside_code_made_from_text_has_its_exit_code(tmp_path, module, command):
    (tmp_path / "sitecustomize.py").write_text(
        f"import {module}.cli\n{module}.{command}.main = lambda **options: exec('raise KeyboardInterrupt')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", module], env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True
    )
    assert done.returncode == 130, done.stderr.decode()
