from diffasr_plugin.asr import Transcript, Word
from diffasr_plugin.bridges.hf_answer import make_answer

WORDS = (
    Word("Good", 0.0, 0.4),
    Word("day.", 0.5, 0.9),
    Word("How", 1.0, 1.2),
    Word("are", 1.2, 1.4),
    Word("you", 2.5, 2.8),
)
SPOKEN = Transcript("Good day. How are you", "en", WORDS)


def test_text_alone():
    assert make_answer(SPOKEN) == {"text": " Good day. How are you"}


def test_words():
    chunks = make_answer(SPOKEN, "word")["chunks"]
    assert chunks[:2] == [
        {"timestamp": (0.0, 0.4), "text": " Good"},
        {"timestamp": (0.5, 0.9), "text": " day."},
    ]
    assert "".join(chunk["text"] for chunk in chunks) == make_answer(SPOKEN)["text"]


def test_segments_end_with_sentences_and_at_pauses():
    assert make_answer(SPOKEN, True)["chunks"] == [
        {"timestamp": (0.0, 0.9), "text": " Good day."},
        {"timestamp": (1.0, 1.4), "text": " How are"},
        {"timestamp": (2.5, 2.8), "text": " you"},
    ]


def test_language_by_its_name_or_its_code():
    assert make_answer(SPOKEN, None, {"en": "english"})["chunks"] == [
        {"language": "english", "text": " Good day. How are you"}
    ]
    assert make_answer(SPOKEN, None, {})["chunks"][0]["language"] == "en"


def test_scripts_without_spaces_stay_so():
    words = (Word("你", 0.0, 0.2, space_before=False), Word("好", 0.2, 0.4, space_before=False))
    assert make_answer(Transcript("你好", "zh", words), True)["chunks"] == [
        {"timestamp": (0.0, 0.4), "text": "你好"}
    ]


def test_silence():
    assert make_answer(Transcript(""), "word") == {"text": "", "chunks": []}


def test_a_model_without_word_times_gives_its_text():
    assert make_answer(Transcript("good day", "en")) == {"text": "good day"}
