"""--translate-to as users type it, with the example plugin of the documentation."""

from types import ModuleType

import pytest

from diffasr_plugin.asr import Transcript, Word
from subtitle_cli import listening
from subtitle_cli.hookspecs import hookimpl
from subtitle_cli.translation import TranslatorSpec
from subtitle_cli.types import Speech, Turn
from tests.support.fake_models import CountingModel, make_spec
from tests.support.films import film
from tests.support.pages import block_with


class PoliteModel(CountingModel):
    """Says good morning in each utterance, thank you where it is to translate."""

    def count(self, utterance, options):
        texts = ("Thank", "you.") if options.task == "translate" else ("Good", "morning.")
        words = tuple(Word(text, 0.2 + 0.4 * i, 0.5 + 0.4 * i) for i, text in enumerate(texts))
        return Transcript(" ".join(texts), utterance.language, words)


@pytest.fixture
def specs():
    return [make_spec("polite", PoliteModel, tasks=("transcribe", "translate"))]


@pytest.fixture
def example_plugin(install):
    source = block_with("register(TranslatorSpec(")
    assert len([line for line in source.splitlines() if line.strip()]) <= 10
    plugin = ModuleType("diffsub_phrasebook")
    exec(compile(source, "the example", "exec"), vars(plugin))
    install(plugin)


@pytest.fixture
def movie(tmp_path, monkeypatch):
    """A film in which all of the sound is taken for speech."""
    monkeypatch.setattr(listening, "find_speech", lambda samples, told: Speech((Turn(0.0, 3.0),)))
    return film(tmp_path / "film.mkv", 0.5, 1.5)


def test_the_example_plugin_translates(diffsub, example_plugin, movie, tmp_path):
    code, _, err = diffsub(movie, "--lang", "en", "--no-diarize", "--translate-to", "por")
    assert code == 0, err
    assert (tmp_path / "film.pt.srt").read_text().splitlines()[2] == "Bom dia."


@pytest.mark.parametrize("words", [["--translate-to", "en"], ["--task", "translate"]], ids=" ".join)
def test_both_spellings_let_the_recogniser_translate_into_english(diffsub, movie, tmp_path, words):
    code, _, err = diffsub(movie, "--lang", "de", "--no-diarize", *words)
    assert code == 0, err
    assert (tmp_path / "film.en.srt").read_text().splitlines()[2] == "Thank you."


def test_a_failing_translator_writes_nothing(diffsub, install, movie, tmp_path):
    class Mute:
        @hookimpl
        def register_translators(self, register):
            register(TranslatorSpec("mute", "Says nothing.", lambda sentences, target: []))

    install(Mute())
    code, _, err = diffsub(movie, "--lang", "en", "--no-diarize", "--translate-to", "pt")
    assert code == 1
    assert "the translator 'mute' failed: it gave 0 texts for 1 sentences" in err
    assert list(tmp_path.glob("*.srt")) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--translate-to", "pt", "--lang", "de"], "nothing here translates from de into 'pt'"),
        (["--translate-to", "pt", "--translator", "frasebook"], "did you mean phrasebook"),
        (["--translate-to", "klingonese!"], "'klingonese!' is no language to translate into"),
        (["--translator", "phrasebook"], "--translator needs --translate-to LANG"),
        (["--task", "translate", "--translate-to", "pt"], "the recogniser cannot translate into 'pt'"),
    ],
)
def test_what_cannot_be_done_is_wrong_usage(diffsub, example_plugin, words, message):
    code, _, err = diffsub("film.mkv", *words)
    assert code == 2, err
    assert message in err


def test_translators_are_listed_with_their_plugins(diffsub, example_plugin):
    _, out, _ = diffsub("plugins")
    assert "fake    some-plugin 1.0  no recognisers" in out
    assert out.splitlines()[-1] == "phrasebook  en     pt      Knows two phrases."
