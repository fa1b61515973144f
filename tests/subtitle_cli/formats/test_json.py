import json

import pytest

from subtitle_cli.formats import FORMATS, JSON_SCHEMA, Subtitles
from subtitle_cli.text import Change
from subtitle_cli.types import Cue, SpokenWord

DIALOGUE = Cue(5000, 6000, ("-dialogue", "-of two"), speakers=("SPEAKER_00", "SPEAKER_01"))


def test_json_holds_everything_in_one_order():
    words = (
        SpokenWord("Grüß", 0.1, 0.4, "SPEAKER_00", 0.98765, True, "de"),
        SpokenWord("Gott!", 0.4, 0.81234),
    )
    cue = Cue(0, 999, ("Grüß Gott!",), words, ("SPEAKER_00",), gave_way=("sync",))
    text = FORMATS["json"](
        Subtitles(
            (cue, DIALOGUE),
            "de",
            film="a.mkv",
            duration_ms=5000,
            model="whisper",
            options={"b": 2, "a": [1]},
            changes=(Change(1.23456, "glossary", "got", "Gott"),),
        )
    )
    document = json.loads(text)
    assert list(document) == [
        "schema", "film", "duration_ms", "language", "model", "options", "speakers", "cues", "changes",
    ]  # fmt: skip
    assert document["schema"] == JSON_SCHEMA
    assert (document["film"], document["duration_ms"], document["model"]) == ("a.mkv", 5000, "whisper")
    assert list(document["options"].items()) == [("a", [1]), ("b", 2)]
    assert document["speakers"] == ["SPEAKER_00", "SPEAKER_01"]
    assert document["cues"][0] == {
        "start_ms": 0,
        "end_ms": 999,
        "text": "Grüß Gott!",
        "lines": [{"text": "Grüß Gott!", "speaker": "SPEAKER_00"}],
        "words": [
            {"text": "Grüß", "start_s": 0.1, "end_s": 0.4, "confidence": 0.9877, "speaker": "SPEAKER_00",
             "language": "de"},
            {"text": "Gott!", "start_s": 0.4, "end_s": 0.812, "confidence": None, "speaker": None,
             "language": None},
        ],
        "gave_way": ["sync"],
    }  # fmt: skip
    assert document["changes"] == [{"at_s": 1.235, "kind": "glossary", "old": "got", "new": "Gott"}]
    assert "Grüß" in text


def test_json_never_writes_what_is_no_json():
    cue = Cue(0, 999, ("x",), (SpokenWord("x", float("nan"), 1.0),))
    with pytest.raises(ValueError, match="not JSON compliant"):
        FORMATS["json"](Subtitles((cue,), "de"))


def test_json_keeps_half_a_character_that_utf_8_cannot_hold():
    text = FORMATS["json"](Subtitles((Cue(0, 1000, ("a \ud800 b",)),), "de"))
    assert json.loads(text.encode())["cues"][0]["text"] == "a \ud800 b"
