"""Libraries as users caption them: resumed, shared, with films and recognisers that fail."""

import json
import os
import signal
import subprocess
import time

import pytest

from tests.support import libraries
from tests.support.libraries import heard, make_library, subtitles


@pytest.fixture
def library(tmp_path):
    return make_library(tmp_path / "library", 4)


@pytest.fixture
def log(tmp_path):
    """What the recogniser noted."""
    return tmp_path / "heard.log"


def test_every_film_gets_its_subtitles_and_a_second_run_does_nothing(caption, library, log):
    code, out, err = caption(library, "--set", f"log={log}")
    assert (code, out) == (0, "")
    assert sorted(subtitles(library)) == [
        "film001.en.srt",
        "film002.en.srt",
        "series 0/film000.en.srt",
        "series 1/film003.en.srt",
    ]
    assert "film001.wav: 2 cues in en" in err
    before = heard(log)
    code, _, err = caption(library, "--set", f"log={log}")
    assert code == 0
    assert "done           0 now       4 before" in err
    assert heard(log) == before


def test_pieces_of_several_films_share_batches(caption, library, log):
    caption(library, "--set", f"log={log}")
    largest = max(int(line.split()[1]) for line in log.read_text().splitlines())
    # The longest of these films has four pieces.
    assert largest > 4


def test_a_second_format_costs_no_recognition(caption, library, log):
    caption(library, "--set", f"log={log}")
    before = heard(log)
    assert caption(library, "--set", f"log={log}", "-f", "vtt,json", "--profile", "bbc")[0] == 0
    assert heard(log) == before
    assert len(list(library.rglob("*.vtt"))) == len(list(library.rglob("*.json"))) == 4


def test_it_says_the_same_as_one_film_after_the_other(caption, diffsub, library, tmp_path):
    films = sorted(library.rglob("*.wav"))
    words = ("--lang", "en", "--backend", "scripted", "--no-diarize")
    assert diffsub(*films, *words, "-o", "one")[0] == 0
    assert diffsub(library, "-r", *words, "-o", "many")[0] == 0
    one = {name.rpartition("/")[2]: text for name, text in subtitles(tmp_path / "one").items()}
    assert {name.rpartition("/")[2]: text for name, text in subtitles(tmp_path / "many").items()} == one


def test_a_renamed_film_is_known_and_a_changed_one_is_done_again(caption, library, log):
    caption(library, "--set", f"log={log}")
    before = heard(log)
    (library / "film001.wav").rename(library / "renamed.wav")
    _, _, err = caption(library, "--set", f"log={log}")
    assert "done           1 now       3 before" in err
    assert heard(log) == before
    assert (library / "renamed.en.srt").read_bytes() == (library / "film001.en.srt").read_bytes()
    libraries.make_library(library / "new", 1, seed=9)
    (library / "new" / "series 0" / "film000.wav").replace(library / "film002.wav")
    caption(library, "--set", f"log={log}", "--overwrite")
    assert len(heard(log)) > len(before)


def test_subtitles_that_are_gone_are_written_again_without_recognition(caption, library, log):
    caption(library, "--set", f"log={log}")
    before, expected = heard(log), subtitles(library)
    (library / "film001.en.srt").unlink()
    caption(library, "--set", f"log={log}")
    assert (subtitles(library), heard(log)) == (expected, before)


def test_a_library_that_is_moved_keeps_its_journal(caption, library, log, tmp_path):
    caption(library, "--set", f"log={log}")
    before = heard(log)
    library.rename(tmp_path / "moved")
    _, _, err = caption(tmp_path / "moved", "--set", f"log={log}")
    assert "4 before" in err
    assert heard(log) == before


def test_bad_films_are_told_by_cause_and_cost_the_others_nothing(caption, diffsub, library):
    for name in ("bad1.mp4", "bad2.mp4"):
        (library / name).write_text("no film")
    (library / "empty.mkv").touch()
    code, _, err = caption(library)
    assert code == 1
    assert len(subtitles(library)) == 4
    assert "failed         3 now" in err
    assert "2 films: bad1.mp4, bad2.mp4" in err
    assert "Traceback" not in err
    code, out, _ = diffsub("status", library)
    assert code == 0
    assert "done    4" in out
    assert "empty (0 bytes)" in out
    report = json.loads(diffsub("status", library, "--json")[1])
    assert report["jobs"][0]["counts"] == {"waiting": 0, "taken": 0, "done": 4, "skipped": 0, "failed": 3}
    # What has failed is not tried again but on demand, or if the film is another now.
    (library / "film001.wav").replace(library / "empty.mkv")
    code, _, err = caption(library)
    assert "done           1 now" in err
    assert "failed         0 now       2 before" in err
    assert "failed         2 now       0 before" in caption(library, "--retry-failed")[2]


