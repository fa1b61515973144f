"""Pages: well-formed, complete, nothing of the texts taken for mark-up."""

import xml.etree.ElementTree as ElementTree

import pytest

from diffasr_plugin.asr import ModelStatus
from diffasr_plugin.evaluate.bench import Contestant, bench
from diffasr_plugin.evaluate.evaluation import Evaluation, evaluate
from diffasr_plugin.evaluate.pages import bench_page, evaluation_page, sweep_page
from diffasr_plugin.evaluate.run import RunOptions
from diffasr_plugin.evaluate.sweep import sweep
from tests.support.fake_models import make_spec

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"


def parsed(page):
    assert page.startswith("<!DOCTYPE html>")
    return ElementTree.fromstring(page)


def classes(element, name):
    return [part for part in element.iter() if name in (part.get("class") or "").split()]


def text(element):
    return " ".join(" ".join(element.itertext()).split())


@pytest.fixture
def evaluation(record, counting):
    clips = [
        record("right.wav", 2, "one two", "de"),
        record("wrong.wav", 3, "one four two five", "de", speaker="<b>A & B", start_s=0.5, end_s=1.5),
        record("long & odd.wav", 1, "one two", "de"),
    ]
    done = evaluate(counting, {"a set": clips}, RunOptions())
    return Evaluation("counting", ModelStatus("w", "cpu", "none", 0), {}, done)


def test_the_worst_utterances_are_aligned_word_by_word(evaluation):
    page = parsed(evaluation_page(evaluation))
    first, second = classes(page, "clip")
    assert "wrong.wav" in text(first)
    assert "<b>A & B" in text(first)
    pairs = [(pair.get("class"), *[part.text for part in pair]) for pair in classes(first, "pair")]
    assert pairs == [
        ("pair", "one", "one"),
        ("pair delete", "four", "·"),
        ("pair", "two", "two"),
        ("pair delete", "five", "·"),
    ]
    assert "long & odd.wav" in text(second)
    audio = second.find(f".//{HTML}audio")
    assert audio.get("src").startswith("file:///")
    assert audio.get("src").endswith("long%20%26%20odd.wav#t=0.0")
    assert first.find(f".//{HTML}audio").get("src").endswith("wrong.wav#t=0.5,1.5")


def test_the_table_is_there(evaluation):
    page = parsed(evaluation_page(evaluation))
    header, row = page.iter(f"{HTML}tr")
    assert [text(cell) for cell in header][:4] == ["set", "language", "clips", "minutes"]
    assert [text(cell) for cell in row][:3] == ["a set", "de", "3"]


def test_how_many_utterances_are_shown(evaluation):
    assert len(classes(parsed(evaluation_page(evaluation, worst_count=1)), "clip")) == 1


def test_a_perfect_set_says_so(record, counting):
    done = evaluate(counting, {"set": [record("a.wav", 2, "one two", "de")]}, RunOptions())
    page = parsed(evaluation_page(Evaluation("m", ModelStatus("w", "cpu", "none", 0), {}, done)))
    assert "All words are right." in text(page)


def test_published_figures_on_demand(evaluation):
    assert "Whisper-large-v3" not in evaluation_page(evaluation)
    assert "not measured" in text(parsed(evaluation_page(evaluation, with_published=True)))


def test_curves_of_a_sweep(stepped_spec, record):
    sets = {"set": [record("a.wav", 4, "one two three four", "de")]}
    axes = {"steps": ["1", "2", "4"], "device": ["cpu", "auto"]}
    page = parsed(sweep_page(sweep(stepped_spec, axes, sets, RunOptions(), {})))
    wer, speed = page.iter(f"{SVG}svg")
    assert (wer.get("aria-label"), speed.get("aria-label")) == ("WER %", "× real time")
    assert len(wer.findall(f"{SVG}polyline")) == 2
    values = [title.text for title in wer.iter(f"{SVG}title")]
    assert values == ["75", "50", "0"] * 2
    assert [part.text for part in wer.iter(f"{SVG}text")][-1] == "device=auto"
    assert "runs on cpu, none" in text(page)


def test_curves_of_several_sets(stepped_spec, record):
    sets = {name: [record(f"{name}.wav", 2, "one two", "de")] for name in ("a", "b")}
    page = parsed(sweep_page(sweep(stepped_spec, {"steps": ["1", "2"]}, sets, RunOptions(), {})))
    wer, _ = page.iter(f"{SVG}svg")
    assert [part.text for part in wer.iter(f"{SVG}text")][-2:] == ["a de", "b de"]


def test_a_bench(record):
    def contestant():
        return make_spec().factory({}), {}

    clip = record("a.wav", 2, "one two", "de")
    page = parsed(bench_page(bench([Contestant("ours <1>", contestant)], [clip], clip)))
    assert "ours <1>" in text(page)
    assert len(list(page.iter(f"{HTML}tr"))) == 4
