"""A run takes no more memory for many films than for some."""

from pathlib import Path

import pytest

from benchmarks.library.memory import campaign


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by /proc")
def test_memory_does_not_grow_with_the_films(tmp_path):
    found = campaign(tmp_path, films=90, early=30, seed=0)
    assert found.written == 90
    assert 10 < found.early_mb <= found.late_mb < found.early_mb + 20
    assert 10 < found.early_worker_mb <= found.late_worker_mb < found.early_worker_mb + 20