def test_films_are_forgotten_on_demand(caption, diffsub, library, log):
    caption(library, "--set", f"log={log}")
    before = len(heard(log))
    code, out, _ = diffsub("forget", library, library / "film001.wav")
    assert (code, out) == (0, "films forgotten: 1\n")
    assert diffsub("forget", library, "unknown.wav")[0] == 1
    caption(library, "--set", f"log={log}", "--overwrite")
    assert len(heard(log)) == before + 4
    diffsub("forget", library)
    caption(library, "--set", f"log={log}", "--overwrite")
    assert len(heard(log)) == 2 * before + 4
    assert diffsub("status", library / "series 0")[0] == 2


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("raise", "a bug in the plugin"),
        ("die", "exit code 7"),
        ("too few", "gave 0 transcripts"),
    ],
)
def test_a_recogniser_at_fault_fails_films_and_not_the_run(caption, library, fault, reason):
    code, _, err = caption(library, "--set", f"fault={fault}")
    assert code == 1
    assert reason in err
    assert "Traceback" not in err
    assert subtitles(library) == {}
    # The recogniser is mended: nothing of the failure stays.
    assert caption(library)[0] == 0
    assert len(subtitles(library)) == 4


def test_a_piece_that_breaks_the_recogniser_fails_its_film_alone(caption, library):
    # Only the film of ten seconds has a piece of one second, at its end.
    code, _, err = caption(library, "--set", "fault=die<1.5")
    assert code == 1
    assert "film001.wav: failed: the recogniser 'scripted' died: exit code 7" in err
    assert len(subtitles(library)) == 3


def test_a_batch_that_does_not_fit_is_halved(caption, library, log):
    assert caption(library, "--set", "fault=memory", "--set", f"log={log}")[0] == 0
    assert len(subtitles(library)) == 4


def test_a_recogniser_that_always_dies_ends_the_run(caption, tmp_path):
    library = make_library(tmp_path / "library", 12)
    code, _, err = caption(library, "--set", "fault=die")
    assert code == 1
    assert "times in a row" in err
    assert "Traceback" not in err


def test_two_and_more_processes_share_a_library(tmp_path, log):
    library = make_library(tmp_path / "library", 12)
    words = ("--set", f"log={log}", "--set", "delay_s=0.05")
    running = [
        subprocess.Popen(
            libraries.command(library, *words), env=libraries.environment(), stderr=subprocess.PIPE
        )
        for _ in range(3)
    ]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    for process in running:
        process.stderr.close()
    assert len(subtitles(library)) == 12
    assert len(heard(log)) == len(set(heard(log)))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_batch_and_the_next_run_goes_on(tmp_path, log, number):
    library = make_library(tmp_path / "library", 12)
    words = ("--set", f"log={log}", "--set", "delay_s=0.1")
    process = subprocess.Popen(
        libraries.command(library, *words), env=libraries.environment(), stderr=subprocess.PIPE, text=True
    )
    while not heard(log):
        time.sleep(0.05)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    begun = heard(log)
    assert len(begun) <= 16
    assert libraries.caption(library, *words).returncode == 0
    assert len(subtitles(library)) == 12
    # Nothing was recognised twice: what was begun was finished, and kept.
    assert len(heard(log)) == len(set(heard(log)))


def test_a_second_signal_stops_at_once(tmp_path, log):
    library = make_library(tmp_path / "library", 6)
    words = ("--set", f"log={log}", "--set", "delay_s=20")
    process = subprocess.Popen(
        libraries.command(library, *words), env=libraries.environment(), stderr=subprocess.PIPE, text=True
    )
    while not heard(log):
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert subtitles(library) == {}
    assert libraries.caption(library).returncode == 0
    assert len(subtitles(library)) == 6


