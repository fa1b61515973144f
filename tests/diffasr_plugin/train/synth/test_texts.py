"""Sentences out of what packages hold."""

from __future__ import annotations

import struct

import pytest

from diffasr_plugin.train.synth.errors import NoTexts
from diffasr_plugin.train.synth.salads import salads
from diffasr_plugin.train.synth.texts import clean_sentences, collect, read_texts, write_texts


def compiled(messages: dict[str, str]) -> bytes:
    """Translations as gettext compiles them. Source: GNU gettext's manual, "The Format of GNU MO Files"."""
    both = [("", "Content-Type: text/plain; charset=UTF-8\n"), *sorted(messages.items())]
    originals, translations, data = [], [], b""
    base = 28 + 16 * len(both)
    for table, column in ((originals, 0), (translations, 1)):
        for pair in both:
            text = pair[column].encode()
            table.append(struct.pack("<II", len(text), base + len(data)))
            data += text + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, len(both), 28, 28 + 8 * len(both), 0, 0)
    return header + b"".join(originals) + b"".join(translations) + data


@pytest.fixture
def root(tmp_path):
    pages = tmp_path / "help" / "de" / "text"
    pages.mkdir(parents=True)
    (pages / "one.html").write_text(
        '<p class="paragraph">Wählen Sie im <b>Dialog</b> eine Datei aus. Das ist &amp; bleibt so.</p>'
        '<p class="paragraph">Click the button on the left.</p><p class="other">Das ist nicht dabei.</p>'
    )
    moved = tmp_path / "locale" / "de" / "LC_MESSAGES"
    moved.mkdir(parents=True)
    (moved / "game.mo").write_bytes(
        compiled({"a": "Wir müssen über die Brücke gehen!", "b": "Tür", "c": "_Öffnen Sie die Tür."})
    )
    fortunes = tmp_path / "games" / "fortunes" / "de"
    fortunes.mkdir(parents=True)
    (fortunes / "rat.u8").write_text(
        "Wer nicht fragt,\nder ist auch nicht klug.\n%\nDas ist von mir und dir.\n  -- Ein Mann\n%\n"
    )
    return tmp_path


def test_pages_translations_and_fortunes_are_read(root):
    assert collect([root], "de") == [
        "Wer nicht fragt, der ist auch nicht klug.",
        "Wählen Sie im Dialog eine Datei aus.",
        "Wir müssen über die Brücke gehen!",
    ]


def test_a_language_that_is_not_there_is_told(root):
    with pytest.raises(NoTexts, match="'hi'"):
        collect([root], "hi")


@pytest.mark.parametrize(
    ("language", "text", "kept"),
    [
        ("en", "You can move the text to the left.", True),
        ("en", "Go on.", False),  # short
        ("en", "You can move the text to the left", False),  # no end
        ("en", "you can move the text to the left.", False),  # no beginning
        ("en", "You can see it in the NASA files.", False),  # shouted, or spelt
        ("en", "You can write it as the sum of A1.", False),  # not a word
        ("en", "You can see it at <home> in the box.", False),
        ("en", "Sie können es nicht in der Datei sehen.", False),  # another language
        ("de", "Sie können es nicht in der Datei sehen.", True),
        ("fr", "Vous pouvez ouvrir la fenêtre de l'église.", True),
        ("es", "¿Puede usted abrir la puerta del año?", True),
        ("hi", "यह फ़ाइल आपके पास नहीं है।", True),
        ("hi", "यह फ़ाइल PDF के पास नहीं है।", False),
        ("zh", "如果要编辑对象，请双击它。", True),
        ("zh", "请打开 LibreOffice 文件。", False),
    ],
)
def test_what_can_be_read_aloud_is_kept(language, text, kept):
    assert list(clean_sentences(text, language)) == ([text] if kept else [])


def test_paragraphs_are_cut_into_sentences():
    text = "This is the first of them. And here is the second one!\nThat is a third one."
    assert len(list(clean_sentences(text, "en"))) == 3
    assert list(clean_sentences("如果要编辑对象请双击它。你知道我是对的。", "zh")) == [
        "如果要编辑对象请双击它。",
        "你知道我是对的。",
    ]


@pytest.mark.parametrize("name", ["a.txt", "deep/a.txt.xz"])
def test_a_file_comes_back(tmp_path, name):
    write_texts(tmp_path / name, ["één", "zwei"])
    assert read_texts(tmp_path / name) == ["één", "zwei"]


def test_salads_are_of_the_words_and_the_same_each_time():
    words = {"घर": 0.5, "किताब": 0.1, "पानी": 0.01}
    made = salads(words, "hi", 20, seed=1)
    assert made == salads(words, "hi", 20, seed=1) != salads(words, "hi", 20, seed=2)
    assert {word for text in made for word in text.rstrip("।").split()} == set(words)
    assert all(text.endswith("।") and 4 <= len(text.split()) <= 11 for text in made)
