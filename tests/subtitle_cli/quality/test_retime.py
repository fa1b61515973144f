"""`diffsub retime` as users type it, on films of real speech whose words' times are known."""

import json
import random

import pysubs2
import pytest

from benchmarks.captioning import make_film
from benchmarks.speech import asterisk_prompts, glue, write_wav
from diffasr_plugin.evaluate.errors import DatasetUnavailable
from subtitle_cli.quality.film import HeardFilm, hear_film
from subtitle_cli.types import Turn

SILENCES = "1\n00:00:00,000 --> 00:00:01,000\nx\n"


@pytest.fixture(scope="session")
def prompts(tmp_path_factory):
    """A film of 35 sentences with pauses, about three minutes, and the (start, end, text) of each."""
    try:
        recorded = asterisk_prompts(35)
    except DatasetUnavailable as error:
        pytest.skip(f"real sentences come with Debian's packages: {error}")
    samples, placed = glue(recorded)
    folder = tmp_path_factory.mktemp("prompts")
    film = make_film(write_wav(folder / "prompts.wav", samples), folder / "prompts.mp4")
    return film, [(each.start_s, each.end_s, each.text) for each in placed]


@pytest.fixture(scope="module")
def heard():
    """What was heard in each film; listening to one takes seconds."""
    return {}


@pytest.fixture(autouse=True)
def hear_once(monkeypatch, heard):
    def hear(path, *others):
        if path not in heard:
            heard[path] = hear_film(path, *others)
        return heard[path]

    monkeypatch.setattr("subtitle_cli.quality.commands.hear_film", hear)


@pytest.fixture
def subtitles(prompts, tmp_path):
    """Write cues of the film, moved: each time becomes rate x time + offset."""

    def write(name, offset_s=0.0, rate=1.0):
        dice = random.Random(5)
        events = pysubs2.SSAFile()
        for start_s, end_s, text in prompts[1]:
            edges = (start_s, end_s + dice.uniform(0, 0.4))
            events.append(pysubs2.SSAEvent(*(round(1000 * (rate * each + offset_s)) for each in edges), text))
        events.save(str(tmp_path / name))
        return name

    return write


def starts_s(path):
    return [event.start / 1000 for event in pysubs2.load(str(path))]


@pytest.mark.parametrize(
    ("name", "offset_s", "rate"),
    [("late.en.srt", 7.3, 1.0), ("slow.en.vtt", 1.0, 25 / 24), ("fast.en.ass", 9.0, 24000 / 25025)],
)
def test_cues_are_put_back_within_40_ms(diffsub, prompts, subtitles, tmp_path, name, offset_s, rate):
    film, placed = prompts
    code, out, err = diffsub("retime", subtitles(name, offset_s, rate), "--video", film, "-q")
    assert (code, err) == (0, "")
    moved = tmp_path / name.replace(".en.", ".en.retimed.")
    assert f"written: {moved.name}" in out
    errors = [abs(a - b) for a, (b, _, _) in zip(starts_s(moved), placed, strict=True)]
    assert max(errors) < 0.04
    assert [event.plaintext for event in pysubs2.load(str(moved))] == [text for _, _, text in placed]


def test_cues_in_time_are_left_as_they_are(diffsub, prompts, subtitles, tmp_path):
    before = (tmp_path / subtitles("good.en.srt")).read_bytes()
    code, out, _ = diffsub("retime", "good.en.srt", "--video", prompts[0], "-o", "same.srt", "-q")
    assert code == 0
    assert "already in time: no time was changed" in out
    assert (tmp_path / "same.srt").read_bytes() == before


@pytest.mark.parametrize("advert_s", [0, 30])
def test_what_an_advert_has_moved_is_told(diffsub, heard, tmp_path, advert_s):
    """The last part of a film of twelve minutes is later than in the subtitles, or it is not."""
    dice, events, turns, at_s = random.Random(7), pysubs2.SSAFile(), [], 2.0
    for number in range(160):
        end_s = at_s + dice.uniform(1, 5)
        events.append(pysubs2.SSAEvent(round(1000 * at_s), round(1000 * end_s), "x"))
        late_s = advert_s if number >= 100 else 0
        turns.append(Turn(at_s + late_s, end_s + late_s))
        at_s = end_s + dice.choice((0.4, 0.8, 1.5, 3))
    events.save(str(tmp_path / "cut.srt"))
    film = tmp_path / f"advert-{advert_s}.mp4"
    film.touch()
    heard[film] = HeardFilm(film, None, at_s + advert_s, tuple(turns))
    code, out, _ = diffsub("retime", "cut.srt", "--video", film, "-q")
    assert code == 0
    assert ("of the file does not fit: perhaps a cut or advertising" in out) is (advert_s > 0)
    _, _, err = diffsub("retime", "cut.srt", "--video", film, "--json", "-q", "-o", "-")
    assert len(json.loads(err)["loose_s"]) == (advert_s > 0)


