import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

import subtitle_cli
from subtitle_cli.errors import UsageError
from subtitle_cli.profiles import BUILT_IN, load_profile
from subtitle_cli.rules import Rules
from tests.support.pages import ROOT


def write(folder, text, name="house.toml"):
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


# --- The built-in houses. ---


@pytest.mark.parametrize(
    ("house", "language", "chars", "speed", "min_ms", "max_ms", "gap_ms"),
    [
        ("netflix", "en", 42, 20, 834, 7000, 84),
        ("netflix", "de", 42, 17, 834, 7000, 84),
        ("netflix", "hi", 42, 22, 834, 7000, 84),
        ("netflix", "zh", 16, 9, 834, 7000, 84),
        ("netflix", "ru", 42, 17, 834, 7000, 84),
        ("netflix-sdh", "en", 42, 20, 834, 7000, 84),
        ("netflix-sdh", "fr", 42, 20, 834, 7000, 84),
        ("netflix-sdh", "hi", 42, 25, 834, 7000, 84),
        ("netflix-sdh", "zh", 16, 11, 834, 7000, 84),
        ("netflix-children", "en", 42, 17, 834, 7000, 84),
        ("netflix-children", "es", 42, 13, 834, 7000, 84),
        ("netflix-children", "hi", 42, 18, 834, 7000, 84),
        ("netflix-children", "zh", 16, 7, 834, 7000, 84),
        ("amazon", "en", 42, 17, 1000, 7000, 84),
        ("amazon", "zh", 16, 9, 1000, 7000, 84),
        ("arte", "en", 40, 20, 1000, 10000, 200),
        ("arte", "de", 40, 20, 1000, 10000, 200),
        ("ted", "en", 42, 21, 1000, 7000, 0),
        ("tiktok", "en", 24, 25, 700, 5000, 0),
        ("tiktok", "zh", 12, 11, 700, 5000, 0),
    ],
)
def test_the_numbers_of_each_house(house, language, chars, speed, min_ms, max_ms, gap_ms):
    rules = load_profile(house).rules(language)
    assert (rules.max_line_chars, rules.reading_speed, rules.words_a_minute) == (chars, speed, None)
    assert (rules.min_ms, rules.max_ms, rules.gap_ms, rules.max_lines) == (min_ms, max_ms, gap_ms, 2)
    assert rules.full_width is (language == "zh")


def test_the_bbc_counts_words_but_not_in_chinese():
    assert load_profile("bbc").rules("en").words_a_minute == 180
    assert load_profile("bbc").rules("en").max_line_chars == 37
    assert load_profile("bbc").rules("zh").words_a_minute is None
    assert load_profile("bbc").rules("zh").max_line_chars == 16


@pytest.mark.parametrize("house", [house for house in BUILT_IN if house != "tiktok"])
@pytest.mark.parametrize(
    ("language", "dash"), [("en", "-"), ("de", "-"), ("fr", "- "), ("es", "- "), ("hi", "-"), ("zh", "-")]
)
def test_dialogue_dashes_by_language(house, language, dash):
    assert load_profile(house).rules(language).dialogue_dash == dash


def test_what_gives_way_first():
    assert load_profile("netflix").rules("en").gives_way == ("reading_speed", "sync")
    assert load_profile("netflix-children").rules("en").gives_way == ("sync", "reading_speed")


def names_read(source):
    """Attributes that some code reads, but for those that are only checked when an object is made."""
    tree = ast.parse(source)
    checks = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name == "__post_init__"
        for node in ast.walk(function)
    }
    return {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and id(n) not in checks}


def test_every_number_of_a_house_is_read_by_somebody():
    modules = Path(subtitle_cli.__file__).parent.rglob("*.py")
    read = set().union(*(names_read(module.read_text(encoding="utf-8")) for module in modules))
    assert {each.name for each in fields(Rules)} - read == set()


def test_every_number_is_explained_to_those_who_write_a_profile():
    page = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    table = page.partition("| key | what it is |")[2]
    explained = {key for row in table.splitlines() for key in re.findall(r"`([a-z_]+)`", row.split(" | ")[0])}
    assert explained == {each.name for each in fields(Rules)} - {"language", "frame_rate"}


def test_every_file_in_the_folder_is_a_built_in_profile():
    folder = Path(load_profile.__code__.co_filename).parent
    assert {file.stem for file in folder.glob("*.toml")} == set(BUILT_IN)


# --- A file of one's own. ---


