import pytest

from subtitle_cli.punctuation import bare, ends_clause, ends_sentence, unquoted


@pytest.mark.parametrize("text", ["end.", "what?", "“Go!”", "…", "好。", "था।", "(yes.)", "fin !", "«Non.»"])
def test_ends_of_sentences(text):
    assert ends_sentence(text)
    assert ends_clause(text)


@pytest.mark.parametrize("text", ["well,", "因为，", "then;", "so:", "wait –", '"but,"'])
def test_ends_of_clauses_only(text):
    assert ends_clause(text)
    assert not ends_sentence(text)


@pytest.mark.parametrize("text", ["word", "", '"', "3.5", "don't", "好"])
def test_no_end(text):
    assert not ends_clause(text)


def test_marks_are_taken_off():
    assert unquoted("“Go!”") == "Go!"
    assert bare("“Go!”") == "Go"
    assert bare("时候，") == "时候"
    assert bare("...") == ""
