from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from diffasr_plugin.diffusion.ngram import NgramMemory
from diffasr_plugin.diffusion.verify import Drafting, Rules, score, verify
from tests.support.causal_readers import GemmaReader, HashReader
from tests.support.tiny_gemma import TINY_VOCAB, tiny_gemma

RULES = Rules(HashReader.START, HashReader.END)
LIMIT = 60
FREE = Drafting(place_cost=0.0)
TEXT = [7, 3, 9, 9, 4, 12, 30, 5, 8, 22, 17, 6, 3, 28, 14, 10]


def greedy(rows: int = 1, rules: Rules = RULES) -> list[list[int]]:
    """Token by token, each row alone: written out here, not by the verifier."""
    texts = []
    for row in range(rows):
        reader, ids, last = HashReader(), [], rules.start
        while len(ids) < LIMIT:
            # The reader's rows are told apart by number: rows before this one are read along.
            scores = reader.read([row], [len(ids)], torch.tensor([[last]]))[0, 0]
            barred = {*rules.barred, *([] if ids else rules.barred_first)}
            last = max(
                (n for n in range(len(scores)) if n not in barred and n < (rules.vocabulary or 99)),
                key=lambda n: (float(scores[n]), -n),
            )
            if last == rules.end:
                break
            ids.append(last)
            if rules.lost and rules.lost(ids):
                break
        texts.append(ids)
    return texts


def verified(drafts, rules=RULES, reader=None, drafting=None):
    return verify(reader or HashReader(), drafts, rules, [LIMIT] * len(drafts), drafting)


def texts_of(rows) -> list[list[int]]:
    return [list(row.ids) for row in rows]


drafts = st.lists(st.lists(st.integers(0, 39), max_size=50), min_size=1, max_size=4)


@given(drafts, st.sampled_from([0.0, 0.05, 0.5]))
@settings(max_examples=30, deadline=None)
def test_any_draft_gives_the_greedy_text(drafts, place_cost):
    rows = verified(drafts, drafting=Drafting(place_cost))
    assert texts_of(rows) == greedy(len(drafts))


@given(st.lists(st.tuples(st.integers(0, 14), st.sampled_from(["swap", "drop", "add"])), max_size=4))
@settings(max_examples=30, deadline=None)
def test_a_draft_with_slips_gives_the_greedy_text_too(slips):
    draft = list(TEXT)
    for place, kind in slips:
        draft[place : place + (kind != "add")] = [] if kind == "drop" else [33]
    row = verified([draft], reader=HashReader(truth=[TEXT]), drafting=FREE)[0]
    assert list(row.ids) == TEXT
    # Each slip costs a pass; a token left out or put in, up to two more until the place is found again.
    assert row.passes <= 1 + 3 * len(slips)


def test_rules_hold_at_every_place():
    plain = greedy()[0]
    barred = Rules(0, 1, barred=(plain[2], plain[4]), barred_first=(plain[0], 1), vocabulary=35)
    expected = greedy(rules=barred)
    assert expected[0] != plain
    for draft in ([], plain, expected[0], [plain[2]] * 20):
        assert texts_of(verified([draft], barred)) == expected
    assert not set(expected[0]) & {plain[2], plain[4], *range(35, 40)}


def test_of_equal_scores_the_lowest_token_wins():
    class Flat:
        def read(self, rows, begins, ids):
            return torch.zeros(*ids.shape, 50)

    rules = Rules(0, 49, barred=(0, 1, 2))
    for draft in ([], [3, 3, 3], [4, 4, 4]):
        row = verify(Flat(), [draft], rules, [6])[0]
        assert row.ids == (3,) * 6
        assert row.end_log_prob is None
        assert row.log_probs == pytest.approx([-math.log(47)] * 6)


def test_a_perfect_draft_takes_one_pass():
    text = greedy()[0]
    row = verified([text], drafting=FREE)[0]
    assert (row.passes, row.drafted, list(row.ids)) == (1, len(text), text)


def test_no_draft_takes_a_pass_for_each_token_and_the_end():
    row = verified([[]])[0]
    assert (row.passes, row.drafted) == (len(row.ids) + 1, 0)
    assert row.end_log_prob is not None


@pytest.mark.parametrize("place_cost", [0.0, 0.05])
def test_a_wrong_token_costs_one_pass_and_the_rest_is_kept(place_cost):
    reader = HashReader(truth=[TEXT])
    row = verified([[*TEXT[:5], 33, *TEXT[6:]]], reader=reader, drafting=Drafting(0.0))[0]
    assert (row.passes, list(row.ids)) == (2, TEXT)