def test_a_file_sets_what_differs_from_the_profile_that_it_extends(tmp_path):
    file = write(
        tmp_path,
        """
        title = "Our house"
        extends = "netflix"
        max_line_chars = 38
        reading_speed = 15

        [language.de]
        reading_speed = 14.5

        [language.pt-BR]
        dialogue_dash = "— "
        """,
    )
    profile = load_profile(file)
    assert profile.title == "Our house"
    english, german = profile.rules("en"), profile.rules("de")
    assert (english.max_line_chars, english.reading_speed, english.min_ms) == (38, 15, 834)
    assert (german.max_line_chars, german.reading_speed) == (38, 14.5)
    # Counts of letters are not for scripts of full-width characters.
    assert (profile.rules("zh").max_line_chars, profile.rules("zh").reading_speed) == (16, 9)
    assert profile.rules("pt-BR").dialogue_dash == "— "
    assert profile.rules("pt-BR").max_line_chars == 38
    assert profile.rules("pt").dialogue_dash == "-"


def test_a_file_may_stand_alone(tmp_path):
    rules = load_profile(write(tmp_path, "max_lines = 1\ndialogue_dash = false")).rules("en")
    assert (rules.max_lines, rules.dialogue_dash, rules.reading_speed) == (1, None, 17)


def test_a_file_may_extend_a_file_beside_it(tmp_path):
    write(tmp_path, 'extends = "netflix"\nmax_ms = 6000', "parent.toml")
    child = write(tmp_path, 'extends = "parent.toml"\nwords_a_minute = 170')
    rules = load_profile(str(child)).rules("en")
    assert (rules.max_ms, rules.words_a_minute, rules.reading_speed) == (6000, 170, 20)


def test_none_is_written_as_false(tmp_path):
    rules = load_profile(write(tmp_path, 'extends = "bbc"\nwords_a_minute = false')).rules("en")
    assert rules.words_a_minute is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("max_line_char = 38", "max_line_char = 38: no such key; did you mean max_line_chars?"),
        ("[language.de]\ntitle = 'x'", "language.de.title = 'x': no such key for a language"),
        ("[language.de]\nreading_sped = 9", "language.de.reading_sped = 9: .*did you mean reading_speed?"),
        ("max_lines = 3", "at the top: subtitle rule max_lines is 3: it must be 1 or 2"),
        ("[language.de]\nmin_ms = 9000", "language.de.: subtitle rule min_ms is 9000: .* below max_ms, 7000"),
        ("reading_speed = nan", "reading_speed is nan: it must be above 0"),
        ("reading_speed = '17'", "reading_speed = '17': it must be a number"),
        ("max_lines = 2.0", "max_lines = 2.0: it must be a whole number"),
        ("min_ms = true", "min_ms = True: it must be a whole number"),
        ("full_width = 1", "full_width = 1: it must be true or false"),
        ("dialogue_dash = 1", "dialogue_dash = 1: it must be a text, or false for none"),
        ("words_a_minute = 'many'", "it must be a number, or false for none"),
        ("gives_way = 'sync'", "gives_way = 'sync': it must be a list of texts"),
        ("gives_way = ['sync']", "gives_way is .*: it must be an order of reading_speed, sync"),
        ("title = 7", "title = 7: it must be a text"),
        ("extends = 7", "extends = 7: it must be a text"),
        ("extends = 'netflx'", "no profile is called 'netflx', .* did you mean netflix?"),
        ("language = 'de'", r"it must hold tables, such as \[language.de\]"),
        ("language.de = 'slow'", r"language.de = 'slow': it must be a table: \[language.de\]"),
        ("[language.'German!']\nmax_ms = 6000", "name a language by its code, such as de or pt-BR"),
        ("frame_rate = 25", "frame_rate = 25: no such key"),
        ("max_lines = ", "the profile .*house.toml cannot be read"),
        ("extends = 'house.toml'", "it extends itself, by way of .*house.toml"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(tmp_path, text, message):
    file = write(tmp_path, text)
    with pytest.raises(UsageError, match=message) as caught:
        load_profile(file)
    assert "house.toml" in str(caught.value) or "netflx" in text


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match=r"no profile is called 'netlfix', .* did you mean netflix or"):
        load_profile("netlfix")


def test_bytes_that_are_no_text_are_no_profile(tmp_path):
    file = tmp_path / "house.toml"
    file.write_bytes(b"title = '\xff'")
    with pytest.raises(UsageError, match="cannot be read"):
        load_profile(file)
