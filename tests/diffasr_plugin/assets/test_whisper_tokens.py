"""One tokenizer in the forms that different tools write, into one."""

import copy

import pytest

from diffasr_plugin.assets.whisper_tokens import canonical_tokenizer, special_ids
from tests.support.ct2_files import whisper_tokenizer


@pytest.fixture(scope="module")
def complete():
    return canonical_tokenizer(whisper_tokenizer())


def test_times_follow_the_special_tokens(complete):
    added = complete["added_tokens"]
    assert [token["id"] for token in added] == list(range(50_257, 50_266 + 1501))
    assert [added[place]["content"] for place in (9, 10, -1)] == ["<|0.00|>", "<|0.02|>", "<|30.00|>"]
    assert [added[place]["special"] for place in (8, 9)] == [True, False]


def test_it_is_its_own_complete_form(complete):
    assert canonical_tokenizer(complete) == complete


def lose_first_merge(tokenizer):
    del tokenizer["model"]["merges"][0]


def pair_merges(tokenizer):
    tokenizer["model"]["merges"] = [merge.split(" ") for merge in tokenizer["model"]["merges"]]


def repeat_end_in_vocabulary(tokenizer):
    tokenizer["model"]["vocab"]["<|endoftext|>"] = 50_257


def use_old_name(tokenizer):
    tokenizer["added_tokens"][7]["content"] = "<|nocaptions|>"


def shuffle_added(tokenizer):
    tokenizer["added_tokens"].reverse()


def add_fields(tokenizer):
    tokenizer["model"]["byte_fallback"] = False
    tokenizer["truncation"] = None


@pytest.mark.parametrize(
    "change",
    [lose_first_merge, pair_merges, repeat_end_in_vocabulary, use_old_name, shuffle_added, add_fields],
)
def test_every_form_becomes_the_same(complete, change):
    tokenizer = whisper_tokenizer()
    change(tokenizer)
    assert canonical_tokenizer(tokenizer) == complete


def test_special_tokens_by_name(complete):
    ids = special_ids(complete)
    assert len(ids) == 9
    assert (ids["<|endoftext|>"], ids["<|de|>"], ids["<|nospeech|>"]) == (50_257, 50_260, 50_264)


@pytest.mark.parametrize(
    "tokenizer", [{}, {"model": None, "added_tokens": []}, {"model": [], "added_tokens": [1]}]
)
def test_something_else(tokenizer):
    with pytest.raises(ValueError, match="is not one of Whisper's"):
        canonical_tokenizer(tokenizer)


def test_another_vocabulary(complete):
    tokenizer = copy.deepcopy(complete)
    del tokenizer["model"]["merges"][-1]
    with pytest.raises(ValueError, match="50257 pieces and 49999 merges"):
        canonical_tokenizer(tokenizer)
