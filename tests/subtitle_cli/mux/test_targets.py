from pathlib import Path

import pytest

from subtitle_cli.errors import UsageError
from subtitle_cli.mux import FilmWish, check_wishes, film_target
from subtitle_cli.mux.containers import MATROSKA, MP4, WEBM, container_of
from subtitle_cli.mux.embed import language_code
from subtitle_cli.output import Destination

FILM = Path("films/movie.mp4")


@pytest.mark.parametrize(
    ("film", "kind", "expected"),
    [
        ("films/movie.mkv", "embed", "films/movie.de.embedded.mkv"),
        ("films/movie.MP4", "burn", "films/movie.de.burned.MP4"),
        ("a.b.webm", "embed", "a.b.de.embedded.webm"),
        ("old.avi", "embed", "old.de.embedded.mkv"),
        ("no suffix", "burn", "no suffix.de.burned.mkv"),
    ],
)
def test_a_film_with_subtitles_lies_beside_the_film(film, kind, expected):
    assert film_target(Path(film), "de", FilmWish(kind), Destination()).path == Path(expected)


def test_it_goes_where_the_subtitles_go_unless_a_file_is_named():
    destination = Destination(folder=Path("out"), overwrite=True)
    target = film_target(FILM, "de", FilmWish("embed"), destination)
    assert (target.format, target.path, target.overwrite) == (
        "embed",
        Path("out/movie.de.embedded.mp4"),
        True,
    )
    named = FilmWish("burn", Path("x/y.mkv"))
    assert film_target(FILM, "de", named, destination).path == Path("x/y.mkv")
    assert film_target(FILM, "de", FilmWish("embed"), Destination(stdout=True)).path == Path(
        "films/movie.de.embedded.mp4"
    )


@pytest.mark.parametrize(
    ("wishes", "films", "told"),
    [
        ([FilmWish("burn")], ["-"], "needs the film as a file"),
        ([FilmWish("burn", Path("x.mkv"))], ["a.mp4", "b.mp4"], "is one file: give one film"),
        ([FilmWish("embed", Path("x.avi"))], ["a.mp4"], r"'x\.avi': name a file in \.mkv"),
        ([FilmWish("embed", Path("./a.mp4"))], ["a.mp4"], "is the film itself"),
        ([FilmWish("embed", Path("x.mkv")), FilmWish("burn", Path("./x.mkv"))], ["a.mp4"], "named twice"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(wishes, films, told):
    with pytest.raises(UsageError, match=told):
        check_wishes(wishes, [Path(film) for film in films])


def test_the_film_is_known_under_another_name(tmp_path):
    film = tmp_path / "a.mp4"
    film.touch()
    (tmp_path / "b.mp4").symlink_to(film)
    (tmp_path / "c.mp4").hardlink_to(film)
    for name in ("b.mp4", "c.mp4"):
        with pytest.raises(UsageError, match="is the film itself"):
            check_wishes([FilmWish("burn", tmp_path / name)], [film])


def test_sane_wishes_pass():
    check_wishes([], [Path("-")])
    check_wishes([FilmWish("embed"), FilmWish("burn")], [Path("a.mp4"), Path("b.mp4")])
    check_wishes([FilmWish("embed", Path("x.mkv")), FilmWish("burn", Path("y.mkv"))], [Path("a.mp4")])


@pytest.mark.parametrize(
    ("language", "matroska", "mp4"),
    [("de", "ger", "deu"), ("en", "eng", "eng"), ("zh-Hans", "chi", "zho"), ("pt-BR", "por", "por"),
     ("fr", "fre", "fra"), ("yue", "yue", "yue"), ("und", "und", "und"), ("xx", "und", "und"),
     ("no tag", "und", "und")],
)  # fmt: skip
def test_languages_are_tagged_as_each_container_names_them(language, matroska, mp4):
    assert language_code(language, MATROSKA) == matroska
    assert language_code(language, MP4) == mp4


def test_containers_go_by_suffix():
    assert container_of(Path("x.WebM")) is WEBM
    with pytest.raises(UsageError, match="cannot be written"):
        container_of(Path("x.srt"))
