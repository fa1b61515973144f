import numpy as np
import pytest

from diffasr_plugin.asr import OutOfMemory, TranscribeOptions, Transcript, Word, build_registry
from subtitle_cli.recogniser import Recognisers, Wish
from subtitle_cli.transcribe import recognise_film, transcribe_pieces, words_on_film
from subtitle_cli.types import Piece, Turn
from tests.support.fake_models import CountingModel, make_plugin, make_point, make_spec

SOUND = np.full(16_000 * 60, 0.1, np.float32)


def pieces(*spans):
    return [Piece(start, end, ()) for start, end in spans]


def test_transcripts_come_back_in_the_order_of_the_pieces():
    model = CountingModel(make_spec(), {})
    transcripts = transcribe_pieces(model, pieces((0, 1), (2, 6), (7, 7.5)), SOUND, TranscribeOptions())
    assert [t.text for t in transcripts] == ["one two", "one two three four five six seven eight", "one"]


def test_pieces_of_similar_length_go_together_longest_first():
    lengths = []

    class Measuring(CountingModel):
        def transcribe_batch(self, utterances, options, **callbacks):
            lengths.append([utterance.duration_s for utterance in utterances])
            return super().transcribe_batch(utterances, options, **callbacks)

    spans = [(i, i + 1 + i % 3) for i in range(0, 54, 3)]
    transcribe_pieces(Measuring(make_spec(), {}), pieces(*spans), SOUND, TranscribeOptions())
    assert [len(batch) for batch in lengths] == [16, 2]
    flat = [length for batch in lengths for length in batch]
    assert flat == sorted(flat, reverse=True)


def test_the_batch_is_halved_when_memory_runs_out_and_nothing_is_lost(caplog):
    class Small(CountingModel):
        def transcribe_batch(self, utterances, options, **callbacks):
            if len(utterances) > 3:
                raise OutOfMemory("small", len(utterances), "cpu")
            return super().transcribe_batch(utterances, options, **callbacks)

    model = Small(make_spec(), {})
    spans = [(i, i + 0.5 * (1 + i % 4)) for i in range(20)]
    transcripts = transcribe_pieces(model, pieces(*spans), SOUND, TranscribeOptions())
    assert [len(t.words) for t in transcripts] == [1 + i % 4 for i in range(20)]
    assert max(model.batches) <= 3
    assert "going on with 8 at once" in caplog.text


def test_memory_too_small_for_one_piece_is_an_error():
    class Tiny(CountingModel):
        def transcribe_batch(self, utterances, options, **callbacks):
            raise OutOfMemory("tiny", len(utterances), "cpu")

    with pytest.raises(OutOfMemory, match="1 utterances"):
        transcribe_pieces(Tiny(make_spec(), {}), pieces((0, 1), (1, 2)), SOUND, TranscribeOptions())


def test_progress_counts_seconds_of_film_up_to_the_end():
    told = []
    spans = pieces(*[(i, i + 1) for i in range(40)])
    transcribe_pieces(
        CountingModel(make_spec(), {}), spans, SOUND, TranscribeOptions(), lambda *done: told.append(done)
    )
    assert told == sorted(told)
    assert told[-1] == (40.0, 40.0)


def test_each_piece_goes_to_the_recogniser_for_its_language():
    made = {}

    def make(name, *languages):
        def factory(options):
            made[name] = CountingModel(make_spec(name, languages=languages), dict(options))
            return made[name]

        return make_spec(name, languages=languages, factory=factory)

    registry = build_registry(points=[make_point("fake", make_plugin(make("one", "en"), make("two", "cy")))])
    spoken = [
        Piece(start, start + 1, (Turn(start, start + 1, None, language),))
        for start, language in enumerate(("cy", "en", "cy"))
    ]
    told = []
    with Recognisers(registry, Wish(), lambda choice: None) as recognisers:
        recognised = recognise_film(
            recognisers, spoken, SOUND, "cy", on_progress=lambda *done: told.append(done)
        )
    assert [transcript.language for transcript in recognised.transcripts] == ["cy", "en", "cy"]
    assert (made["one"].batches, made["two"].batches) == ([1], [2])
    assert recognised.model == "two"
    assert told == sorted(told)
    assert told[-1] == (3.0, 3.0)


def test_nothing_is_loaded_for_a_film_without_speech():
    spec = make_spec(factory=lambda options: pytest.fail("loaded"))
    registry = build_registry(points=[make_point("fake", make_plugin(spec))])
    recognised = recognise_film(Recognisers(registry, Wish(), lambda choice: None), [], SOUND, "de")
    assert (recognised.transcripts, recognised.model) == ((), "counting")


def test_words_are_placed_on_the_films_clock():
    said = Transcript("a b", "de", (Word("a", 0.5, 1.0, 0.7), Word("b", 1.0, 1.5, 0.8, space_before=False)))
    words = words_on_film(pieces((10, 12)), [said])
    assert [(w.text, w.start_s, w.end_s, w.confidence, w.space_before, w.language) for w in words] == [
        ("a", 10.5, 11.0, 0.7, True, "de"),
        ("b", 11.0, 11.5, 0.8, False, "de"),
    ]


def test_a_text_without_times_is_spread_over_its_piece():
    words = words_on_film(pieces((10, 14)), [Transcript("abc defghi j")])
    assert [word.text for word in words] == ["abc", "defghi", "j"]
    assert words[0].start_s == 10
    assert words[-1].end_s == 14
    assert [word.end_s for word in words[:-1]] == [word.start_s for word in words[1:]]
    assert words[1].end_s - words[1].start_s > words[0].end_s - words[0].start_s


def test_pieces_without_text_give_no_words():
    assert words_on_film(pieces((0, 1), (2, 3)), [Transcript(""), Transcript("")]) == []
