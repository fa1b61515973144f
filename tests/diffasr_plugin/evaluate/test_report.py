"""Figures as they are printed."""

import json
import math

import pytest

from diffasr_plugin.asr import ModelStatus, Transcript
from diffasr_plugin.evaluate.evaluation import Evaluation, Rate, measure
from diffasr_plugin.evaluate.intervals import Interval
from diffasr_plugin.evaluate.machine import Machine
from diffasr_plugin.evaluate.manifest import Clip
from diffasr_plugin.evaluate.report import (
    HEADER,
    evaluation_data,
    evaluation_rows,
    evaluation_text,
    rate_text,
    worst,
)
from diffasr_plugin.evaluate.run import Recognition, Run
from diffasr_plugin.scoring import ErrorCounts


def item(path, said, found, language="de", steps=None):
    return Recognition(Clip(path, said, language, "Ann"), 2.0, Transcript(found, language, steps=steps))


@pytest.fixture
def german(tmp_path):
    said = [
        ("ja", "ja"),
        ("eins zwei drei", "eins drei"),
        ("vier", "fünf"),
        ("a b c d", "x y c d"),
        ("", "oh"),
    ]
    items = [item(tmp_path / f"{n}.wav", *texts, steps=n) for n, texts in enumerate(said)]
    return measure("set", "de", Run(tuple(items), 4.0))


@pytest.fixture
def evaluation(german):
    status = ModelStatus("some/weights", "cpu", "float32", 0)
    return Evaluation("fake", status, {"steps": 4}, (german,), Machine("Linux x", 2, {"python": "3.11"}))


def test_a_row_for_each_set(german):
    (row,) = evaluation_rows([german])
    figures = dict(zip(HEADER, row, strict=True))
    assert figures["WER %"].startswith("55.6 (")
    assert (figures["substituted"], figures["deleted"], figures["inserted"]) == ("3", "1", "1")
    assert (figures["clips"], figures["minutes"], figures["× real time"]) == ("5", "0.2", "2.5")
    assert figures["passes"] == "2.0"


def test_both_figures_where_the_script_has_variants(tmp_path):
    rows = evaluation_rows([measure("s", "zh", Run((item(tmp_path, "汉", "漢", "zh"),), 1.0))])
    assert [(row[1], row[4]) for row in rows] == [("zh", "100.0"), ("zh, one script", "0.0")]
    assert rows[0][-1] == "—"


def test_rates_in_words():
    assert rate_text(Rate(ErrorCounts(9, 1), Interval(0.05, 0.155))) == "10.0 (5.0–15.5)"
    assert rate_text(Rate(ErrorCounts(9, 1), None)) == "10.0"
    assert rate_text(Rate(ErrorCounts(insertions=1), None)) == "∞"


def test_the_text_says_what_was_measured_with_what(evaluation):
    text = evaluation_text(evaluation)
    for part in ("model: fake (some/weights)", "runs on: cpu, float32", "options: steps=4", "python 3.11"):
        assert part in text
    assert "another script" not in text


def test_remarks(evaluation, tmp_path):
    hindi = measure("s", "hi", Run((item(tmp_path, "यह", "یہ", "hi"),), 1.0))
    text = evaluation_text(Evaluation("fake", evaluation.status, {}, (hindi,), evaluation.machine))
    assert "options: as the model comes" in text
    assert "s hi: 1 of 1 texts were recognised in another script" in text


def test_the_worst_come_first_and_the_right_not_at_all(german):
    clips = worst(german, 10)
    assert [(clip.item.clip.text, clip.errors, clip.words) for clip in clips] == [
        ("a b c d", 2, 4),
        ("", 1, 0),
        ("vier", 1, 1),
        ("eins zwei drei", 1, 3),
    ]
    assert len(worst(german, 2)) == 2


def test_json_holds_all_figures(evaluation, tmp_path):
    data = json.loads(json.dumps(evaluation_data(evaluation)))
    (measured,) = data["measurements"]
    assert measured["wer"]["rate"] == pytest.approx(5 / 9)
    assert (measured["wer"]["hits"], measured["wer"]["deletions"]) == (5, 1)
    assert len(measured["wer"]["interval"]) == 2
    assert measured["texts"][2] == {
        "clip": "2.wav",
        "speaker": "Ann",
        "duration_s": 2.0,
        "said": "vier",
        "recognised": "fünf",
        "language": "de",
        "confidence": None,
        "passes": 2,
    }
    assert data["machine"]["versions"] == {"python": "3.11"}


def test_json_has_no_infinity(tmp_path):
    endless = measure("s", "de", Run((item(tmp_path, "", "oh"),), 1.0))
    assert math.isinf(endless.rates.words.value)
    data = evaluation_data(
        Evaluation("fake", ModelStatus("w", "cpu", "f", 0), {}, (endless,), Machine("L", 1, {}))
    )
    assert json.loads(json.dumps(data, allow_nan=False))["measurements"][0]["wer"]["rate"] is None
