"""The README's recipes, run by stable-ts and lhotse themselves.

Where one is not installed beside us, `test_toolkits_apart` runs this file in an environment of its own.
"""

import pytest

from diffasr_plugin.asr import load_model


@pytest.fixture(scope="module")
def model(whisper_folder):
    with load_model("whisper", device="cpu") as model:
        yield model


def test_stable_ts_regroups_words_into_subtitles(model, speech_file):
    stable_whisper = pytest.importorskip("stable_whisper", reason="stable-ts is not installed here")

    def inference(audio):
        transcript = model.transcribe_long(audio, language="en")
        return [
            [
                {"word": f" {w.text}" if w.space_before else w.text, "start": w.start_s, "end": w.end_s}
                for w in transcript.words
            ]
        ]

    result = stable_whisper.transcribe_any(
        inference, speech_file, audio_type="numpy", model_sr=16_000, verbose=None
    )

    assert "New Jersey" in result.text
    assert len(result.segments) > 1
    assert 0.0 <= result.segments[0].start < result.segments[-1].end <= 8.01
    assert "-->" in result.to_srt_vtt(vtt=False)


def test_lhotse_gets_supervisions_with_words(model, speech_file):
    lhotse = pytest.importorskip("lhotse", reason="lhotse is not installed here")
    from lhotse.supervision import AlignmentItem

    cut = lhotse.Recording.from_file(speech_file, recording_id="talk").to_cut()

    transcript = model.transcribe_long(cut.load_audio()[0], sample_rate=cut.sampling_rate, language="en")
    words = [AlignmentItem(w.text, w.start_s, w.end_s - w.start_s, w.confidence) for w in transcript.words]
    supervision = lhotse.SupervisionSegment(
        "talk-1", "talk", 0.0, cut.duration, text=transcript.text, language=transcript.language
    ).with_alignment("word", words)
    cut.supervisions = [supervision]

    lhotse.validate(cut)
    assert "New Jersey" in cut.supervisions[0].text
    assert [item.symbol for item in cut.supervisions[0].alignment["word"]] == transcript.text.split()
    jersey = next(item for item in words if item.symbol.startswith("Jersey"))
    assert cut.truncate(offset=jersey.start, duration=0.2).supervisions