def test_a_tree_is_mirrored_and_no_link_leads_out_of_it(caption, library, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "series 0").symlink_to(outside)
    code, _, err = caption(library, "-o", tmp_path / "out")
    assert code == 1
    assert "leads out of" in err
    assert sorted(subtitles(tmp_path / "out")) == [
        "film001.en.srt",
        "film002.en.srt",
        "series 1/film003.en.srt",
    ]
    assert list(outside.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_recognised(caption, library, log, tmp_path):
    (tmp_path / "out").write_text("in the way")
    code, _, err = caption(library, "-o", tmp_path / "out" / "deeper", "--set", f"log={log}")
    assert code == 1
    assert "cannot write" in err
    assert heard(log) == []


@pytest.mark.parametrize(
    "name", ["-r.wav", "two\nlines.wav", "$(touch pwned); rm -rf *.wav", "*.wav", "\udce9.wav"]
)
def test_a_name_is_a_name(caption, tmp_path, name):
    library = make_library(tmp_path / "library", 2)
    (library / "film001.wav").rename(library / name)
    assert caption(library)[0] == 0
    assert os.path.exists(library / f"{name.removesuffix('.wav')}.en.srt")
    assert not (tmp_path / "pwned").exists()


def test_what_is_left_is_said_with_its_reason(caption, library):
    (library / "film001.de.vtt").write_text("WEBVTT")
    (library / "film002.en.ass").write_text("")
    _, _, err = caption(library, "--skip-subtitled", "--min-length", "9.5", "--exclude", "series 1/*")
    assert "film002.wav: skipped: there is 'film002.en.ass'" in err
    assert "series 0/film000.wav: skipped: it is 9 s long, less than 9.5 s" in err
    assert "series 1/film003.wav: left: its name fits 'series 1/*'" in err
    assert sorted(subtitles(library)) == ["film001.en.srt"]


def test_a_dry_run_says_all_that_and_does_nothing(caption, library):
    code, out, _ = caption(library, "--dry-run", "--shard", "1/2")
    assert code == 0
    assert out.count("would write") + out.count("would be left: it is not in part 1 of 2") == 4
    assert subtitles(library) == {}
    assert not (library / ".diffsub").exists()


def test_the_parts_of_a_library_make_the_whole(caption, library, tmp_path):
    for part in (1, 2, 3):
        assert caption(library, "--shard", f"{part}/3", "--journal", tmp_path / f"{part}.sqlite")[0] == 0
    assert len(subtitles(library)) == 4
    assert not (library / ".diffsub").exists()


def test_a_list_of_films_is_taken_from_a_file(diffsub, library, tmp_path):
    (tmp_path / "list").write_text(f"{library / 'film001.wav'}\n{library / 'gone.wav'}\n")
    words = ["--films-from", "list", "--lang", "en", "--no-diarize", "--backend", "scripted"]
    code, _, err = diffsub(*words, "--executor", "scripted")
    assert code == 1
    assert "there is no file" in err or "No such file" in err
    assert sorted(subtitles(library)) == ["film001.en.srt"]
    assert (tmp_path / ".diffsub" / "journal.sqlite").exists()


def test_programs_can_follow_a_run(caption, library, tmp_path):
    (library / "bad.mp4").write_text("no film")
    caption(library, "--json-log", tmp_path / "log.json", "--metrics-file", tmp_path / "diffsub.prom")
    events = [json.loads(line) for line in (tmp_path / "log.json").read_text().splitlines()]
    settled = {event["film"]: event["state"] for event in events if event["event"] == "settled"}
    assert sorted(settled.values()) == ["done"] * 4 + ["failed"]
    assert settled["bad.mp4"] == "failed"
    assert sum(event.get("speech_s", 0) for event in events) == pytest.approx(42, abs=0.1)
    assert events[-1]["event"] == "ended"
    metrics = (tmp_path / "diffsub.prom").read_text()
    assert 'diffsub_films{state="done"} 4' in metrics
    assert 'diffsub_films{state="failed"} 1' in metrics


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--executor", "scriptd"], "did you mean scripted?"),
        (["--shard", "3/2"], "is no part of a library"),
        (["--route", "en"], "is no route"),
        (["--route", "en=nobody"], "no recogniser is called 'nobody'"),
        (["-o", "-"], "one film"),
        (["-o", "x.srt"], "one file"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_done(caption, library, words, message):
    code, _, err = caption(library, *words)
    assert code == 2
    assert message in err
    assert subtitles(library) == {}


def test_without_a_film_or_a_folder_there_is_nothing_to_do(diffsub):
    code, _, err = diffsub("--lang", "en")
    assert code == 2
    assert "name the films" in err
