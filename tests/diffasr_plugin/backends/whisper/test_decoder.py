import pytest
import torch

from diffasr_plugin.backends.whisper.decoder import Heard, TextDecoder

STATES = torch.randn(3, 120, 16, generator=torch.Generator().manual_seed(3))
IDS = torch.randint(0, 50_000, (3, 90), generator=torch.Generator().manual_seed(4))


@pytest.fixture
def decoder(tiny):
    with torch.inference_mode():
        yield TextDecoder(tiny, torch.float32)


def test_the_pass_is_that_of_transformers(tiny, decoder):
    theirs = tiny.model.decoder(input_ids=IDS, encoder_hidden_states=STATES, use_cache=False)
    ours = decoder.step(IDS, decoder.start(decoder.listen(STATES)))
    torch.testing.assert_close(ours, theirs.last_hidden_state, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(decoder.logits(ours[:, -1]), tiny.proj_out(ours[:, -1]), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("cuts", [[1, 4], [3, 70, 71], list(range(1, 90))])
def test_reading_in_parts_is_reading_at_once(decoder, cuts):
    whole = decoder.step(IDS, decoder.start(decoder.listen(STATES)))
    state = decoder.start(decoder.listen(STATES))
    parts = [decoder.step(part, state) for part in IDS.tensor_split(cuts, dim=1)]
    assert state.length == 90
    torch.testing.assert_close(torch.cat(parts, 1), whole, atol=1e-4, rtol=1e-4)


def test_some_rows_go_on_as_if_the_others_had_never_been(decoder):
    whole = decoder.step(IDS, decoder.start(decoder.listen(STATES)))
    state = decoder.start(decoder.listen(STATES))
    decoder.step(IDS[:, :40], state)
    kept = torch.tensor([2, 0])
    rest = decoder.step(IDS[kept, 40:], state.select(kept))
    torch.testing.assert_close(rest, whole[kept, 40:], atol=1e-4, rtol=1e-4)


def test_windows_heard_one_by_one_are_the_batch(decoder):
    together = decoder.listen(STATES)
    joined = Heard.joined([decoder.listen(part) for part in STATES.split(1)])
    assert len(joined) == 3
    for (keys, values), (joined_keys, joined_values) in zip(together.layers, joined.layers, strict=True):
        torch.testing.assert_close(joined_keys, keys)
        torch.testing.assert_close(joined_values, values)


def test_queries_and_keys_give_the_attention_of_transformers(tiny, decoder):
    theirs = tiny.model.decoder(
        input_ids=IDS, encoder_hidden_states=STATES, use_cache=False, output_attentions=True
    ).cross_attentions
    heard, queries = decoder.listen(STATES), []
    decoder.step(IDS, decoder.start(heard), queries)
    for query, (keys, _), expected in zip(queries, heard.layers, theirs, strict=True):
        torch.testing.assert_close((query @ keys.mT).softmax(-1), expected, atol=1e-4, rtol=1e-3)


def test_scores_of_a_part_of_the_vocabulary(decoder):
    states = STATES[:, 0]
    torch.testing.assert_close(decoder.logits(states, 100), decoder.logits(states)[:, :100])


def test_sixteen_bit_weights_may_keep_their_attention_in_float32(transformers, tiny_folder):
    network = transformers.WhisperForConditionalGeneration.from_pretrained(tiny_folder, dtype=torch.bfloat16)
    decoder = TextDecoder(network, torch.float32)
    with torch.inference_mode():
        heard = decoder.listen(STATES.bfloat16())
        assert heard.layers[0][0].dtype == torch.float32
        assert decoder.step(IDS, decoder.start(heard)).dtype == torch.bfloat16
