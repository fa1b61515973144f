"""Contestants side by side, with known answers and known failures."""

import json

import pytest

from diffasr_plugin.asr import InvalidOption, ModelUnavailable, OutOfMemory
from diffasr_plugin.evaluate.bench import (
    BENCH_HEADER,
    Contestant,
    bench,
    bench_data,
    bench_rows,
    bench_text,
)
from tests.support.fake_models import CountingModel, make_spec


@pytest.fixture
def sounds(record):
    prompts = [record("a.wav", 2, "one two", "de"), record("b.wav", 1, "two", "de")]
    return prompts, record("film.wav", 10, "one two three four five six seven eight nine ten", "de")


def counting():
    return make_spec().factory({}), {"steps": 3}


def missing():
    raise ModelUnavailable("rival", "not installed: pip install rival")


def rows(done):
    return [dict(zip(BENCH_HEADER, row, strict=True)) for row in bench_rows(done)]


def test_all_tasks_of_all_contestants(sounds):
    told = []
    done = bench(
        [Contestant("ours", counting), Contestant("rival", counting, ("film",), ("film",))],
        *sounds,
        lambda *step: told.append(step),
    )
    shown = rows(done)
    assert [(row["recogniser"], row["sounds"]) for row in shown] == [
        ("ours", "one by one"),
        ("ours", "all at once"),
        ("ours", "film"),
        ("rival", "film"),
    ]
    assert [row["WER %"][:4] for row in shown] == ["33.3", "33.3", "0.0", "0.0"]
    assert ("ours, film", 1, 1) in told


def test_batches_and_settings(sounds):
    model = CountingModel(make_spec(), {})
    bench([Contestant("ours", lambda: (model, {"steps": 3}), ("one by one", "all at once"))], *sounds)
    assert model.batches == [1, 1, 1, 1, 2]  # a first one to warm up for each task
    assert model.closed == 1


def test_speed_against_the_yardstick(sounds):
    yardstick = Contestant("rival", counting, yardstick_for=("one by one", "film"))
    done = bench([Contestant("ours", counting), yardstick], *sounds)
    speeds = {(row.contestant.name, row.task): row.measurement.run.times_real_time for row in done.rows}
    against = {(row["recogniser"], row["sounds"]): row["× the yardstick"] for row in rows(done)}
    assert against["rival", "film"] == against["rival", "one by one"] == "1.00"
    expected = speeds["ours", "all at once"] / speeds["rival", "one by one"]
    assert against["ours", "all at once"] == f"{expected:.2f}"
    assert [row["remark"] for row in rows(done)] == ["", "", "", "the yardstick", "", "the yardstick"]


def test_what_is_not_installed_stands_in_the_table(sounds):
    done = bench([Contestant("rival", missing, ("film",), ("film",)), Contestant("ours", counting)], *sounds)
    first, *others = rows(done)
    assert first["WER %"] == "—"
    assert "pip install rival" in first["remark"]
    assert {row["× the yardstick"] for row in others} == {"—"}
    assert json.loads(json.dumps(bench_data(done)))["rows"][0]["measurement"] is None
    assert "pip install rival" in bench_text(done)


def test_sounds_in_several_languages_are_refused(sounds, record):
    prompts, _ = sounds
    with pytest.raises(InvalidOption, match="the sounds are in de, en"):
        bench([Contestant("ours", counting)], prompts, record("english.wav", 2, "one two", "en"))


class Greedy(CountingModel):
    def transcribe_batch(self, utterances, options, **callbacks):
        if len(utterances) > 1:
            raise OutOfMemory("greedy", len(utterances), "cpu")
        return super().transcribe_batch(utterances, options, **callbacks)


def test_a_task_that_fails_does_not_end_the_others(sounds):
    done = bench([Contestant("greedy", lambda: (make_spec(model=Greedy).factory({}), {}))], *sounds)
    assert [row["WER %"] != "—" for row in rows(done)] == [True, False, True]
    assert "ran out of memory" in rows(done)[1]["remark"]
