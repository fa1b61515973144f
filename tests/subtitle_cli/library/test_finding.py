"""Which films a library has, and why others are left."""

import io
import os
from pathlib import Path

import pytest

from subtitle_cli.errors import MediaError, UsageError
from subtitle_cli.library.finding import Rules, Shard, find_films, parse_shard, read_list
from subtitle_cli.library.fingerprint import BLOCK_BYTES, fingerprint, stamp


@pytest.fixture
def library(tmp_path):
    for name in ("b.mkv", "a.MP4", "notes.txt", "series/1.wav", "series/2.wav", ".hidden/x.mkv", "._a.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def found(library, *wanted, rules=None):
    """Places, with the reasons of those that are left."""
    films = find_films(library, [library / each for each in wanted] or [library], rules or Rules())
    return {str(film.place): film.left for film in films}


def test_films_are_found_by_their_suffix_at_every_depth(library):
    assert list(found(library)) == ["a.MP4", "b.mkv", "series/1.wav", "series/2.wav"]


def test_films_folders_and_patterns_are_taken_once_each(library):
    assert list(found(library, "series", "series/*.wav", "b.mkv", "**/*.mkv")) == [
        "series/1.wav",
        "series/2.wav",
        "b.mkv",
    ]


def test_a_named_file_is_taken_whatever_it_is_called_and_whether_or_not_it_is_there(library):
    assert found(library, "notes.txt", "gone.mkv") == {"notes.txt": None, "gone.mkv": None}


def test_a_film_outside_has_its_whole_path_for_a_place(library, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "far.mkv"
    other.write_text("far")
    assert [film.place for film in find_films(library, [other], Rules())] == [other]


def test_patterns_leave_films(library):
    assert found(library, rules=Rules(exclude=["*.MP4", "series/1*"])) == {
        "a.MP4": "its name fits '*.MP4'",
        "b.mkv": None,
        "series/1.wav": "its name fits 'series/1*'",
        "series/2.wav": None,
    }


def test_markers_leave_films_and_folders(library):
    (library / "b.mkv.diffsub-skip").touch()
    (library / "series" / ".diffsub-skip").touch()
    left = found(library)
    assert "b.mkv.diffsub-skip" in left["b.mkv"]
    assert ".diffsub-skip" in left["series"]
    assert "series/1.wav" not in left


def test_films_that_diffsub_made_are_left(library):
    (library / "b.de.embedded.mkv").touch()
    assert found(library)["b.de.embedded.mkv"] == "diffsub made it"


def test_two_films_whose_subtitles_would_have_one_name_are_not_both_done(library):
    (library / "b.mp4").touch()
    assert found(library)["b.mp4"] == "its subtitles would have the name of those of 'b.mkv'"
    assert found(library, rules=Rules(exclude=["b.mkv"]))["b.mp4"] is None


def test_links_to_films_are_followed_and_links_to_folders_are_not(library, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "far.mkv").touch()
    (library / "linked.mkv").symlink_to(outside / "far.mkv")
    (library / "folder").symlink_to(outside)
    (library / "circle").symlink_to(library)
    assert "linked.mkv" in found(library)
    assert not [place for place in found(library) if place.startswith(("folder", "circle"))]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_parts_of_a_library_hold_each_film_once(library, count):
    for number in range(30):
        (library / f"film{number}.ogg").touch()
    parts = [found(library, rules=Rules(shard=Shard(part + 1, count))) for part in range(count)]
    for place in parts[0]:
        assert [part[place] for part in parts].count(None) == 1
    assert all(None in part.values() for part in parts)


def test_parts_are_read():
    assert parse_shard("2/8") == Shard(2, 8)
    for wrong in ("0/8", "9/8", "8", "a/b", "1/0", "-1/2", "1/2/3"):
        with pytest.raises(UsageError, match="is no part of a library"):
            parse_shard(wrong)


def test_lists_have_a_name_a_line_or_nul_between_them():
    assert read_list(io.StringIO("a.mkv\n\nb c.mkv\n")) == [Path("a.mkv"), Path("b c.mkv")]
    assert read_list(io.StringIO("a\nb.mkv\0-c.mkv\0")) == [Path("a\nb.mkv"), Path("-c.mkv")]


def test_a_fingerprint_is_of_the_content_and_not_of_the_name(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    content = bytearray(os.urandom(5 * BLOCK_BYTES + 17))
    for path in (one, two):
        path.write_bytes(content)
    assert fingerprint(one) == fingerprint(two)
    assert len(fingerprint(one)) == 16
    for place in (0, len(content) // 2, len(content) - 1):
        changed = bytearray(content)
        changed[place] ^= 1
        two.write_bytes(changed)
        assert fingerprint(one) != fingerprint(two)
    two.write_bytes(content + b"\0")
    assert fingerprint(one) != fingerprint(two)
    (tmp_path / "empty").touch()
    assert fingerprint(tmp_path / "empty") != fingerprint(one)


def test_a_film_that_is_gone_is_told(tmp_path):
    for ask in (stamp, fingerprint):
        with pytest.raises(MediaError, match="No such file"):
            ask(tmp_path / "gone.mkv")
