"""Ways of writing one thing that become one, and things that stay apart."""

import pytest

from diffasr_plugin.evaluate.script import has_variants, is_other_script, one_script
from diffasr_plugin.scoring import word_errors


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("hi", "हिन्दी", "हिंदी"),
        ("hi", "हँसना", "हंसना"),
        ("hi", "\u0958लम", "\u0915\u093cलम"),
        ("hi", "क़लम", "कलम"),
        ("hi", "अम्बर सङ्गीत पञ्च अण्डा", "अंबर संगीत पंच अंडा"),
        ("hi", "क्\u200dया", "क्या"),
        ("hi-IN", "१२ लोग", "12 लोग"),
        ("zh", "臺灣漢語", "台湾汉语"),
        ("zh_TW", "頭髮", "头发"),
    ],
)
def test_variants_become_one(language, one, other):
    assert word_errors(one, other, language).errors > 0 or one_script(one, language) != one
    assert one_script(one, language) == one_script(other, language)


@pytest.mark.parametrize(("one", "other"), [("कल", "काल"), ("जन्म", "जंम"), ("में", "मे")])
def test_other_words_stay_apart(one, other):
    assert one_script(one, "hi") != one_script(other, "hi")


def test_languages_without_variants_are_left_alone():
    assert one_script("Größe हिन्दी 漢", "de") == "Größe हिन्दी 漢"
    assert [has_variants(language) for language in ("hi", "zh-TW", "de")] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("یہ اردو ہے", "hi", True),
        ("yah hindi hai", "hi", True),
        ("यह TV है और हिन्दी भी", "hi", False),
        ("你好 OK", "zh", False),
        ("nihao", "zh", True),
        ("", "hi", False),
        ("12.", "hi", False),
        ("यह", "de", False),
    ],
)
def test_another_script_is_noticed(text, language, expected):
    assert is_other_script(text, language) is expected
