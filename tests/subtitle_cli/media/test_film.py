import logging
from fractions import Fraction
from pathlib import Path

import pytest

from subtitle_cli.errors import NoAudio
from subtitle_cli.media import AudioStream, Film, choose_stream
from subtitle_cli.media.film import language_tag, steady_rate


def stream(index, language=None, default=False, title=None):
    return AudioStream(index, language, title, 2, 48000, "aac", default)


def film(*streams):
    return Film(Path("a.mkv"), 10.0, 0.0, Fraction(25), streams)


GERMAN, ENGLISH = stream(1, "de"), stream(2, "en", default=True)
COMMENTARY = stream(4, "de", title="Commentary")


@pytest.mark.parametrize(
    ("language", "index", "chosen"),
    [
        (None, None, ENGLISH),
        ("de", None, GERMAN),
        ("de-AT", None, GERMAN),
        ("en", None, ENGLISH),
        ("fr", None, ENGLISH),
        (None, 1, GERMAN),
        ("en", 4, COMMENTARY),
    ],
)
def test_the_number_goes_before_the_language_and_the_language_before_the_default(language, index, chosen):
    assert choose_stream(film(GERMAN, ENGLISH, COMMENTARY), language, index) == chosen


def test_among_several_of_a_language_the_default_one_is_chosen():
    main = stream(3, "de", default=True)
    assert choose_stream(film(COMMENTARY, main), "de") == main


def test_without_a_default_the_first_is_chosen():
    assert choose_stream(film(GERMAN, COMMENTARY)) == GERMAN


@pytest.mark.parametrize(
    ("wanted", "tagged", "same"),
    [
        ("no", "nb", True),
        ("zh", "cmn", True),
        ("zh-Hant", "zh", True),
        ("pt", "pt-BR", True),
        ("de", "gsw", False),
        ("zh", "yue", False),
    ],
)
def test_tags_that_differ_may_be_one_spoken_language(wanted, tagged, same):
    other, tagged_stream = stream(1, "ta", default=True), stream(2, tagged)
    assert choose_stream(film(other, tagged_stream), wanted) == (tagged_stream if same else other)


def test_a_language_that_no_stream_is_tagged_with_is_told(caplog):
    with caplog.at_level(logging.WARNING, "subtitle_cli"):
        choose_stream(film(GERMAN, ENGLISH), "fr")
    assert "no audio stream is tagged 'fr'" in caplog.text
    assert "1 (de, aac, 2 channels), 2 (en, aac, 2 channels, default)" in caplog.text


def test_nothing_is_told_where_the_film_has_no_tags(caplog):
    with caplog.at_level(logging.WARNING, "subtitle_cli"):
        assert choose_stream(film(stream(1)), "fr") == stream(1)
    assert caplog.text == ""


def test_a_number_that_is_not_there_is_an_error_that_lists_those_that_are():
    with pytest.raises(NoAudio, match=r"number 0; it has: 1 \(de, .*\), 4 \(de, .*'Commentary'\)") as caught:
        choose_stream(film(GERMAN, COMMENTARY), None, 0)
    assert caught.value.path == Path("a.mkv")


def test_a_film_without_sound_is_an_error():
    with pytest.raises(NoAudio, match=r"'a\.mkv' has no audio stream"):
        choose_stream(film(), "de")


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("ger", "de"),
        ("deu", "de"),
        ("chi", "zh"),
        ("zho", "zh"),
        ("hin", "hi"),
        ("fre", "fr"),
        ("en_US", "en-US"),
        ("pt-BR", "pt-BR"),
        ("yue", "yue"),
        ("und", None),
        ("mul", None),
        ("zxx", None),
        ("qaa", None),
        ("", None),
        (None, None),
        ("not a language", None),
    ],
)
def test_tags_of_containers_become_the_shortest_standard_tags(tag, language):
    assert language_tag(tag) == language


@pytest.mark.parametrize(
    ("average", "base", "rate"),
    [
        ("25", "25", "25"),
        ("23.98", "23.98", "24000/1001"),
        ("307200/12811", "24000/1001", "24000/1001"),
        ("29.97", "29.97", "30000/1001"),
        ("24", "24", "24"),
        ("12.5", "12.5", "25/2"),
        ("25", "50", "25"),  # fields
        ("59.94", "59.94", "60000/1001"),
    ],
)
def test_a_steady_rate_is_exact(average, base, rate):
    assert steady_rate(Fraction(average), Fraction(base)) == Fraction(rate)


@pytest.mark.parametrize(
    ("average", "base"), [("20.69", "30"), ("29.5", "90000"), ("27", "30"), ("23.5", "23.5"), ("0", "25")]
)
def test_a_rate_that_varies_is_none(average, base):
    assert steady_rate(Fraction(average), Fraction(base)) is None


def test_no_rate_is_none():
    assert steady_rate(None, None) is None
