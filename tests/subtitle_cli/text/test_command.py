"""The options of the text as users type them: what stands in the files, and what is told."""

import json

import pytest

from diffasr_plugin.asr import Transcript, Word
from subtitle_cli import listening
from subtitle_cli.types import Speech, Turn
from tests.support.fake_models import CountingModel, make_spec
from tests.support.films import film

SAID = 'Um, we use cubernetes for twenty five "shit" jobs...'


class SayingModel(CountingModel):
    """Says the same sentence in each utterance."""

    def count(self, utterance, options):
        words = tuple(Word(text, 0.1 + 0.3 * i, 0.3 + 0.3 * i) for i, text in enumerate(SAID.split()))
        return Transcript(SAID, utterance.language, words)


@pytest.fixture
def specs():
    return [make_spec("saying", SayingModel)]


@pytest.fixture
def caption(diffsub, tmp_path, monkeypatch):
    """Caption a film in which that sentence is said; what is told, and the JSON."""
    monkeypatch.setattr(listening, "find_speech", lambda samples, told: Speech((Turn(0.0, 4.0),)))
    movie = film(tmp_path / "film.mkv", 0.5, 1.5)
    (tmp_path / "names.txt").write_text("Kubernetes\n")

    def run(*words):
        code, _, err = diffsub(movie, "--lang", "en", "--no-diarize", "-f", "srt,json", *words)
        assert code == 0, err
        return err, json.loads((tmp_path / "film.en.json").read_text())

    return run


def text_of(document):
    return " ".join(line["text"] for cue in document["cues"] for line in cue["lines"])


def test_without_options_the_text_is_as_recognised(caption):
    err, document = caption()
    assert text_of(document) == SAID
    assert document["changes"] == []
    assert "the text was changed" not in err


def test_all_options_together(caption):
    options = ["--glossary", "names.txt", "--numbers", "style", "--typography", "style"]
    err, document = caption(*options, "--remove-fillers", "--mask-profanity", "-v")
    assert text_of(document) == "We use Kubernetes for 25 “s***” jobs…"
    assert [(change["kind"], change["old"], change["new"]) for change in document["changes"]] == [
        ("filler", "Um,", ""),
        ("glossary", "cubernetes", "Kubernetes"),
        ("number", "twenty five", "25"),
        ("profanity", '"shit"', '"s***"'),
    ]
    assert document["changes"][1]["at_s"] == pytest.approx(1.0)
    assert "the text was changed (filler 1, glossary 1, number 1, profanity 1); -v lists each" in err
    assert "1.00 s, glossary: 'cubernetes' -> 'Kubernetes'" in err


def test_changes_are_counted_but_not_listed_without_v(caption):
    err, _ = caption("--glossary", "names.txt")
    assert "the text was changed (glossary 1); -v lists each" in err
    assert "cubernetes" not in err


def test_a_glossary_that_cannot_be_read_is_wrong_usage(diffsub):
    code, _, err = diffsub("film.mkv", "--glossary", "nothing.txt")
    assert code == 2
    assert "the glossary nothing.txt cannot be read: No such file or directory" in err
