"""What is said of this machine."""

import os
import platform

from diffasr_plugin.evaluate import machine
from diffasr_plugin.evaluate.machine import this_machine, usable_cores


def test_versions_that_matter_are_told():
    told = this_machine()
    assert told.versions["python"] == platform.python_version()
    assert {"diffsub", "torch", "jiwer"} <= set(told.versions)
    assert told.system.startswith(platform.system())
    assert told.cores == usable_cores()


def test_a_library_that_is_not_installed_is_left_out(monkeypatch):
    monkeypatch.setattr(machine, "_PACKAGES", ("no-such-library",))
    assert set(this_machine().versions) == {"python"}


def test_cores_without_affinity(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert usable_cores() == os.cpu_count()
