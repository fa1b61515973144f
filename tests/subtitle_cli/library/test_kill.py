"""kill -9 at random moments: nothing is lost, nothing half-written is seen, little is done twice."""

from benchmarks.library.kill import campaign


def test_five_random_kills(tmp_path):
    findings = campaign(tmp_path, films=12, moments=5, seed=3)
    assert findings.kills == 5
    assert findings.wrong == []
