from __future__ import annotations

import json

import pytest
from tokenizers import Tokenizer

from diffasr_plugin.assets import WHISPER_BASE, fetch
from diffasr_plugin.backends.whisper.languages import LANGUAGES, token_of_language
from diffasr_plugin.mini.choose_tokens import choose
from diffasr_plugin.mini.tokens import (
    SPECIAL_TOKENS,
    TOKENS_FILE,
    byte_texts,
    kept_ids,
    merge_parents,
    read_ids,
    reduced_tokenizer,
    write_ids,
)

SENTENCES = [
    " The quick brown fox, aged 27, doesn't jump over New Jersey's lazy dogs.",
    " Ich hätte gern zwei Brötchen und ein Stück Käsekuchen, bitte.",
    " ¿Dónde está la biblioteca? El señor González llegó ayer a las 19:45.",
    " L'été dernier, nous sommes allés à la plage avec des amis québécois.",
    " मैं कल दिल्ली जा रहा हूँ।",
    "我们明天去北京，你呢？我們明天去北京。",
]


@pytest.fixture(scope="module")
def whole() -> dict:
    return json.loads((fetch(WHISPER_BASE) / "tokenizer.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def reduced(whole) -> Tokenizer:
    return Tokenizer.from_str(json.dumps(reduced_tokenizer(whole, read_ids(TOKENS_FILE))))


def test_runs_are_read_back(tmp_path):
    ids = [0, 1, 2, 5, 7, 8, 300, *range(1000, 1500)]
    write_ids(tmp_path / "ids.txt", ids)
    assert (tmp_path / "ids.txt").read_text() == "0-2 5 7-8 300 1000-1499\n"
    assert read_ids(tmp_path / "ids.txt") == ids


def test_all_bytes_and_special_tokens_are_kept(whole, reduced):
    assert read_ids(TOKENS_FILE)[:256] == list(range(256))
    names = ["<|endoftext|>", "<|nospeech|>", "<|notimestamps|>", *map(token_of_language, LANGUAGES[:99])]
    assert None not in [reduced.token_to_id(name) for name in names]
    assert reduced.get_vocab_size() == len(read_ids(TOKENS_FILE)) + SPECIAL_TOKENS
    assert reduced.token_to_id("<|endoftext|>") == len(read_ids(TOKENS_FILE))


def test_with_each_token_those_that_it_is_merged_from_are_kept(whole):
    kept, parents = set(read_ids(TOKENS_FILE)), merge_parents(whole)
    assert all(set(parents[id_]) <= kept for id_ in kept if id_ in parents)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_six_languages_are_cut_as_before(whole, reduced, sentence):
    before = Tokenizer.from_str(json.dumps(whole)).encode(sentence, add_special_tokens=False)
    after = reduced.encode(sentence, add_special_tokens=False)
    assert after.tokens == before.tokens
    old = kept_ids(whole, read_ids(TOKENS_FILE))
    assert [old[id_] for id_ in after.ids] == before.ids


@pytest.mark.parametrize("sentence", [" Привет, мир", "こんにちは", " 🎬 ok"])
def test_any_other_text_can_still_be_spelt(reduced, sentence):
    assert reduced.decode(reduced.encode(sentence, add_special_tokens=False).ids) == sentence


def test_the_most_used_tokens_of_any_language_are_chosen(whole):
    texts = byte_texts(whole)
    of = {text: id_ for id_, text in texts.items()}
    needed = choose(whole, [], kept=10**6)
    wanted = of[b" bibliothek"] if b" bibliothek" in of else of[b" extraordinary"]
    rare, common = of[b" Jersey"], of[b" weather"]
    few = choose(whole, [{common: 3, rare: 1}, {wanted: 1}], kept=len(needed) + 20)
    assert {common, wanted} <= set(few)
    assert len(few) <= len(needed) + 20
    assert few == sorted(set(few))
