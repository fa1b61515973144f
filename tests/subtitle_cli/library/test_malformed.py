"""Broken media files: each fails with a name and a reason, or is heard; nothing is left, nobody is asked."""

from benchmarks.library.fuzz import campaign


def test_twenty_broken_files(tmp_path):
    findings = campaign(tmp_path, files=20, seed=5, timeout_s=120, packets=10_000)
    assert findings.wrong == []
    assert findings.done + findings.causes.total() == 20
    assert 0 < findings.done < 20
