"""`diffsub check` as users type it, on subtitles whose faults are known, and on a film with real speech."""

import json

import pytest

GOOD = "1\n00:00:01,000 --> 00:00:03,000\nOne line of text.\n\n2\n00:00:04,000 --> 00:00:06,000\nAnother.\n"
BAD = GOOD.replace("Another.", "x" * 50) + "\n3\n00:00:06,010 --> 00:00:06,100\nFast\n"


@pytest.fixture
def written(tmp_path):
    def write(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write


def test_good_subtitles_conform(diffsub, written):
    code, out, err = diffsub("check", written("movie.en.srt", GOOD))
    assert (code, err) == (0, "")
    assert out.startswith("movie.en.srt: 2 cues, srt, utf-8, language en\nprofile netflix: ")
    assert out.endswith("\nconforms\n")


def test_bad_ones_do_not_and_each_fault_is_shown_with_number_and_time(diffsub, written):
    code, out, _ = diffsub("check", written("movie.de.srt", BAD))
    assert code == 1
    assert "line length    at most 42 characters           66.6 %   1" in out
    assert "  00:00:04,000  #2        50  xxxxx" in out
    assert "  00:00:06,010  #3        90  Fast" in out
    assert "frame rate unknown (--video or --frame-rate tells it), taken as 30" in out
    assert out.splitlines()[-1] == "does not conform: line length, reading speed, shortest, gap"


def test_styling_is_neither_counted_nor_judged(diffsub, written):
    styled = GOOD.replace("Another.", "<i>" + "x" * 42 + "</i>").replace("06,000", "08,000")
    code, out, _ = diffsub("check", written("movie.hi.srt", styled), "--json")
    assert (code, json.loads(out)["violations"]) == (0, [])


def test_fewer_may_be_asked_for(diffsub, written):
    code, out, _ = diffsub("check", written("movie.de.srt", BAD), "--min-share", "30")
    assert code == 0
    assert out.endswith("conforms (asked for: 30.0 % within each)\n")


def test_json_tells_all(diffsub, written):
    code, out, _ = diffsub(
        "check", written("movie.srt", BAD), "--json", "--lang", "deu", "--frame-rate", "23.976"
    )
    told = json.loads(out)
    assert code == 1
    assert (told["language"], told["frame_rate"], told["conforms"]) == ("de", "24000/1001", False)
    lines = told["limits"][0]
    assert lines == {
        "name": "line length",
        "unit": "characters",
        "at_most": 42,
        "share": 0.6667,
        "cues_outside": 1,
    }
    assert told["violations"][0] == {
        "cue": 2,
        "start_ms": 4000,
        "end_ms": 6000,
        "text": "x" * 50,
        "limit": "line length",
        "value": 50,
    }
    assert (told["flaws"], told["coverage"]) == ([], None)


def test_what_cannot_be_read_never_conforms(diffsub, written):
    text = GOOD + "\n3\n00:00:0x,000 --> 00:00:09,000\nlost\n"
    code, out, _ = diffsub("check", written("movie.srt", text), "--min-share", "0.1")
    assert code == 1
    assert "language unknown (--lang tells it)" in out
    assert "cannot be read\n  line 10: times that cannot be read" in out


def test_profiles_differ(diffsub, written):
    text = GOOD.replace("One line of text.", "x" * 40)
    assert diffsub("check", written("movie.en.srt", text))[0] == 0
    code, out, _ = diffsub("check", "movie.en.srt", "--profile", "bbc")
    assert code == 1
    assert "does not conform: line length" in out


def test_only_the_gravest_are_shown(diffsub, written):
    cues = (
        f"{n}\n00:00:{2 * n:02d},000 --> 00:00:{2 * n + 1:02d},900\n{'x' * (42 + n)}\n" for n in range(1, 9)
    )
    _, out, _ = diffsub("check", written("movie.en.srt", "\n".join(cues)))
    block = out[out.index("line length: ") :].split("\n\n")[0].splitlines()
    assert len(block) == 7
    assert "#8 " in block[1]
    assert block[-1] == "  ... and 3 more; --json lists all"


def test_with_the_film_speech_and_cues_are_compared(diffsub, written, talking_film):
    # In the film, the first word comes at 6.7 s, and somebody speaks to its end at 30 s.
    text = (
        "1\n00:00:02,000 --> 00:00:04,000\nInvented.\n\n"
        "2\n00:00:06,700 --> 00:00:13,000\nA\n\n3\n00:00:18,000 --> 00:00:25,000\nB\n"
    )
    code, out, _ = diffsub("check", written("movie.en.srt", text), "--video", talking_film, "--json")
    told = json.loads(out)
    assert code == 1
    assert told["frame_rate"] == "25"
    assert told["failures"] == ["speech with a cue", "cues with speech"]
    assert told["coverage"]["cues_without_speech"] == [{"cue": 1, "start_ms": 2000, "end_ms": 4000}]
    missing = told["coverage"]["speech_without_cue"]
    assert missing[0]["start_ms"] == 13300
    assert 7 < sum(each["end_ms"] - each["start_ms"] for each in missing) / 1000 < 10
    code, out, _ = diffsub("check", "movie.en.srt", "--video", talking_film, "--quiet")
    assert "\ncues without speech\n  00:00:02,000 - 00:00:04,000   2.0 s  #1    Invented.\n" in out
    assert "\nspeech without a cue\n  00:00:" in out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["movie.en.srt", "--profile", "netfix"], 2, "no profile is called 'netfix'"),
        (["movie.en.srt", "--lang", "klingonish"], 2, "is no language"),
        (["movie.en.srt", "--frame-rate", "fast"], 2, "--frame-rate fast is none that films have"),
        (["movie.en.srt", "--frame-rate", "1/0"], 2, "--frame-rate 1/0 is none that films have"),
        (["movie.en.srt", "--frame-rate", "26.4"], 2, "--frame-rate 26.4 is none that films have"),
        (["movie.en.srt", "--min-share", "101"], 2, "--min-share"),
        (["gone.srt"], 1, "there is no file 'gone.srt'"),
        (["movie.en.srt", "--video", "gone.mp4"], 1, "there is no file 'gone.mp4'"),
    ],
)
def test_wrong_usage_and_missing_files_are_told(diffsub, written, words, code, message):
    written("movie.en.srt", GOOD)
    found, out, err = diffsub("check", *words)
    assert found == code
    assert message in err
    assert out == ""
