import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from subtitle_cli.errors import OutputError, UsageError
from subtitle_cli.output import Destination, Target, choose_destination, make_plan, write

FILM = Path("films/movie.mp4")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def plan_of(destination, formats):
    return make_plan(destination.targets(FILM, "de", formats))


@pytest.mark.parametrize(
    ("film", "language", "expected"),
    [
        ("films/movie.mp4", "de", "films/movie.de.srt"),
        ("movie.part1.mkv", "zh-Hans", "movie.part1.zh-Hans.srt"),
        ("no suffix", "en", "no suffix.en.srt"),
        ("/abs/-x.mp3", "fr", "/abs/-x.fr.srt"),
        ("-", "en", "stdin.en.srt"),
    ],
)
def test_subtitles_lie_beside_their_film(film, language, expected):
    destination = choose_destination(None, [Path(film)], ["srt"])
    assert destination.path(Path(film), language, "srt") == Path(expected)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("out", "out/movie.de.vtt"),
        ("out/sub/", "out/sub/movie.de.vtt"),
        ("x.vtt", "x.vtt"),
        ("./-", "-/movie.de.vtt"),
    ],
)
def test_a_folder_or_a_file_may_be_named(output, expected):
    assert choose_destination(output, [FILM], ["vtt"]).path(FILM, "de", "vtt") == Path(expected)


def test_a_folder_that_looks_like_a_file_is_a_folder(tmp_path):
    folder = tmp_path / "x.srt"
    folder.mkdir()
    assert choose_destination(str(folder), [FILM], ["srt"]).path(FILM, "de", "srt") == folder / "movie.de.srt"


@pytest.mark.parametrize("output", ["-", "x.srt"])
@pytest.mark.parametrize(
    ("films", "formats"),
    [([FILM, Path("b.mp4")], ["srt"]), ([FILM], ["srt", "vtt"])],
    ids=["films", "formats"],
)
def test_one_place_takes_one_text(output, films, formats):
    with pytest.raises(UsageError, match="give one film and one format"):
        choose_destination(output, films, formats)


def test_a_file_of_another_format_is_wrong_usage():
    with pytest.raises(UsageError, match=r"-o x\.vtt does not fit the format 'srt'"):
        choose_destination("x.vtt", [FILM], ["srt"])


@pytest.mark.parametrize(
    ("output", "films"),
    [
        ("out", ["a/movie.mp4", "b/movie.mkv"]),
        (None, ["movie.mp4", "movie.mkv"]),
        (None, ["movie.mp4", "movie.mp4"]),
        (None, ["movie.mp4", "./x/../movie.mp4"]),
        ("out", ["-", "-"]),
    ],
)
def test_two_films_never_share_a_name(output, films):
    with pytest.raises(UsageError, match="would have subtitles of one name") as caught:
        choose_destination(output, [Path(film) for film in films], ["srt"])
    assert all(repr(str(Path(film))) in str(caught.value) for film in films)


def test_films_of_one_name_in_two_folders_are_fine():
    films = [Path("a/movie.mp4"), Path("b/movie.mp4")]
    paths = {choose_destination(None, films, ["srt"]).path(film, "de", "srt") for film in films}
    assert paths == {Path("a/movie.de.srt"), Path("b/movie.de.srt")}


def test_what_exists_is_skipped_and_the_rest_is_planned(tmp_path):
    (tmp_path / "movie.de.srt").write_text("old")
    plan = plan_of(Destination(folder=tmp_path), ["srt", "vtt"])
    assert plan.skipped == (tmp_path / "movie.de.srt",)
    assert [target.path for target in plan.targets] == [tmp_path / "movie.de.vtt"]


def test_a_link_that_leads_nowhere_exists_too(tmp_path):
    (tmp_path / "movie.de.srt").symlink_to("nowhere")
    assert plan_of(Destination(folder=tmp_path), ["srt"]).targets == ()


def test_with_overwrite_nothing_is_skipped(tmp_path):
    (tmp_path / "movie.de.srt").write_text("old")
    plan = plan_of(Destination(folder=tmp_path, overwrite=True), ["srt"])
    assert plan.skipped == ()
    write(plan.targets[0], "new")
    assert (tmp_path / "movie.de.srt").read_text() == "new"
    assert names(tmp_path) == ["movie.de.srt"]


