import pytest

from diffasr_plugin.asr import InvalidOption, Option, parse_settings
from tests.support.fake_models import make_spec


@pytest.mark.parametrize(
    ("option", "given", "value"),
    [
        (Option("n", int, 1, ""), "8", 8),
        (Option("n", int, 1, ""), 8.0, 8),
        (Option("x", float, 1.0, ""), "0.5", 0.5),
        (Option("x", float, 1.0, ""), 2, 2.0),
        (Option("b", bool, False, ""), "yes", True),
        (Option("b", bool, True, ""), "off", False),
        (Option("b", bool, False, ""), True, True),
        (Option("s", str, "a", "", choices=("a", "b")), "b", "b"),
        (Option("s", str, None, ""), None, None),
    ],
)
def test_values_are_parsed_to_the_options_type(option, given, value):
    checked = option.check(given)
    assert checked == value
    assert type(checked) is type(value)


@pytest.mark.parametrize(
    ("option", "given", "message"),
    [
        (Option("n", int, 1, ""), "many", "'many' is not a whole number"),
        (Option("n", int, 1, ""), 1.5, "1.5 is not a whole number"),
        (Option("n", int, 1, ""), True, "True is not a whole number"),
        (Option("x", float, 1.0, ""), "fast", "'fast' is not a number"),
        (Option("b", bool, False, ""), "perhaps", "'perhaps' is not true or false"),
        (Option("s", str, "a", "", choices=("a", "b")), "c", "'c' is not one of a, b"),
        (Option("n", int, 1, "", minimum=1), "0", "'0' is below 1"),
        (Option("n", int, 1, "", maximum=48), "49", "'49' is above 48"),
        (Option("n", int, 1, ""), None, "None is not a whole number"),
    ],
)
def test_bad_values_are_refused_by_name(option, given, message):
    with pytest.raises(InvalidOption, match=message) as caught:
        option.check(given)
    assert caught.value.option == option.name


def test_options_are_sorted_into_load_and_call():
    assert make_spec().split_options({"steps": "8", "device": "cpu"}) == ({"device": "cpu"}, {"steps": "8"})
    with pytest.raises(InvalidOption, match="did you mean steps"):
        make_spec().split_options({"step": "8"})


def test_settings_are_parsed():
    assert parse_settings(["steps=8", "prompt=a=b", "empty="]) == {"steps": "8", "prompt": "a=b", "empty": ""}
    with pytest.raises(InvalidOption, match="KEY=VALUE"):
        parse_settings(("steps",))
    with pytest.raises(InvalidOption, match="KEY=VALUE"):
        parse_settings(("=8",))
    with pytest.raises(InvalidOption, match="twice"):
        parse_settings(("steps=8", "steps=9"))
