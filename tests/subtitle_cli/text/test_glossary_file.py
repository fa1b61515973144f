"""Files of names: their layout, and what is wrong with them."""

import pytest

from subtitle_cli.errors import GlossaryError, UsageError
from subtitle_cli.text import Glossary, read_glossary


@pytest.fixture
def file(tmp_path):
    return tmp_path / "terms.txt"


def test_terms_replacements_and_comments(file):
    file.write_text("# names\n\nKubernetes\n  New   York \ncooper netties => Kubernetes\nNew York\n")
    assert read_glossary(file) == Glossary(("Kubernetes", "New York"), (("cooper netties", "Kubernetes"),))


def test_a_byte_order_mark_and_other_line_ends_are_read(file):
    file.write_bytes("\ufeffMüller\r\n王小明\r\n".encode())
    assert read_glossary(file).terms == ("Müller", "王小明")


def test_an_empty_one_changes_nothing(file):
    file.write_text("# nothing yet\n")
    assert not read_glossary(file)


@pytest.mark.parametrize("line", ["=> Kubernetes", "cooper netties =>", "=>", "---"])
def test_a_line_that_says_nothing_is_named(file, line):
    file.write_text(f"PyTorch\n{line}\n")
    with pytest.raises(GlossaryError, match=r"line 2: .* lacks a word"):
        read_glossary(file)


def test_lines_that_contradict_each_other_are_named(file):
    file.write_text("Jon => John\njon => Jonathan\n")
    with pytest.raises(GlossaryError, match="line 2: 'jon' is to be 'John' already, not 'Jonathan' too"):
        read_glossary(file)


def test_a_file_that_is_not_there_or_no_text_is_named(file, tmp_path):
    with pytest.raises(GlossaryError, match=r"terms\.txt cannot be read: No such file"):
        read_glossary(file)
    with pytest.raises(GlossaryError, match="cannot be read"):
        read_glossary(tmp_path)
    file.write_bytes("Müller\n".encode("latin-1"))
    with pytest.raises(GlossaryError, match=r"no UTF-8 text \(byte 1\): save it as UTF-8") as caught:
        read_glossary(file)
    assert caught.value.path == file
    assert isinstance(caught.value, UsageError)


def test_a_film_by_mistake_is_refused(file):
    file.write_bytes(b"x" * 5_000_001)
    with pytest.raises(GlossaryError, match="is it a list of names"):
        read_glossary(file)
