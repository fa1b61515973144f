"""The embedded recogniser on real speech."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from benchmarks.speech import asterisk_prompts, glue
from benchmarks.unspoken import applause, breath
from diffasr_plugin.asr import (
    ModelUnavailable,
    TranscribeOptions,
    UnsupportedLanguage,
    Utterance,
    build_registry,
    load_model,
    recognise,
)
from diffasr_plugin.asr.testing import sample_speech
from diffasr_plugin.backends.diffusion_mini import spec as diffusion_mini_spec
from diffasr_plugin.backends.diffusion_mini.load import load
from diffasr_plugin.backends.diffusion_mini.search import MiniTextDecoder
from diffasr_plugin.backends.diffusion_mini.spec import DATA, LANGUAGES, SPEC
from diffasr_plugin.diffusion.verify import Drafting, Rules, score, verify
from diffasr_plugin.evaluate.errors import DatasetUnavailable
from diffasr_plugin.models.log_mel import log_mel
from diffasr_plugin.models.mini_reader import MiniReader
from diffasr_plugin.scoring import word_errors

RATE = 16_000
CUTS_S = [(7, 12), (10, 14), (12, 20), (15, 18), (18, 22), (20, 28), (22, 30), (24, 30)]
FREE = Drafting(place_cost=0.0)


@pytest.fixture(scope="module")
def speech():
    return sample_speech()


@pytest.fixture(scope="module")
def model():
    with load_model("diffusion-mini") as model:
        yield model


@pytest.fixture(scope="module")
def loaded():
    return load(DATA, torch.device("cpu"))


@pytest.fixture(scope="module")
def heard(loaded, speech):
    """Of each layer, keys and values of eight utterances."""
    decoder = MiniTextDecoder(loaded.decoder)
    with torch.inference_mode():
        windows = [
            decoder.listen(loaded.encoder(log_mel(torch.from_numpy(speech[a * RATE : b * RATE]), 10)[None]))
            for a, b in CUTS_S
        ]
        return type(windows[0]).joined(windows).layers


@pytest.fixture(scope="module")
def rules(loaded):
    known = loaded.vocabulary
    return Rules(
        known.no_timestamps, known.end, known.suppressed, known.suppressed_first, vocabulary=known.end + 1
    )


def a_reader(loaded, heard, rows: slice) -> MiniReader:
    known = loaded.vocabulary
    layers = [(keys[rows], values[rows]) for keys, values in heard]
    reader = MiniReader(loaded.decoder, layers)
    reader.step(torch.tensor([[known.start, *known.prompt("en", "transcribe")[:-1]]] * len(layers[0][0])))
    return reader


@pytest.fixture(scope="module")
def greedy(loaded, heard, rules):
    """Each utterance alone, a token at a time."""
    with torch.inference_mode():
        return [
            verify(a_reader(loaded, heard, slice(n, n + 1)), [[]], rules, [100])[0]
            for n in range(len(CUTS_S))
        ]


def spoilt(text: tuple[int, ...], vocabulary: int, seed: int) -> list[int]:
    """A draft with a fifth of its tokens replaced, left out or doubled."""
    draws = np.random.default_rng(seed)
    draft: list[int] = []
    for token in text:
        kind = draws.integers(15)
        draft += [[int(draws.integers(vocabulary))], [], [token, token]][kind] if kind < 3 else [token]
    return draft


def drafts_of(kind: str, greedy, vocabulary: int) -> list[list[int]]:
    draws = np.random.default_rng(3)
    texts = [list(row.ids) for row in greedy]
    if kind == "random":
        return [draws.integers(vocabulary, size=30).tolist() for _ in texts]
    if kind == "another's":
        return [*texts[1:], texts[0]]
    if kind == "adversarial":  # right but for the first token, the end in the middle, then over and over
        return [[5, *text[1:4], vocabulary - 1, *text[4:], *text * 3] for text in texts]
    if kind == "spoilt":
        return [spoilt(tuple(text), vocabulary, seed) for seed, text in enumerate(texts)]
    return {"empty": [[]] * len(texts), "perfect": texts}[kind]


@pytest.mark.parametrize("batch", [1, 8])
@pytest.mark.parametrize("kind", ["empty", "perfect", "random", "another's", "adversarial", "spoilt"])
def test_any_draft_gives_the_greedy_text(loaded, heard, rules, greedy, kind, batch):
    drafts = drafts_of(kind, greedy, loaded.vocabulary.end + 1)
    passes = []
    with torch.inference_mode():
        for first in range(0, len(drafts), batch):
            rows = slice(first, first + batch)
            reader = a_reader(loaded, heard, rows)
            texts = verify(reader, drafts[rows], rules, [100] * batch, FREE)
            assert [text.ids for text in texts] == [text.ids for text in greedy[rows]]
            for text, alone in zip(texts, greedy[rows], strict=True):
                assert text.log_probs == pytest.approx(alone.log_probs, abs=1e-4)
            passes.append(reader.passes)
    tokens = [len(row.ids) + 1 for row in greedy]
    if kind == "perfect":
        assert passes == [1] * len(passes)
    elif kind == "empty":
        assert sum(passes) == (sum(tokens) if batch == 1 else max(tokens))
    elif kind == "spoilt":
        assert sum(passes) < 0.7 * (sum(tokens) if batch == 1 else max(tokens))


def test_scores_tell_the_right_text_from_a_wrong_one(loaded, heard, rules, greedy):
    right = list(greedy[2].ids)
    with torch.inference_mode():
        scored = score(a_reader(loaded, heard, slice(2, 3)), [right], rules)[0]
        other = score(a_reader(loaded, heard, slice(2, 3)), [list(greedy[5].ids)], rules)[0]
    assert scored.log_probs == pytest.approx(greedy[2].log_probs, abs=1e-4)
    assert np.mean(other.log_probs) < np.mean(scored.log_probs) - 3


def test_it_writes_what_is_said(model, speech):
    text = model.transcribe(speech[15 * RATE : 18 * RATE], language="en").text
    assert "originally from Chicago" in text


@pytest.fixture(scope="module")
def prompts():
    """Real sentences by their names."""
    try:
        return {prompt.key: prompt for prompt in asterisk_prompts(60)}
    except DatasetUnavailable as error:
        pytest.skip(f"real sentences come with Debian's packages: {error}")


@pytest.mark.parametrize(
    "names",
    [
        ["conf-hasleft"] * 3,  # written once, and the rest was doubted
        ["conf-otherinparty"] * 3,
        ["auth-incorrect"] * 3,  # all was doubted
        # the second was passed over
        ["conf-userswilljoin", "conf-userwilljoin", "conf-waitforleader", "confbridge-begin-glorious-a"],
    ],
    ids=lambda names: names[0],
)
@pytest.mark.parametrize("pause_s", [0.4, 0.8])
def test_like_sentences_in_a_row_are_all_written(model, prompts, names, pause_s):
    samples, placed = glue([prompts[name] for name in names], pause_s)
    transcript = model.transcribe(samples, language="en")
    assert word_errors(" ".join(prompt.text for prompt in placed), transcript.text, "en").rate < 0.2
    for prompt in placed:
        inside = [w for w in transcript.words if prompt.start_s - 0.3 < w.start_s < prompt.end_s]
        assert len(inside) == pytest.approx(len(prompt.text.split()), abs=1)


def test_guessing_changes_no_text(model, speech):
    utterances = [Utterance(speech[a * RATE : b * RATE], "en") for a, b in CUTS_S] * 2
    plain, guessed = (
        recognise(model, utterances, TranscribeOptions(model_options=options))
        for options in ({"mode": "greedy"}, {"draft": "ngram"})
    )
    assert [t.text for t in guessed] == [t.text for t in plain]


def test_quiet_speech_survives(model, speech):
    loud = speech[20 * RATE : 28 * RATE]
    quiet = loud * 10 ** (-35 / 20) / np.abs(loud).max()
    assert "New Jersey" in model.transcribe(quiet.astype(np.float32), language="en").text


NOISE = np.random.default_rng(0)
TIME_S = np.arange(10 * RATE) / RATE


@pytest.mark.parametrize(
    "sound",
    [
        NOISE.normal(0, 0.05, 10 * RATE),
        NOISE.normal(0, 0.002, 10 * RATE).cumsum().clip(-1, 1) * 0.1,
        0.1 * np.sin(2 * np.pi * 50 * TIME_S),
        0.2
        * sum(np.sin(2 * np.pi * pitch * TIME_S) for pitch in (220, 277, 330))
        * (TIME_S * 2 % 1 < 0.7)
        / 3,
        np.zeros(10 * RATE),
        breath(10),
        applause(10),
    ],
    ids=["white noise", "rumble", "hum", "chords", "silence", "breath", "applause"],
)
def test_what_is_no_speech_gives_no_words(model, sound):
    assert model.transcribe(sound.astype(np.float32), language="en").text == ""


def test_it_knows_six_languages(model, speech):
    assert set(SPEC.languages) == set(LANGUAGES)
    with pytest.raises(UnsupportedLanguage, match="'ru'"):
        model.transcribe(speech[:RATE], language="ru")


def test_it_needs_no_download():
    ready = build_registry().models["diffusion-mini"].probe()
    assert ready.ready
    assert ready.downloads == ()


def test_missing_files_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(diffusion_mini_spec, "DATA", tmp_path)
    assert "weights.safetensors" in SPEC.probe().missing[0]
    with pytest.raises(ModelUnavailable, match="install diffsub again"):
        load(tmp_path, torch.device("cpu"))


def test_a_damaged_file_is_told(tmp_path):
    for file in DATA.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ModelUnavailable, match="damaged"):
        load(tmp_path, torch.device("cpu"))


def test_no_transformers_is_imported():
    program = (
        "import sys, numpy\nfrom diffasr_plugin.asr import load_model\n"
        "load_model('diffusion-mini').transcribe(numpy.zeros(16000, 'float32') + 0.01, language='en')\n"
        "print('transformers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr
