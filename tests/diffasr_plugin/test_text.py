"""Prompts, targets and trimming, with a tokenizer whose ids are known."""

from dataclasses import replace

import pytest

from diffasr_plugin.checkpoint.errors import InvalidConfig, UnreadableCheckpoint
from diffasr_plugin.config import AdapterConfig, ProjectorConfig, ProjectorLayer, PromptIds, RecogniserConfig
from diffasr_plugin.text import PROMPTS, TextCodec, load_codec
from tests.support.tiny_recogniser import BEGIN, IDS, tiny_tokenizer

BASE = RecogniserConfig(
    ProjectorConfig((ProjectorLayer("linear", 1, 1),)), AdapterConfig(1, ()), prompt_ids=IDS, eos=(1, 5)
)
SPAN = [IDS.begin, *[IDS.audio] * 3, IDS.end]
BOS = 2


@pytest.fixture(scope="module")
def tokenizer():
    return tiny_tokenizer()


def _config(**answers):
    return replace(BASE, unknowns=BASE.unknowns.answered("given", canvas_length=8, **answers))


def _codec(tokenizer, **answers):
    return TextCodec(tokenizer, _config(**answers), 3)


def test_the_plain_prompt_is_the_audio_after_the_beginning(tokenizer):
    assert _codec(tokenizer).prompt("de") == [BOS, *SPAN]


def test_the_chat_prompt_is_the_base_models_mark_up(tokenizer):
    prompt = _codec(tokenizer, prompt="chat").prompt("de")
    where = prompt.index(IDS.begin)
    assert prompt[where : where + 5] == SPAN
    written = tokenizer.decode(prompt[:where]) + "|" + tokenizer.decode(prompt[where + 5 :])
    assert written == "<turn>user\n|<end><turn>model"


@pytest.mark.parametrize(
    ("prompt", "language", "instruction"),
    [
        ("chat-transcribe", "de", "<unk>ranscribe the audio."),
        ("chat-language", "de", "<unk>ranscribe the audio in <unk>erman."),
        ("chat-language", None, "<unk>ranscribe the audio in the language that is spoken."),
    ],
)
def test_instructions_follow_the_audio(tokenizer, prompt, language, instruction):
    ids = _codec(tokenizer, prompt=prompt).prompt(language)
    after = tokenizer.decode(ids[ids.index(IDS.end) + 1 :])
    assert after == f"{instruction}<end><turn>model"


def test_every_candidate_holds_all_audio_tokens(tokenizer):
    for name in PROMPTS:
        assert _codec(tokenizer, prompt=name).prompt("en").count(IDS.audio) == 3


def test_an_unknown_prompt_is_refused(tokenizer):
    with pytest.raises(InvalidConfig, match=r"no prompt is called 'poem'; known: audio, chat"):
        _codec(tokenizer, prompt="poem")


def test_a_tokenizer_without_mark_up_is_refused():
    plain = tiny_tokenizer()
    plain.chat_template = None
    with pytest.raises(InvalidConfig, match=r"no mark-up for turns.*use the prompt 'audio'"):
        _codec(plain, prompt="chat")


def test_ids_that_the_tokenizer_writes_otherwise_are_refused(tokenizer):
    config = replace(_config(prompt="chat"), prompt_ids=PromptIds(190, 150, 191))
    with pytest.raises(InvalidConfig, match="audio tokens, not 4"):
        TextCodec(tokenizer, config, 4)


def test_a_target_is_the_text_an_end_and_filling(tokenizer):
    assert _codec(tokenizer).target(" abc") == [BEGIN, BEGIN + 27, BEGIN + 28, 1, 1, 1, 1, 1]
    assert _codec(tokenizer, fill="pad").target(" abc")[3:] == [1, 0, 0, 0, 0]
    assert _codec(tokenizer).target("a" * 20) == [BEGIN + 26] * 7 + [1]


@pytest.mark.parametrize(
    ("canvas", "trimmed"),
    [([9, 8, 1, 7], ([9, 8], True)), ([9, 5, 1], ([9], True)), ([9, 8], ([9, 8], False)), ([], ([], False))],
)
def test_a_canvas_is_cut_at_its_first_end(tokenizer, canvas, trimmed):
    assert _codec(tokenizer).trim(canvas) == trimmed


def test_pieces_join_to_the_text(tokenizer):
    codec = _codec(tokenizer)
    ids = tokenizer("ab, c 你", add_special_tokens=False).input_ids
    assert codec.pieces(ids) == ["a", "b", ",", " c", " ", "你"]
    assert codec.pieces([BEGIN, 2, BEGIN]) == [" a", "", " a"]
    assert codec.pieces([]) == []


def test_a_character_of_several_tokens_is_added_by_the_last_one():
    class Bytes:
        bos_token_id = BOS

        def decode(self, ids, **_):
            return bytes(ids).decode("utf-8", errors="replace")

    word = "é好"
    pieces = TextCodec(Bytes(), _config(), 3).pieces(list(word.encode()))
    assert pieces == ["", "é", "", "", "好"]


def test_a_folder_without_a_tokenizer_is_refused(tmp_path):
    with pytest.raises(UnreadableCheckpoint, match="holds no tokenizer"):
        load_codec(tmp_path, _config(), 3)


def test_the_tokenizer_comes_from_the_folder(tokenizer, tmp_path):
    tokenizer.save_pretrained(tmp_path)
    codec = load_codec(tmp_path, _config(), 3)
    assert codec.prompt("en") == [BOS, *SPAN]
    assert codec.reconfigured(_config(prompt="chat")).prompt("en") != [BOS, *SPAN]
