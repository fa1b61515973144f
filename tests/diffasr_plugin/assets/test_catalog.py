"""whisper-base as it comes from the registry, in the user's own cache."""

from importlib.metadata import distribution

import pytest
import soundfile
import torch

from diffasr_plugin.assets import WHISPER_BASE, AssetNotFound, AssetOffline, fetch, verify
from diffasr_plugin.scoring import wer


@pytest.fixture
def folder(users_cache):
    try:
        return fetch(WHISPER_BASE)
    except (AssetNotFound, AssetOffline) as error:
        pytest.skip(str(error))


@pytest.fixture
def tokenizer(folder, transformers):
    return transformers.WhisperTokenizerFast.from_pretrained(folder)


def test_every_source_delivers_what_the_converter_reads():
    for source in WHISPER_BASE.sources[1:]:
        assert [wanted.file.path for wanted in source.files] == ["model.bin", "config.json", "tokenizer.json"]


def test_its_sums(folder):
    verify(WHISPER_BASE)


def test_its_tokens_are_whispers(tokenizer):
    assert len(tokenizer) == 51_865
    known = {"<|en|>": 50_259, "<|nospeech|>": 50_362, "<|0.00|>": 50_364, "<|30.00|>": 51_864}
    assert tokenizer.convert_tokens_to_ids(list(known)) == list(known.values())
    # The first merge is in force: a word is one token, its space included.
    assert tokenizer.tokenize(" the time to talk") == ["Ġthe", "Ġtime", "Ġto", "Ġtalk"]
    for text in (" Größe, déjà vu!", "今天天气好", " नमस्ते दुनिया"):
        assert tokenizer.decode(tokenizer(text, add_special_tokens=False).input_ids) == text


def test_it_recognises_real_speech_in_a_language_that_it_finds_itself(folder, tokenizer, transformers):
    files = distribution("pyannote.audio").files or ()
    path = next(file for file in files if file.name == "sample.wav").locate()
    samples, rate = soundfile.read(path, dtype="float32", start=200_000, stop=346_000)
    extractor = transformers.WhisperFeatureExtractor.from_pretrained(folder)
    features = extractor(samples, sampling_rate=rate, return_tensors="pt")
    model, info = transformers.WhisperForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True
    )
    assert not any(info.values())
    with torch.no_grad():
        [ids] = model.generate(features.input_features, return_timestamps=True)
    assert tokenizer.decode(ids, decode_with_timestamps=True).startswith("<|0.")
    said = "This is Diane in New Jersey. And I'm Sheila in Texas, originally from Chicago."
    said += " Oh, I'm originally from Chicago also. I'm in New Jersey now though."
    assert wer([(said, tokenizer.decode(ids, skip_special_tokens=True))], "en") < 0.25
