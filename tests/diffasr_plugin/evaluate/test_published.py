"""Published figures beside measured ones."""

import dataclasses

from diffasr_plugin.evaluate.evaluation import evaluate
from diffasr_plugin.evaluate.published import ROWS, published_rows, published_speed, published_text
from diffasr_plugin.evaluate.run import RunOptions


def measured(record, counting, **names):
    sets = {name: [record(f"{name}.wav", 2, text, "de")] for name, text in names.items()}
    return evaluate(counting, sets, RunOptions())


def test_what_was_not_measured_says_so(record, counting):
    rows = published_rows(measured(record, counting, other="one two"))
    assert len(rows) == len(ROWS)
    assert {row[1] for row in rows} == {"not measured"}
    assert rows[0] == ("LibriSpeech test-clean WER", "not measured", "6.6", "~3.4", "~2.0")


def test_what_was_measured_stands_beside(record, counting):
    done = measured(record, counting, other="one two")
    english = dataclasses.replace(done[0], name="fleurs-en")
    hindi = dataclasses.replace(measured(record, counting, x="one twos")[0], name="fleurs-hi")
    rows = {row[0]: row[1] for row in published_rows([english, hindi])}
    assert rows["FLEURS en WER"] == "0.0 of 1 clips"
    assert rows["FLEURS hi CER"] == "12.5 of 1 clips"


def test_the_table_comes_by_itself_only_beside_something_measured(record, counting):
    done = measured(record, counting, other="one two")
    assert published_text(done, always=False) == ""
    assert "diffusion-gemma-asr-small" in published_text(done, always=True)
    assert "15.7" in published_text([dataclasses.replace(done[0], name="fleurs-en")], always=False)


def test_speeds():
    assert published_speed("16", "fleurs-en").speed == "10.3×"
    assert published_speed("17", "fleurs-en") is None
    assert published_speed("16", "fleurs-de") is None
