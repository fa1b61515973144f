from types import SimpleNamespace

import pytest

from diffasr_plugin.backends.whisper.vocabulary import Vocabulary

GENERATION = SimpleNamespace(suppress_tokens=[1, 2, 50_359], begin_suppress_tokens=[220, 50_257])


@pytest.fixture(scope="module")
def tokenizer(transformers, whisper_folder):
    return transformers.WhisperTokenizer.from_pretrained(whisper_folder)


@pytest.fixture(scope="module")
def vocabulary(tokenizer):
    return Vocabulary.of(tokenizer, GENERATION, multilingual=True)


@pytest.mark.parametrize(
    "text", [" It costs $12.50, né?", " आज मौसम", "你好，世界。", " Ça va « bien » …", " 😀 ok", "สวัสดี"]
)
def test_text_is_that_of_the_tokenizer(tokenizer, vocabulary, text):
    ids = tokenizer.encode(text, add_special_tokens=False)
    assert vocabulary.text(ids) == text


def test_every_text_token_has_its_bytes(tokenizer, vocabulary):
    assert len(vocabulary.token_bytes) == vocabulary.end == 50_257
    assert [id_ for id_, text in enumerate(vocabulary.token_bytes) if not text] == [50_256]  # empty by design
    assert len(set(vocabulary.token_bytes)) == 50_257


def test_a_character_cut_off_is_left_out(tokenizer, vocabulary):
    ids = tokenizer.encode(" ok 😀", add_special_tokens=False)
    assert vocabulary.text(ids[:-1]) in {" ok", " ok "}


def test_special_tokens_are_found(vocabulary):
    assert (vocabulary.start, vocabulary.no_timestamps, vocabulary.no_speech) == (50_258, 50_363, 50_362)
    assert vocabulary.prompt("de", "translate") == [50_261, 50_358, 50_363]
    assert vocabulary.prompt("jv", "transcribe")[0] == vocabulary.languages["jv"] == 50_356
    assert len(vocabulary.languages) == 99  # all but Cantonese, which came with large-v3
    assert vocabulary.suppressed == (1, 2)
    assert vocabulary.suppressed_first == (220, 50_257)


def test_an_english_only_model_needs_no_language(tokenizer):
    vocabulary = Vocabulary.of(tokenizer, SimpleNamespace(), multilingual=False)
    assert vocabulary.prompt("en", "transcribe") == [vocabulary.no_timestamps]
    assert vocabulary.languages == vocabulary.tasks == {}
    assert vocabulary.suppressed == vocabulary.suppressed_first == ()
