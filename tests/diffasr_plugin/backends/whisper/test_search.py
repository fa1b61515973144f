import math
from dataclasses import replace

import pytest
import torch

from diffasr_plugin.backends.whisper.decoder import TextDecoder
from diffasr_plugin.backends.whisper.search import Draft, Request, Search
from diffasr_plugin.backends.whisper.vocabulary import Vocabulary

A, B, C, END, START, EN, DE, TASK, NO_TIMES, NO_SPEECH = range(10)
VOCABULARY = Vocabulary(
    token_bytes=(b" a", b" b", b" c"),
    start=START,
    end=END,
    no_timestamps=NO_TIMES,
    no_speech=NO_SPEECH,
    tasks={"transcribe": TASK},
    languages={"en": EN, "de": DE},
    suppressed_first=(END,),
)


class Reciting:
    """A decoder that recites: each row has its own text, and its own opinion of the language.

    Its states hold the number of the row and of the position, its scores are 5 for what comes next.
    """

    def __init__(self, texts, languages=None, no_speech=0.0):
        self.texts = texts
        self.languages = languages or [EN] * len(texts)
        self.no_speech = no_speech
        self.batches = []
        self.read = [[] for _ in texts]

    def start(self, heard):
        return _Place(list(range(len(self.texts))), 0)

    def step(self, ids, state):
        self.batches.append(len(state.rows))
        for row, new in zip(state.rows, ids.tolist(), strict=True):
            self.read[row] += new
        state.length += ids.shape[1]
        return torch.tensor([[[row, state.length]] * ids.shape[1] for row in state.rows])

    def logits(self, states, size=None):
        scores = torch.zeros(len(states), 10)
        for number, (row, length) in enumerate(states.tolist()):
            scores[number, self._next(row, length)] = 5.0
            if length == 1 and self.no_speech:
                scores[number, NO_SPEECH] = math.log(self.no_speech / (1 - self.no_speech)) + math.log(
                    math.exp(5) + 8
                )
        return scores[:, :size]

    def _next(self, row, length):
        if length == 1:
            return self.languages[row]
        text = [*self.texts[row], END]
        return text[min(length - 4, len(text) - 1)]


class _Place:
    def __init__(self, rows, length):
        self.rows, self.length = rows, length

    def select(self, chosen):
        return _Place([self.rows[number] for number in chosen.tolist()], self.length)


class _Heard(list):
    device = torch.device("cpu")


def run(decoder, *requests, vocabulary=VOCABULARY):
    return Search(decoder, vocabulary).run(_Heard(requests), requests, "transcribe")


def test_each_row_ends_when_it_ends():
    texts = [[A, B], [C] * 9, [B], [A, C, B, A]]
    drafts = run(Reciting(texts), *[Request("en", 30)] * 4)
    assert [list(draft.ids) for draft in drafts] == texts
    certainty = 5 - math.log(math.exp(5) + 3)
    for draft, text in zip(drafts, texts, strict=True):
        assert draft.log_probs[1:] == pytest.approx([certainty] * (len(text) - 1), abs=1e-4)
        assert draft.end_log_prob == pytest.approx(certainty, abs=1e-4)
        assert draft.mean_log_prob == pytest.approx(certainty, abs=2e-2)


def test_rows_that_are_done_leave_the_batch():
    decoder = Reciting([[A], [A] * 2, [A] * 3, [A, B, C] * 3])
    run(decoder, *[Request("en", 30)] * 4)
    assert decoder.batches[:2] == [4, 4]  # start; rest of the prompt
    assert decoder.batches[-1] == 1
    assert decoder.batches == sorted(decoder.batches, reverse=True)


def test_the_prompt_names_the_language_asked_for_or_detected():
    decoder = Reciting([[A], [A]], languages=[DE, DE])
    drafts = run(decoder, Request(None, 5), Request("en", 5))
    assert [draft.language for draft in drafts] == ["de", "en"]
    assert decoder.read[0][:4] == [START, DE, TASK, NO_TIMES]
    assert decoder.read[1][:4] == [START, EN, TASK, NO_TIMES]


