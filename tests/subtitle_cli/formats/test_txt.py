from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.types import Cue, SpokenWord


def txt(*cues):
    return FORMATS["txt"](Subtitles(cues, "en"))


def cue(start_ms, *lines, speakers=(), labels=(), words=()):
    return Cue(start_ms, start_ms + 1000, lines, words, speakers, labels)


def test_a_paragraph_ends_where_the_speaker_changes():
    cues = [
        cue(0, "Hello.", speakers=("Anna",)),
        cue(1100, "How are", "you?", speakers=("Anna", "Anna")),
        cue(2200, "-Fine.", "-Good.", speakers=("Bob", "Anna")),
    ]
    assert txt(*cues) == "Hello. How are you?\n\n-Fine.\n\n-Good.\n"


def test_a_paragraph_ends_at_a_long_pause():
    assert txt(cue(0, "One."), cue(2999, "Two."), cue(5999, "Three.")) == "One. Two.\n\nThree.\n"


def test_names_stand_before_paragraphs_if_labels_are_wanted():
    labelled = cue(0, "Anna: Hello.", speakers=("Anna",), labels=("Anna:",))
    others = [cue(1100, "You?", speakers=("Anna",)), cue(2200, "Me?", speakers=("SPEAKER_01",))]
    assert txt(labelled, *others) == "Anna: Hello. You?\n\nSPEAKER 2: Me?\n"
    assert txt(cue(0, "Hello.", speakers=("Anna",)), *others) == "Hello. You?\n\nMe?\n"


def test_words_tell_where_spaces_are_and_nothing_of_dashes():
    words = (
        SpokenWord("我", 0, 0.2, "A"),
        SpokenWord("OK", 0.2, 0.4, "A", space_before=False),
        SpokenWord("吗？", 0.4, 0.6, "A", space_before=False),
        SpokenWord("Yes\nindeed.", 0.6, 0.8, "B"),
    )
    assert (
        txt(cue(0, "-我OK吗？", "-Yes indeed.", speakers=("A", "B"), words=words))
        == "我OK吗？\n\nYes indeed.\n"
    )


def test_cues_without_text_leave_no_blank_paragraph():
    assert txt(cue(0, ""), cue(1100, "\n", "Two.")) == "Two.\n"
