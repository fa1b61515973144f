import json
import os
import shutil
import sys
from fractions import Fraction
from pathlib import Path
from threading import Thread

import pytest

from subtitle_cli.errors import FfmpegFailed, FilmNotFound, MediaError
from subtitle_cli.media import AudioStream, find_ffmpeg, probe
from subtitle_cli.media.probe import ask_ffmpeg, ask_ffprobe
from tests.support.films import VARYING_RATE, beeps, film, picture, render

needs_ffprobe = pytest.mark.skipif(shutil.which("ffprobe") is None, reason="there is no ffprobe on PATH")


@pytest.fixture(scope="module")
def two_languages(tmp_path_factory):
    """NTSC picture, German 5.1 and English mono; the English one is the default."""
    return render(
        tmp_path_factory.mktemp("films") / "two.mkv",
        *picture(2, "24000/1001"),
        *beeps(1, seconds=2),
        *beeps(1.5, seconds=2, sample_rate=8000),
        *("-map", "0", "-map", "1", "-map", "2", "-c:v", "mpeg4", "-c:a", "flac", "-ac:a:0", "6"),
        *("-metadata:s:1", "language=ger", "-metadata:s:1", "title=Haupt: Ton, (laut)"),
        *("-metadata:s:2", "language=eng", "-metadata:s:2", "title=two\nlines"),
        *("-disposition:1", "0", "-disposition:2", "default"),
    )


@pytest.fixture(scope="module")
def films(tmp_path_factory, two_languages):
    """Films of many kinds, one file each."""
    folder = tmp_path_factory.mktemp("kinds")
    short = [*picture(1), *beeps(0.5, seconds=1)]
    cover = render(folder / "cover.png", *picture(1), "-frames:v", "1")
    return [
        two_languages,
        render(folder / "a.mp4", *short, "-c:v", "mpeg4", "-c:a", "aac"),
        render(folder / "a.ts", *short, "-c:v", "mpeg2video", "-c:a", "ac3", "-metadata:s:1", "language=fra"),
        render(folder / "a.avi", *short, "-c:v", "mpeg4", "-c:a", "mp2"),
        render(folder / "a.webm", *short, "-c:v", "libvpx", "-c:a", "libopus"),
        render(folder / "a.flac", *beeps(0.5, seconds=1)),
        render(folder / "a.wav", *beeps(0.5, seconds=1), "-ac", "7"),
        render(folder / "silent.mp4", *picture(1), "-c:v", "mpeg4"),
        render(
            folder / "cover.mp3",
            *(*beeps(0.5, seconds=1), "-i", str(cover), "-map", "0", "-map", "1"),
            *("-c:v", "copy", "-disposition:v", "attached_pic", "-write_xing", "0"),
        ),
        render(
            folder / "varying.mp4",
            *(*picture(6, "30"), *VARYING_RATE, "-c:v", "mpeg4"),
        ),
        cover,
    ]


def test_everything_that_matters_is_read(two_languages):
    known = probe(two_languages)
    assert known.path == two_languages
    assert known.duration_s == pytest.approx(2, abs=0.05)
    assert known.start_s == 0
    assert known.frame_rate == Fraction(24000, 1001)
    assert known.audio == (
        AudioStream(1, "de", "Haupt: Ton, (laut)", 6, 48000, "flac", False),
        AudioStream(2, "en", "two", 1, 8000, "flac", True),
    )


@needs_ffprobe
def test_with_and_without_ffprobe_films_are_read_alike(films):
    for path in films:
        assert ask_ffmpeg(path, find_ffmpeg()) == ask_ffprobe(path, "ffprobe"), path


def test_another_version_of_ffmpeg_reads_the_same_streams(films):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    for path in films:
        known, again = probe(path), ask_ffmpeg(path, imageio_ffmpeg.get_ffmpeg_exe())
        assert (again.audio, again.frame_rate) == (known.audio, known.frame_rate), path
        # What stands in front of the first sample of mp3 and Opus is newer versions' own affair.
        assert again.start_s == pytest.approx(known.start_s, abs=0.01)


def test_without_anything_on_the_path_the_package_is_asked(two_languages, monkeypatch):
    known = probe(two_languages)
    monkeypatch.setenv("PATH", "")
    assert probe(two_languages) == known


@pytest.mark.parametrize(
    ("name", "rate"), [("a.flac", None), ("cover.mp3", None), ("varying.mp4", None), ("a.ts", 25)]
)
def test_a_frame_rate_is_told_only_of_a_steady_picture(films, name, rate):
    assert probe(next(path for path in films if path.name == name)).frame_rate == rate


def test_the_containers_zero_is_kept(tmp_path):
    late = render(tmp_path / "a.ts", *picture(1), "-c:v", "mpeg2video", "-output_ts_offset", "100")
    assert probe(late).start_s == pytest.approx(101.4, abs=0.1)


@pytest.mark.parametrize(
    "name",
    [
        "with spaces.mkv",
        "'single' and \"double\".mkv",
        "two\nlines.mkv",
        "-o.mkv",
        "Größe 電影 🎬.mkv",
        "100%d.mkv",
        "a:b|c;d$(touch x)`touch y`.mkv",
        "file:a.mkv",
        "concat:a|b",
    ],
)
def test_a_name_is_only_a_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    plain = film(tmp_path / "plain.mkv", seconds=1)
    os.rename(plain, name)
    for known in (probe(name), ask_ffmpeg(Path(name), find_ffmpeg())):
        assert [stream.codec for stream in known.audio] == ["flac"]
    assert os.listdir() == [name]


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(FilmNotFound, match=r"there is no file '.*nothing\.mkv'"):
        probe(tmp_path / "nothing.mkv")