def test_json_tells_what_was_found_and_the_subtitles_may_go_to_standard_output(diffsub, prompts, subtitles):
    words = ["retime", subtitles("late.srt", 2.0), "--video", prompts[0], "--json", "-q"]
    code, out, err = diffsub(*words, "-o", "-")
    told = json.loads(err)
    assert code == 0
    assert out.startswith("1\n00:00:0")
    assert (told["offset_s"], told["rate"]) == (pytest.approx(-2, abs=0.04), 1)
    assert (told["written"], told["in_time"], told["at_zero"]) == (None, False, 0)


def test_the_source_is_replaced_only_if_asked_and_keeps_its_mark_and_line_ends(
    diffsub, prompts, subtitles, tmp_path
):
    path = tmp_path / subtitles("late.srt", 2.0)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    assert diffsub("retime", "late.srt", "--video", prompts[0], "-q")[0] == 0
    assert path.read_bytes() == before
    code, _, err = diffsub("retime", "late.srt", "--video", prompts[0], "-q")
    assert code == 1
    assert "'late.retimed.srt' exists already: name another with -o, or give --overwrite" in err
    assert diffsub("retime", "late.srt", "--video", prompts[0], "-q", "--overwrite")[0] == 0
    after = path.read_bytes()
    assert after == (tmp_path / "late.retimed.srt").read_bytes()
    assert after.startswith(b"\xef\xbb\xbf1\r\n00:00:0")
    assert after.count(b"\n") == after.count(b"\r\n") == before.count(b"\n")


def test_an_old_encoding_becomes_utf8_and_that_is_told(diffsub, prompts, subtitles, tmp_path):
    path = tmp_path / subtitles("late.fr.srt", 2.0)
    text = path.read_text().replace("the", "été")
    path.write_bytes(text.encode("cp1252"))
    code, out, _ = diffsub("retime", "late.fr.srt", "--video", prompts[0], "-q")
    assert code == 0
    assert out.endswith("written: late.fr.retimed.srt, in UTF-8 (it was in cp1252)\n")
    assert "été" in (tmp_path / "late.fr.retimed.srt").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_moved_is_refused_before_the_film_is_heard(diffsub, tmp_path):
    (tmp_path / "a.srt").write_text(SILENCES + "\n2\n00:0x --> 00:00:03,000\nlost\n")
    code, _, err = diffsub("retime", "a.srt", "--video", "gone.mp4")
    assert code == 1
    assert "mend line 6" in err


def test_cues_from_before_the_film_begin_with_it(diffsub, prompts, subtitles, tmp_path):
    path = tmp_path / subtitles("late.srt", 30.0)
    path.write_text("1\n00:00:02,000 --> 00:00:09,000\nA logo\n\n" + path.read_text())
    code, out, _ = diffsub("retime", "late.srt", "--video", prompts[0], "-q")
    assert code == 0
    assert "1 cue would begin before the film, and now begin with it" in out
    assert starts_s(tmp_path / "late.retimed.srt")[0] == 0


def test_a_film_that_they_do_not_belong_to_is_refused(diffsub, subtitles, talking_film, tmp_path):
    code, out, err = diffsub("retime", subtitles("late.srt", 2.0), "--video", talking_film, "-q")
    assert (code, out) == (1, "")
    assert "the cues are so much longer than the film" in err
    assert not (tmp_path / "late.retimed.srt").exists()


def test_another_films_cues_are_refused(diffsub, prompts, tmp_path):
    dice = random.Random(1)
    events, at_ms = pysubs2.SSAFile(), 1000
    for _ in range(60):
        events.append(pysubs2.SSAEvent(at_ms, at_ms + dice.randrange(900, 4000), "x"))
        at_ms = events[-1].end + dice.choice((80, 500, 1500))
    events.save(str(tmp_path / "other.srt"))
    code, _, err = diffsub("retime", "other.srt", "--video", prompts[0], "-q")
    assert code == 1
    assert "times as well as shuffled ones do; to be sure it takes 1.3" in err
    assert [path.name for path in tmp_path.iterdir()] == ["other.srt"]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (SILENCES, 1, "1 cues are too few"),
        (SILENCES + "\n2\n00:0x --> 00:00:03,000\nlost\n", 1, "mend line 6: times that cannot be read"),
        ('<tt xmlns="http://www.w3.org/ns/ttml"><body/></tt>', 2, "convert it to one of"),
    ],
)
def test_files_that_cannot_be_moved_are_refused(diffsub, talking_film, tmp_path, text, code, message):
    (tmp_path / "a.srt").write_text(text)
    found, _, err = diffsub("retime", "a.srt", "--video", talking_film, "-q")
    assert found == code
    assert message in err


def test_it_needs_a_film(diffsub, tmp_path):
    (tmp_path / "a.srt").write_text(SILENCES)
    code, _, err = diffsub("retime", "a.srt")
    assert code == 2
    assert "--video" in err
    assert diffsub("retime", "a.srt", "--video", "gone.mp4")[0] == 1
