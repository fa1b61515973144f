"""Tables for the terminal."""

from diffasr_plugin.evaluate.text_table import text_table


def test_names_to_the_left_figures_to_the_right():
    assert text_table(("set", "WER"), [("a", "12.5"), ("long", "3")]) == "set    WER\na     12.5\nlong     3"
    assert text_table(("a", "b"), [("1", "x")], names=2) == "a  b\n1  x"