def test_an_address_is_no_file():
    with pytest.raises(FilmNotFound):
        probe("http://127.0.0.1/film.mkv")


def test_a_folder_is_no_film(tmp_path):
    with pytest.raises(MediaError, match="is a folder, not a film"):
        probe(tmp_path)


def test_a_pipe_is_no_film(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MediaError, match="to read from a pipe, give - instead"):
        probe(tmp_path / "pipe")


def test_an_empty_file_is_told(tmp_path):
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(MediaError, match=r"is empty \(0 bytes\)"):
        probe(tmp_path / "empty.mp4")


def test_a_file_that_may_not_be_read_is_told(tmp_path, monkeypatch):
    path = film(tmp_path / "a.mkv", seconds=1)

    def refuse(self, mode):
        raise PermissionError(13, "Permission denied")

    # Root may read anything, so that taking the permission away would prove nothing here.
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(MediaError, match="cannot be read: Permission denied"):
        probe(path)


@pytest.fixture(params=["ffprobe", "ffmpeg"])
def ask(request):
    if request.param == "ffmpeg":
        return lambda path: ask_ffmpeg(path, find_ffmpeg())
    if shutil.which("ffprobe") is None:
        pytest.skip("there is no ffprobe on PATH")
    return lambda path: ask_ffprobe(path, "ffprobe")


@pytest.mark.parametrize("name", ["text.mp4", "text.mkv", "text.txt", "text"])
def test_text_is_no_film_whatever_its_name(tmp_path, ask, name):
    (tmp_path / name).write_text("Once upon a time there was a text.\n" * 50)
    with pytest.raises(MediaError, match="cannot be read") as caught:
        ask(tmp_path / name)
    assert not isinstance(caught.value, FfmpegFailed)
    assert "\n" not in str(caught.value)


def test_an_mp4_without_its_index_is_told(tmp_path, ask):
    whole = film(tmp_path / "a.mp4", 1.0, codec="aac").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MediaError, match="cut off before its index was written"):
        ask(tmp_path / "cut.mp4")


PLAYLISTS = {
    "list.ffconcat": "ffconcat version 1.0\nfile {target}\n",
    "concat.mp4": "ffconcat version 1.0\nfile {target}\n",
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{target}\n#EXT-X-ENDLIST\n",
    "hls.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{target}\n#EXT-X-ENDLIST\n",
    "list.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'profiles="urn:mpeg:dash:profile:full:2011" mediaPresentationDuration="PT4S"><Period><AdaptationSet '
    'contentType="audio"><Representation id="1" mimeType="audio/webm" bandwidth="1"><BaseURL>{target}'
    "</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
}


@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_playlist_opens_no_other_file(tmp_path, ask, name):
    film(tmp_path / "other.ts", 1.0, codec="ac3")
    (tmp_path / name).write_text(PLAYLISTS[name].format(target="other.ts"))
    with pytest.raises(MediaError, match="cannot be read"):
        ask(tmp_path / name)


@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_playlist_opens_no_address(tmp_path, ask, name, web):
    (tmp_path / name).write_text(PLAYLISTS[name].format(target=f"{web.address}/other.ts"))
    with pytest.raises(MediaError, match="cannot be read"):
        ask(tmp_path / name)
    assert web.asked == []


def test_a_number_pattern_opens_no_series_of_files(tmp_path, ask):
    render(tmp_path / "a001.png", *picture(1), "-frames:v", "1")
    (tmp_path / "a%03d.png").write_bytes(b"a pattern")
    with pytest.raises(MediaError, match="cannot be read"):
        ask(tmp_path / "a%03d.png")


def test_what_ffmpeg_says_is_told_where_we_know_no_better(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["subtitle_cli.media.probe"], "HINTS", {})
    (tmp_path / "text.mp4").write_text("text")
    with pytest.raises(FfmpegFailed, match=r"cannot be read by ffmpeg: .*Invalid data found"):
        probe(tmp_path / "text.mp4")


class Web:
    """A web server that notes what it is asked for."""

    def __init__(self, server):
        self.address = f"http://127.0.0.1:{server.server_port}"
        self.asked = server.asked


@pytest.fixture
def web():
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            self.send_error(404)

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Web(server)
    server.shutdown()
    server.server_close()
    thread.join()


def test_json_of_ffprobe_may_lack_what_it_does_not_know(tmp_path):
    answer = {"format": {}, "streams": [{"index": 0, "codec_type": "audio"}, {"index": 1}]}
    fake = tmp_path / "ffprobe"
    listing = " D  wav             WAV"
    fake.write_text(
        f"#!/bin/sh\ncase $* in *-demuxers*) echo '{listing}';; *) echo '{json.dumps(answer)}';; esac"
    )
    fake.chmod(0o755)
    known = ask_ffprobe(tmp_path, str(fake))
    assert (known.duration_s, known.start_s, known.frame_rate) == (None, 0.0, None)
    assert known.audio == (AudioStream(0, None, None, 0, 0, "unknown", False),)


def test_languages_of_subtitle_streams_are_read_alike_but_not_of_forced_ones(tmp_path):
    (tmp_path / "lines.srt").write_text("1\n00:00:00,100 --> 00:00:00,900\nGuten Tag.\n")
    subtitles = ("-i", str(tmp_path / "lines.srt"))
    film = render(
        tmp_path / "subtitled.mkv",
        *(*picture(1), *beeps(0.5, seconds=1), *subtitles, *subtitles, *subtitles),
        *("-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4", "-c:v", "mpeg4", "-c:s", "srt"),
        *("-metadata:s:s:0", "language=ger", "-metadata:s:s:1", "language=fre", "-disposition:s:1", "forced"),
    )
    assert probe(film).subtitles == ("de",)
    assert ask_ffmpeg(film, find_ffmpeg()) == probe(film)
