import click
import pytest

from subtitle_cli.cli import caption
from subtitle_cli.config import (
    CONFIG_NAME,
    Configured,
    config_files,
    long_options,
    read_config,
    split_settings,
)
from subtitle_cli.errors import UsageError

OPTIONS = long_options(caption)


def write(folder, text):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG_NAME).write_text(text)
    return folder / CONFIG_NAME


def test_the_folders_file_goes_before_the_users(tmp_path):
    user = write(tmp_path / "user", 'lang = "fr"\nspeakers = 2\n')
    folder = write(tmp_path / "folder", 'lang = "de"\n')
    assert read_config([user, folder], OPTIONS) == {
        "lang": Configured("de", folder),
        "speakers": Configured(2, user),
    }


def test_both_places_are_looked_at(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    assert config_files() == []
    user = write(tmp_path / "config" / "diffsub", "")
    here = write(tmp_path, "")
    assert config_files() == [user, here]


def test_the_recognisers_options_are_told_apart(tmp_path):
    file = write(tmp_path, 'format = "vtt"\n[set]\nsteps = 8\ndevice = "cpu"\n')
    own, settings = split_settings(read_config([file], OPTIONS))
    assert own == {"format": "vtt"}
    assert settings == {"steps": 8, "device": "cpu"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("langg = 'de'", "no option is called 'langg'; did you mean lang?"),
        ("speakers = 'many'", "speakers = 'many'"),
        ("speakers = 0", "speakers = 0"),
        ("speakers = [1, 2]", "one plain value"),
        ("diarize = 'no'", "write true or false"),
        ("task = 'sing'", "task = 'sing'"),
        ("set = 3", "must be a table"),
        ("[set]\nsteps = [8]", "must be a table of plain values"),
        ("lang = ", "cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_its_file(tmp_path, text, message):
    file = write(tmp_path, text)
    with pytest.raises(UsageError, match=CONFIG_NAME) as caught:
        read_config([file], OPTIONS)
    assert message in str(caught.value)


def defaults(tmp_path, monkeypatch, text, *words):
    """What the command line gives, with that file in the working folder."""
    write(tmp_path, text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    return caption.make_context("caption", ["film.mp4", *words]).params


def test_the_command_line_goes_before_the_files(tmp_path, monkeypatch):
    text = 'lang = "de"\ndiarize = false\n[set]\nsteps = 8\nthreshold = 0.5\n'
    given = defaults(tmp_path, monkeypatch, text, "--lang", "fr", "--set", "steps=4")
    assert given["languages"] == "fr"
    assert given["diarize"] is False
    assert sorted(given["settings"]) == ["steps=4", "threshold=0.5"]


def test_without_files_nothing_changes(tmp_path, monkeypatch):
    given = defaults(tmp_path, monkeypatch, "")
    assert given["languages"] is None
    assert given["diarize"] is True
    assert given["settings"] == ()


def test_every_option_of_one_value_may_be_configured():
    singles = {o.opts[-1] for o in caption.params if isinstance(o, click.Option) and not o.multiple}
    assert {f"--{name}" for name in OPTIONS} == singles