def test_hopeless_drafts_are_soon_hardly_read():
    reader = HashReader(truth=[TEXT])
    row = verified([[33] * 30], reader=reader)[0]
    assert list(row.ids) == TEXT
    read = sum(width - 1 for _, width in reader.passes)
    assert read < 40
    assert max(width for _, width in reader.passes[-8:]) <= 2


def test_a_dear_place_is_not_read():
    reader = HashReader()
    verified([greedy()[0]], reader=reader, drafting=Drafting(place_cost=1.0))
    assert max(width for _, width in reader.passes) == 1


def test_rows_that_are_done_leave():
    truth = [TEXT[:3], TEXT, TEXT[:8]]
    reader = HashReader(truth=truth)
    rows = verified([[], [], truth[2]], reader=reader, drafting=FREE)
    assert texts_of(rows) == truth
    assert [row.passes for row in rows] == [4, len(TEXT) + 1, 1]
    assert [rows for rows, _ in reader.passes[:5]] == [[0, 1, 2], [0, 1], [0, 1], [0, 1], [1]]


def test_log_probs_do_not_depend_on_the_draft():
    alone, drafted = verified([[]])[0], verified([greedy()[0]], drafting=FREE)[0]
    assert alone.log_probs == drafted.log_probs
    assert alone.end_log_prob == drafted.end_log_prob


def test_a_text_is_cut_at_its_limit():
    text = greedy()[0]
    for draft in ([], text):
        rows = verify(HashReader(), [draft, draft], RULES, [3, 1], FREE)
        assert texts_of(rows)[0] == text[:3]
        assert len(rows[1].ids) == 1
        assert rows[0].end_log_prob is None


def test_a_text_that_leads_nowhere_ends():
    rules = replace(RULES, lost=lambda ids: len(ids) == 4)
    for draft in ([], greedy()[0]):
        row = verified([draft], rules)[0]
        assert list(row.ids) == greedy()[0][:4]
        assert row.end_log_prob is None


def test_guesses_from_earlier_text_save_passes_and_change_nothing():
    memory = NgramMemory()
    memory.remember([40, *TEXT, 41])
    row = verified(
        [[]], reader=HashReader(truth=[TEXT]), drafting=Drafting(place_cost=0.01, more=memory.guess)
    )[0]
    assert list(row.ids) == TEXT
    assert row.passes < 8
    assert row.drafted >= 10


def test_a_guess_that_goes_wrong_is_thrown_away():
    asked = []

    def guess(text):
        asked.append(len(text))
        return [33, 34, 35]

    verified([[]], reader=HashReader(truth=[TEXT]), drafting=Drafting(0.0, more=guess))
    assert asked == list(range(len(TEXT) + 1))


def test_scoring_reads_once_and_tells_what_verification_finds():
    text = greedy()[0]
    reader = HashReader()
    scored = score(reader, [text], RULES)[0]
    row = verified([[]])[0]
    assert scored.log_probs == pytest.approx(row.log_probs)
    assert scored.end_log_prob == pytest.approx(row.end_log_prob)
    assert len(reader.passes) == 1


def test_scoring_tells_the_likely_from_the_unlikely():
    reader = HashReader(truth=[TEXT, TEXT])
    other = [*TEXT[:4], 33, *TEXT[5:]]
    right, wrong = score(reader, [TEXT, other], replace(RULES, barred=(34,)))
    assert min(right.log_probs) > -0.1
    assert wrong.log_probs[4] < -5
    assert score(HashReader(), [[34]], replace(RULES, barred=(34,)))[0].log_probs == (-math.inf,)


def test_nothing_to_do():
    assert verify(HashReader(), [], RULES, []) == []
    assert score(HashReader(), [], RULES) == []


@pytest.fixture(scope="module")
def gemma():
    return tiny_gemma(3)


@pytest.mark.parametrize("batch", [1, 4])
def test_the_flagships_causal_encoder_can_serve(gemma, batch):
    prompts = torch.randint(6, 180, (batch, 9), generator=torch.Generator().manual_seed(1))
    rules = Rules(start=2, end=1, barred=(0,), barred_first=(1,))

    def run(drafts, drafting=None):
        reader = GemmaReader(gemma, prompts)
        return verify(reader, drafts, rules, [20] * batch, drafting), reader.passes

    plain, _ = run([[]] * batch)
    texts = texts_of(plain)
    noise = torch.randint(TINY_VOCAB, (batch, 20), generator=torch.Generator().manual_seed(2)).tolist()
    spoilt = [[*text[:3], 77, *text[4:]] for text in texts]
    for drafts in (noise, texts, spoilt):
        assert texts_of(run(drafts, FREE)[0]) == texts
    assert run(texts, FREE)[1] <= 2 < max(row.passes for row in plain)
