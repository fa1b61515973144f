import pytest

from diffasr_plugin.backends.whisper.chinese import in_script


@pytest.mark.parametrize(
    ("words", "script", "expected"),
    [
        (["這", "是", "頭髮，", "發", "展。"], "simplified", ["这", "是", "头发，", "发", "展。"]),
        (["头", "发", "和", "发", "展"], "traditional", ["頭", "髮", "和", "發", "展"]),
        (["這", "是"], "as-heard", ["這", "是"]),
        (["用", "Python3", "寫"], "simplified", ["用", "Python3", "写"]),
        ([], "simplified", []),
    ],
)
def test_words_keep_their_places(words, script, expected):
    assert in_script(words, script) == expected


def test_where_a_phrase_changes_its_length_words_are_written_one_by_one(monkeypatch):
    class Longer:
        def convert(self, text):
            return text.replace("ab", "xyz").replace("a", "x")

    monkeypatch.setattr("diffasr_plugin.backends.whisper.chinese._converter", lambda script: Longer())
    assert in_script(["a", "b", "ab"], "simplified") == ["x", "b", "xyz"]
