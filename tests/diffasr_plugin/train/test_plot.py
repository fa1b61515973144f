"""Curves of a log; and logs that are none."""

import pytest

from diffasr_plugin.train.errors import InvalidRun
from diffasr_plugin.train.log import Entry, Log, read_log
from diffasr_plugin.train.plot import curves, page, picture, smoothed


def entries():
    return [Entry(step, f"stage {step > 4}", {"ctc": 9.0 / step}, 0.1, 1.0, 0.5) for step in range(2, 12, 2)]


@pytest.fixture
def run(tmp_path):
    log = Log(tmp_path, done=0, total=20)
    for entry in entries():
        log.write(entry)
    return tmp_path


def test_curves_hold_every_loss_and_the_rate():
    found = curves(entries())
    assert set(found) == {"ctc", "learning rate"}
    assert found["ctc"] == ([2, 4, 6, 8, 10], [9 / 2, 9 / 4, 9 / 6, 9 / 8, 9 / 10])


def test_smoothing_weighs_older_values_less():
    assert smoothed([3.0, 3.0, 3.0]) == pytest.approx([3.0, 3.0, 3.0])
    assert smoothed([0.0, 1.0], keep=0.5) == pytest.approx([0.0, 2 / 3])


def test_picture_and_page(run):
    assert picture(run).startswith(b"\x89PNG")
    assert "<th>stage<td>stage True" in page(run)


def test_what_is_told_to_people(run, capsys):
    Log(run, done=10, total=20).write(Entry(12, "x", {"ctc": 1.0}, 0.1, 1.0, 30.0, 5.0))
    assert capsys.readouterr().err == (
        "x 12/20  ctc 1.000  rate 1.0e-01  norm 1.00  30.000 s/step  5.0 GiB  4.0 min left\n"
    )


def test_a_line_that_was_cut_off_is_left_out(run):
    whole = (run / "log.jsonl").read_text()
    (run / "log.jsonl").write_text(whole + '{"step": 12, "sta')
    assert read_log(run) == entries()


def test_logs_that_are_none(run, tmp_path):
    (run / "log.jsonl").write_text("nonsense\n")
    with pytest.raises(InvalidRun, match="is damaged"):
        picture(run)
    (run / "log.jsonl").write_text("")
    with pytest.raises(InvalidRun, match="holds no entry yet"):
        picture(run)
    with pytest.raises(InvalidRun, match="holds no log") as caught:
        picture(tmp_path / "none")
    assert caught.value.folder == tmp_path / "none"
