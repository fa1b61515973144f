from dataclasses import replace

import pysubs2
import pytest

from subtitle_cli.errors import FfmpegFailed, NoPicture, OutputError
from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.mux import FILMS, check_film
from subtitle_cli.output import Target
from subtitle_cli.types import Cue
from tests.support.films import beeps, picture, render
from tests.support.muxed_films import NOTHING, packet_hashes, probe, shown, start_ms, stream_as, times

CODECS = {
    ".mkv": (["-c:v", "mpeg4", "-bf", "2", "-c:a", "flac"], ["-c:s", "subrip"]),
    ".mp4": (["-c:v", "mpeg4", "-bf", "2", "-c:a", "aac"], ["-c:s", "mov_text"]),
    ".mov": (["-c:v", "mpeg4", "-bf", "2", "-c:a", "aac"], ["-c:s", "mov_text"]),
    ".webm": (["-c:v", "libvpx-vp9", "-c:a", "libopus"], ["-c:s", "webvtt"]),
}
KINDS = {".mkv": ("subrip", "ger"), ".mp4": ("mov_text", "deu"), ".mov": ("mov_text", "ger"),
         ".webm": ("webvtt", "ger")}  # fmt: skip
OLD = "1\n00:00:00,500 --> 00:00:01,500\nvieux\n\n"


def make_film(path, *, start_s=0.0, with_old=True):
    """A film whose clock may begin late, with English subtitles in it already, and chapters."""
    (path.parent / "old.srt").write_text(OLD)
    (path.parent / "meta.txt").write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=2000\ntitle=First\n"
    )
    codecs, old_codec = CODECS[path.suffix]
    inputs = [*picture(4), *beeps(1.0, seconds=4), "-i", str(path.parent / "old.srt")]
    inputs += ["-i", str(path.parent / "meta.txt"), "-map", "0", "-map", "1", "-map_chapters", "3"]
    old = ["-map", "2", *old_codec, "-metadata:s:s:0", "language=eng"] if with_old else []
    return render(path, *inputs, *old, *codecs, "-output_ts_offset", str(start_s))


@pytest.mark.parametrize("start_s", [0.0, 3.977], ids=["from zero", "late clock"])
@pytest.mark.parametrize("suffix", CODECS)
def test_a_stream_is_added_and_all_others_stay_as_they_are(tmp_path, subtitles, suffix, start_s):
    film = make_film(tmp_path / f"film{suffix}", start_s=start_s)
    before = film.read_bytes()
    out = tmp_path / f"out{suffix}"
    told = []
    FILMS["embed"](film, subtitles, Target("embed", out), told.append)

    assert film.read_bytes() == before
    codec, language = KINDS[suffix]
    streams = [each for each in probe(out)["streams"] if each["codec_type"] != "data"]
    assert [each["codec_type"] for each in streams] == ["video", "audio", "subtitle", "subtitle"]
    assert [each["tags"]["language"] for each in streams[2:]] == ["eng", language]
    assert streams[3]["codec_name"] == codec
    assert packet_hashes(out, "0:v", "0:a", "0:s:0") == packet_hashes(film, "0:v", "0:a", "0:s:0")
    assert [each["tags"]["title"] for each in probe(out)["chapters"]] == ["First"]
    # Each time that ffmpeg writes Opus into Matroska, all else is 7 ms later than before.
    slack_ms = 15 if suffix == ".webm" else 0
    assert start_ms(out) == pytest.approx(start_ms(film), abs=slack_ms)
    assert times(out, "0:s:0") == pytest.approx(times(film, "0:s:0"), abs=slack_ms)
    wanted = [time for cue in subtitles.cues for time in (cue.start_ms, cue.end_ms)]
    assert times(out, "0:s:1") == pytest.approx(wanted, abs=slack_ms)
    assert told[-1] == 1.0
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [film.name, out.name, "old.srt", "meta.txt"]
    )


def test_the_text_comes_back(tmp_path, subtitles):
    film = make_film(tmp_path / "film.mkv", with_old=False)
    FILMS["embed"](film, subtitles, Target("embed", tmp_path / "out.mkv"), NOTHING)
    (file,) = [pysubs2.SSAFile.from_string(FORMATS["srt"](subtitles), format_="srt")]
    assert [text for *_, text in shown(tmp_path / "out.mkv", "0:s:0")] == [
        event.text.replace(r"\N", "\n") for event in file
    ]