def test_who_reads_the_old_file_meanwhile_reads_it_whole(tmp_path):
    path = tmp_path / "movie.de.srt"
    path.write_text("old")
    with path.open() as reader:
        write(Target("srt", path, overwrite=True), "new")
        assert reader.read() == "old"
    assert path.read_text() == "new"


def test_missing_folders_are_made_when_they_are_made_ready_and_not_before(tmp_path):
    plan = plan_of(Destination(folder=tmp_path / "a" / "b"), ["srt"])
    assert names(tmp_path) == []
    plan.make_ready()
    assert names(tmp_path / "a" / "b") == []
    write(plan.targets[0], "text")
    assert names(tmp_path / "a" / "b") == ["movie.de.srt"]


def test_a_file_is_written_as_utf_8_with_lf(tmp_path):
    write(Target("srt", tmp_path / "a.srt"), "Grüß\n電影\n")
    assert (tmp_path / "a.srt").read_bytes() == "Grüß\n電影\n".encode()


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_umask_decides_who_may_read_it(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write(Target("srt", tmp_path / "a.srt"), "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.srt").stat().st_mode) == mode


def test_a_name_as_long_as_names_can_be_is_fine(tmp_path):
    path = tmp_path / ("x" * 251 + ".srt")
    write(Target("srt", path), "text")
    assert path.read_text() == "text"


def test_a_name_that_is_too_long_is_told(tmp_path):
    with pytest.raises(OutputError, match=r"cannot write .*: File name too long"):
        write(Target("srt", tmp_path / ("x" * 252 + ".srt")), "text")
    assert names(tmp_path) == []


def test_standard_output_gets_utf_8_whatever_the_locale_is():
    program = (
        "from subtitle_cli.output import *\n"
        "from pathlib import Path\n"
        "film = Path('a.mp4')\n"
        "(target,) = choose_destination('-', [film], ['srt']).targets(film, 'de', ['srt'])\n"
        "write(target, 'Grüß 電影\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == "Grüß 電影\n".encode()


def test_a_file_that_came_up_meanwhile_is_left_alone(tmp_path):
    plan = plan_of(Destination(folder=tmp_path), ["srt"])
    (tmp_path / "movie.de.srt").write_text("somebody else's")
    with pytest.raises(OutputError, match="come up meanwhile, and is left alone"):
        write(plan.targets[0], "ours")
    assert (tmp_path / "movie.de.srt").read_text() == "somebody else's"
    assert names(tmp_path) == ["movie.de.srt"]


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path):
    (tmp_path / "a.srt").mkdir()
    with pytest.raises(OutputError, match="Is a directory") as caught:
        write(Target("srt", tmp_path / "a.srt", overwrite=True), "text")
    assert caught.value.path == tmp_path / "a.srt"
    assert names(tmp_path) == ["a.srt"]


def test_a_file_in_the_place_of_the_folder_is_told_before_any_work(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match=r"cannot write .*out'"):
        plan_of(Destination(folder=tmp_path / "out"), ["srt"]).make_ready()


@pytest.mark.skipif(
    not Path("/proc/self").is_dir(), reason="there is no folder that even root cannot write to"
)
def test_a_folder_that_may_not_be_written_to_is_told_before_any_work():
    with pytest.raises(OutputError, match="cannot write '/proc/self'"):
        plan_of(Destination(folder=Path("/proc/self")), ["srt"]).make_ready()


def in_a_process_with_little_room(folder, program):
    """Files of that process may have 4 kB at most, which writes meet as they meet a full disk: half way."""
    limit = (
        "import resource, signal; from pathlib import Path; from subtitle_cli.output import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
    )
    return subprocess.run([sys.executable, "-c", limit + program], capture_output=True, text=True, cwd=folder)


@pytest.mark.parametrize("existing", [None, "old"])
def test_a_disk_that_fills_up_leaves_nothing_half_written(tmp_path, existing):
    if existing:
        (tmp_path / "a.srt").write_text(existing)
    done = in_a_process_with_little_room(
        tmp_path, "write(Target('srt', Path('a.srt'), overwrite=True), 'x' * 100_000)"
    )
    assert "OutputError: cannot write 'a.srt': File too large" in done.stderr
    assert names(tmp_path) == (["a.srt"] if existing else [])
    if existing:
        assert (tmp_path / "a.srt").read_text() == existing


def test_an_interrupt_leaves_nothing_half_written(tmp_path, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(Target("srt", tmp_path / "a.srt"), "text")
    assert names(tmp_path) == []