def test_languages_have_probabilities_among_themselves():
    (scores,) = Search(Reciting([[A]], languages=[DE]), VOCABULARY).detect(_Heard([0]))
    assert scores == pytest.approx({"en": 1 / (1 + math.exp(5)), "de": math.exp(5) / (1 + math.exp(5))})


def test_the_probability_of_no_speech_is_told():
    (draft,) = run(Reciting([[A]], no_speech=0.75), Request("en", 5))
    assert draft.no_speech == pytest.approx(0.75, abs=0.01)


def test_a_row_without_end_is_stopped():
    (draft,) = run(Reciting([[A, B, C] * 3]), Request("en", 4))
    assert draft.ids == (A, B, C, A)
    assert draft.end_log_prob is None


def test_a_row_that_goes_in_circles_is_stopped_soon():
    decoder = Reciting([[A] * 400, [B]])
    drafts = run(decoder, Request("en", 440), Request("en", 440))
    assert len(drafts[0].ids) == 16
    assert drafts[0].end_log_prob is None
    assert drafts[1].ids == (B,)


def test_the_end_does_not_come_first():
    (draft,) = run(Reciting([[]]), Request("en", 5))
    assert len(draft.ids) == 1


def test_suppressed_tokens_are_never_taken():
    vocabulary = replace(VOCABULARY, suppressed=(A,))
    (draft,) = run(Reciting([[A, B, A, B]]), Request("en", 9), vocabulary=vocabulary)
    assert A not in draft.ids
    assert draft.ids[1] == B


def test_with_a_limit_to_phrases_none_is_said_twice():
    (draft,) = run(Reciting([[A, B, A, B, A, B, A, B]]), Request("en", 9, max_phrase=3))
    said = [draft.ids[i : i + 3] for i in range(len(draft.ids) - 2)]
    assert draft.ids[:3] == (A, B, A)
    assert len(set(said)) == len(said)


def test_a_model_without_languages_speaks_english():
    english = replace(VOCABULARY, languages={}, tasks={}, no_speech=None)
    decoder = Reciting([[A, B]])
    (draft,) = run(decoder, Request(None, 5), vocabulary=english)
    assert (draft.language, draft.no_speech) == ("en", 0.0)
    assert decoder.read[0][:2] == [START, NO_TIMES]


def test_a_draft_may_be_cut():
    draft = Draft((5, 6, 7), (-1.0, -2.0, -3.0), "en", 0.1, -4.0)
    assert draft.mean_log_prob == -2.5
    assert draft.only([0, 2]) == Draft((5, 7), (-1.0, -3.0), "en", 0.1, -4.0)


@torch.inference_mode()
def test_real_weights_give_what_a_plain_loop_gives(transformers, tiny, tiny_folder):
    """The plain loop: transformers' forward over the whole text for each token, one row at a time."""
    tokenizer = transformers.WhisperTokenizer.from_pretrained(tiny_folder)
    vocabulary = Vocabulary.of(tokenizer, tiny.generation_config, multilingual=True)
    states = torch.randn(3, 100, 16, generator=torch.Generator().manual_seed(2)) * 3
    decoder = TextDecoder(tiny, torch.float32)
    lengths = [30, 5, 12]
    requests = [Request("de", length) for length in lengths]
    drafts = Search(decoder, vocabulary).run(decoder.listen(states), requests, "translate")
    for row, draft in enumerate(drafts):
        ids = [vocabulary.start, *vocabulary.prompt("de", "translate")]
        log_probs = []
        while len(log_probs) < len(draft.ids):
            output = tiny(encoder_outputs=(states[row : row + 1],), decoder_input_ids=torch.tensor([ids]))
            scores = output.logits[0, -1, : vocabulary.end + 1]
            scores[list(vocabulary.suppressed)] = -math.inf
            if not log_probs:
                scores[list(vocabulary.suppressed_first)] = -math.inf
            ids.append(int(scores.argmax()))
            log_probs.append(float(scores.log_softmax(-1)[ids[-1]]))
        assert list(draft.ids) == ids[4:]
        assert list(draft.log_probs) == pytest.approx(log_probs, abs=1e-3)
        assert draft.end_log_prob is not None or len(draft.ids) in (lengths[row], 16)
