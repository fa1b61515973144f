"""Voices of the real conversation, told by masks."""

import pytest
import torch
from torch.nn.functional import cosine_similarity

from diffasr_plugin.assets import fetch
from subtitle_cli.diarization.assets import EMBEDDING, EMBEDDING_FILE
from subtitle_cli.diarization.embedding import load_speaker_embedding

RATE = 16_000


@pytest.fixture(scope="module")
def model():
    return load_speaker_embedding(fetch(EMBEDDING) / EMBEDDING_FILE)


def voice(model, speech, start_s, end_s, weights=None):
    waveform = torch.from_numpy(speech[int(start_s * RATE) : int(end_s * RATE)])
    with torch.inference_mode():
        return model(waveform[None, None], weights)[0]


def test_one_voice_is_nearer_to_itself_than_to_another(model, speech):
    # By the transcript, one speaks in the first two spans, and the other in the last two.
    spans = [(11.0, 14.2), (18.6, 21.4), (14.8, 17.8), (21.8, 27.8)]
    one, one_again, other, other_again = (voice(model, speech, *span) for span in spans)
    assert cosine_similarity(one, one_again, dim=0) > 0.6
    assert cosine_similarity(other, other_again, dim=0) > 0.6
    assert cosine_similarity(one, other, dim=0) < 0.5
    assert cosine_similarity(one_again, other_again, dim=0) < 0.5


def test_only_what_the_mask_lets_through_is_heard(model, speech):
    other = voice(model, speech, 14.8, 17.8)
    mask = torch.zeros(1, 1000)
    mask[:, 480:780] = 1.0
    masked = voice(model, speech, 10.0, 20.0, mask)
    assert cosine_similarity(masked, other, dim=0) > 0.95


def test_loudness_does_not_change_a_voice(model, speech):
    loud = voice(model, speech, 11.0, 14.2)
    faint = voice(model, speech * 10 ** (-35 / 20), 11.0, 14.2)
    assert cosine_similarity(loud, faint, dim=0) > 0.99


def test_a_speaker_who_is_never_heard_has_no_voice(model, speech):
    assert voice(model, speech, 0.0, 10.0, torch.zeros(1, 589)).isnan().all()


def test_few_frames_are_enough_behind_a_mask(model, speech):
    mask = torch.zeros(1, 589)
    mask[:, 300:306] = 1.0
    assert voice(model, speech, 7.0, 17.0, mask).isfinite().all()


def test_too_few_samples_are_refused(model, speech):
    with pytest.raises(ValueError, match="3200 samples are too few"):
        voice(model, speech, 7.0, 7.2)
