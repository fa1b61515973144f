"""Films that come into a folder are given out once they have stopped growing; other files never."""

import time
from threading import Event, Thread

import pytest

from subtitle_cli.library.finding import Rules
from subtitle_cli.library.watch import Watcher
from tests.support.libraries import caption, command, environment, make_library, subtitles


@pytest.fixture
def watch(tmp_path):
    """Starts to watch; a list that films' places come into."""
    stopping, threads = Event(), []

    def start(settle_s=0.3, rules=Rules()):  # noqa: B008
        places = []

        def take():
            with Watcher(tmp_path, rules, settle_s, stopping, lambda: None) as films:
                places.extend([None])
                for found in films:
                    places.append(str(found.place))

        threads.append(Thread(target=take))
        threads[0].start()
        wait_for(lambda: places)
        return places

    yield start
    stopping.set()
    for thread in threads:
        thread.join()


def wait_for(condition, seconds=20.0):
    deadline_s = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline_s, "it did not come"
        time.sleep(0.05)


def test_films_that_are_there_and_films_that_come_are_given_out(watch, tmp_path):
    (tmp_path / "old.mkv").write_text("x")
    places = watch()
    (tmp_path / "new.mkv").write_text("x")
    (tmp_path / "new.srt").write_text("x")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "1.wav").write_text("x")
    wait_for(lambda: len(places) == 4)
    assert sorted(places[1:]) == ["new.mkv", "old.mkv", "parts/1.wav"]


def test_a_folder_that_is_moved_in_brings_its_films(watch, tmp_path_factory, tmp_path):
    places = watch()
    outside = tmp_path_factory.mktemp("outside") / "series"
    outside.mkdir()
    (outside / "1.wav").write_text("x")
    outside.rename(tmp_path / "series")
    wait_for(lambda: places[1:] == ["series/1.wav"])


def test_a_film_is_given_out_when_it_has_stopped_growing(watch, tmp_path):
    places = watch(settle_s=1.5)
    with (tmp_path / "growing.mkv").open("w") as film:
        for _ in range(10):
            film.write("more")
            film.flush()
            time.sleep(0.25)
            assert places == [None]
    wait_for(lambda: places[1:] == ["growing.mkv"])


def test_what_is_left_out_of_a_library_is_left_out_here(watch, tmp_path):
    for folder in ("marked", ".hidden"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1.wav").write_text("x")
    (tmp_path / "marked" / ".diffsub-skip").touch()
    places = watch(rules=Rules(exclude=["sample*"]))
    (tmp_path / "sample.mkv").write_text("x")
    (tmp_path / "marked" / "2.wav").write_text("x")
    (tmp_path / "last.mkv").write_text("x")
    wait_for(lambda: len(places) > 1)
    assert places[1:] == ["last.mkv"]


def test_the_command_captions_what_comes_until_it_is_stopped(tmp_path):
    import signal
    import subprocess

    library = make_library(tmp_path / "library", 1)
    words = [word for word in command(library, "--settle", "0.3") if word != "-r"]
    words.insert(words.index("subtitle_cli") + 1, "watch")
    process = subprocess.Popen(words, env=environment())
    try:
        wait_for(lambda: len(subtitles(library)) == 1, 60)
        make_library(library / "new", 2, seed=1)
        wait_for(lambda: len(subtitles(library)) == 3, 60)
    finally:
        process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130
    assert caption(library).returncode == 0
