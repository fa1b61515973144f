"""What a user names as a set: files, folders and public sets."""

import pytest

from diffasr_plugin.evaluate import loaders
from diffasr_plugin.evaluate.errors import DatasetUnavailable
from diffasr_plugin.evaluate.loaders import SETS, SetOptions, SpeechSet, open_sets
from diffasr_plugin.evaluate.manifest import Clip, write_manifest


@pytest.fixture
def manifest(tmp_path):
    clips = [Clip(tmp_path / f"{name}.wav", name, language) for name, language in (("a", "de"), ("b", "en"))]
    return str(write_manifest(tmp_path / "mine.jsonl", clips))


def names(sets):
    return {name: [clip.text for clip in clips] for name, clips in sets.items()}


def test_a_manifest_is_called_by_its_stem(manifest, tmp_path):
    assert names(open_sets([manifest], SetOptions(tmp_path))) == {"mine": ["a", "b"]}


def test_only_one_language_and_only_the_first(manifest, tmp_path):
    assert names(open_sets([manifest], SetOptions(tmp_path, "en"))) == {"mine": ["b"]}
    assert names(open_sets([manifest], SetOptions(tmp_path, None, 1))) == {"mine": ["a"]}


def test_a_language_that_is_not_in_it(manifest, tmp_path):
    with pytest.raises(DatasetUnavailable, match="no clip in the language 'fr'"):
        open_sets([manifest], SetOptions(tmp_path, "fr"))


def test_two_of_one_name(manifest, tmp_path):
    with pytest.raises(DatasetUnavailable, match="'mine': given twice"):
        open_sets([manifest, manifest], SetOptions(tmp_path))


def test_a_folder_needs_a_language(tmp_path):
    folder = tmp_path / "talks"
    folder.mkdir()
    (folder / "a.wav").touch()
    (folder / "a.txt").write_text("Hallo\n")
    with pytest.raises(DatasetUnavailable, match="say its language with --lang"):
        open_sets([str(folder)], SetOptions(tmp_path))
    sets = open_sets([str(folder)], SetOptions(tmp_path, "de"))
    assert sets == {"talks": [Clip(folder / "a.wav", "Hallo", "de")]}


def test_an_unknown_name_brings_the_nearest(tmp_path):
    with pytest.raises(DatasetUnavailable, match="did you mean librivox"):
        open_sets(["libriwox"], SetOptions(tmp_path))


@pytest.fixture
def public(monkeypatch):
    """A public set of three clips that remembers what was asked of it."""
    asked = []

    def clips(folder, limit):
        asked.append(limit)
        found = [Clip(folder / f"{number}.wav", str(number), "de") for number in range(3)]
        return found[:limit]

    monkeypatch.setattr(loaders, "SETS", {**SETS, "public": SpeechSet("three clips", clips)})
    return asked


def test_a_public_set_is_fetched_once(public, tmp_path):
    for _ in range(2):
        assert names(open_sets(["public"], SetOptions(tmp_path))) == {"public": ["0", "1", "2"]}
    assert public == [None]
    assert names(open_sets(["public"], SetOptions(tmp_path, None, 2))) == {"public": ["0", "1"]}
    assert public == [None]


def test_the_first_few_do_not_pass_for_the_whole(public, tmp_path):
    for _ in range(2):
        assert names(open_sets(["public"], SetOptions(tmp_path, None, 2))) == {"public": ["0", "1"]}
    assert names(open_sets(["public"], SetOptions(tmp_path))) == {"public": ["0", "1", "2"]}
    assert public == [2, None]


def test_all_public_sets_have_published_names():
    from diffasr_plugin.evaluate.published import ROWS

    assert {row.set_name for row in ROWS} <= set(SETS)