def test_colours_make_it_ass_where_the_container_has_that(tmp_path, subtitles):
    coloured = replace(subtitles, colours={"Anna": "#FFE600", "Bob": "#6EC8FF"})
    for suffix, codec in {".mkv": "ass", ".webm": "webvtt", ".mp4": "mov_text"}.items():
        film = make_film(tmp_path / f"film{suffix}", with_old=False)
        out = tmp_path / f"out{suffix}"
        FILMS["embed"](film, coloured, Target("embed", out), NOTHING)
        assert probe(out)["streams"][2]["codec_name"] == codec
        assert len(shown(out, "0:s:0")) == 2
    assert "&H0000E6FF" in stream_as(tmp_path / "out.mkv", "0:s:0", "ass")


def test_a_film_in_another_container_goes_into_the_one_that_is_named(tmp_path, subtitles):
    film = render(tmp_path / "old.avi", *picture(4), *beeps(1.0, seconds=4), "-c:v", "mpeg4", "-c:a", "mp3")
    FILMS["embed"](film, subtitles, Target("embed", tmp_path / "new.mkv"), NOTHING)
    assert packet_hashes(tmp_path / "new.mkv", "0:a") == packet_hashes(film, "0:a")


@pytest.mark.parametrize(
    "name", ['a\':,[]\\;%d "x".mkv', "-y.mkv", "file:x.mkv", "$(x) `y`.mkv", "ü\u202e字.mkv"]
)
def test_any_name_will_do(tmp_path, subtitles, name):
    folder = tmp_path / "it's: a [folder]\\;,"
    folder.mkdir()
    film = make_film(folder / "plain.mkv", with_old=False).rename(folder / name)
    for kind in FILMS:
        FILMS[kind](film, subtitles, Target(kind, folder / f"{kind} {name}"), NOTHING)
        assert (folder / f"{kind} {name}").stat().st_size > 0


def test_a_film_that_came_up_meanwhile_is_left_alone(tmp_path, subtitles):
    film = make_film(tmp_path / "film.mkv", with_old=False)
    out = tmp_path / "out.mkv"
    out.write_text("somebody's")
    with pytest.raises(OutputError, match="left alone"):
        FILMS["embed"](film, subtitles, Target("embed", out), NOTHING)
    assert out.read_text() == "somebody's"
    FILMS["embed"](film, subtitles, Target("embed", out, overwrite=True), NOTHING)
    assert len(probe(out)["streams"]) == 3


def test_what_the_container_cannot_hold_is_told_and_nothing_is_left(tmp_path, subtitles):
    film = make_film(tmp_path / "film.mkv")
    with pytest.raises(FfmpegFailed, match=r"ffmpeg could not write .*out\.webm"):
        FILMS["embed"](film, subtitles, Target("embed", tmp_path / "out.webm"), NOTHING)
    assert not [path for path in tmp_path.iterdir() if "out" in path.name or "diffsub" in path.name]


@pytest.mark.parametrize("kind", FILMS)
def test_an_interrupt_leaves_nothing(tmp_path, subtitles, kind):
    film = make_film(tmp_path / "film.mkv", with_old=False)

    def interrupt(share):
        raise KeyboardInterrupt

    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        FILMS[kind](film, subtitles, Target(kind, tmp_path / "out.mkv"), interrupt)
    assert sorted(tmp_path.iterdir()) == before


def test_an_ffmpeg_without_the_encoder_is_told_before_the_work(tmp_path, poor_ffmpeg):
    film = make_film(tmp_path / "film.mp4", with_old=False)
    target = Target("embed", tmp_path / "out.mp4")
    check_film(film, target)
    program = poor_ffmpeg("mov_text")
    with pytest.raises(FfmpegFailed, match=f"{program} was built without the encoder 'mov_text'"):
        check_film(film, target)


@pytest.mark.parametrize("kind", FILMS)
def test_sound_alone_is_refused_before_the_work(tmp_path, kind):
    sound = render(tmp_path / "talk.flac", *beeps(1.0, seconds=2))
    with pytest.raises(NoPicture, match="has no picture"):
        check_film(sound, Target(kind, tmp_path / "out.mkv"))


def test_a_cue_at_the_very_start_and_cues_that_touch_keep_their_times(tmp_path):
    film = make_film(tmp_path / "film.mp4", with_old=False, start_s=1.5)
    cues = (Cue(0, 500, ("a",)), Cue(500, 1234, ("b",)), Cue(3001, 3999, ("c",)))
    FILMS["embed"](film, Subtitles(cues, "en"), Target("embed", tmp_path / "out.mp4"), NOTHING)
    assert shown(tmp_path / "out.mp4", "0:s:0") == [(0, 500, "a"), (500, 1234, "b"), (3001, 3999, "c")]
