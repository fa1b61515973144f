import subprocess
from dataclasses import replace

import numpy as np
import pytest

from subtitle_cli.errors import FfmpegFailed
from subtitle_cli.media import find_ffmpeg
from subtitle_cli.media.ffmpeg import url
from subtitle_cli.mux import FILMS, check_film
from subtitle_cli.output import Target
from subtitle_cli.types import Cue
from tests.support.films import QUIET, beeps, render
from tests.support.muxed_films import NOTHING, packet_hashes, probe

WIDTH, HEIGHT = 320, 180


def make_film(path, *words, size=f"{WIDTH}x{HEIGHT}", start_s=0.0):
    black = ["-f", "lavfi", "-i", f"color=black:size={size}:rate=25:duration=4", *beeps(1.0, seconds=4)]
    return render(path, *black, *words, "-c:a", "flac", "-output_ts_offset", str(start_s))


def pictures(path, width=WIDTH, height=HEIGHT):
    command = [find_ffmpeg(), *QUIET, "-i", url(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(data, np.uint8).reshape(-1, height, width, 3)


def burned(film, subtitles, suffix=".mkv"):
    out = film.with_name(f"out{suffix}")
    FILMS["burn"](film, subtitles, Target("burn", out, overwrite=True), NOTHING)
    return out


@pytest.mark.parametrize("start_s", [0.0, 3.977], ids=["from zero", "late clock"])
def test_text_stands_in_the_pictures_of_its_cue_and_in_no_other(tmp_path, subtitles, start_s):
    film = make_film(tmp_path / "film.mkv", "-c:v", "mpeg4", start_s=start_s)
    out = burned(film, subtitles)
    lit = np.flatnonzero(pictures(out).max(axis=(1, 2, 3)) > 150)
    # At 25 pictures a second; the second cue begins with picture 51, at 2.04 s.
    assert lit.tolist() == [*range(25, 50), *range(51, 75)]
    assert packet_hashes(out, "0:a") == packet_hashes(film, "0:a")


def test_text_stands_at_the_bottom_inside_the_picture(tmp_path, subtitles):
    film = make_film(tmp_path / "film.mkv", "-c:v", "mpeg4")
    rows, columns = np.nonzero(pictures(burned(film, subtitles))[30].max(axis=2) > 150)
    assert rows.min() > HEIGHT * 0.75
    assert rows.max() < HEIGHT * 0.97
    assert columns.min() > WIDTH * 0.05
    assert columns.max() < WIDTH * 0.95


def test_speakers_have_their_colours(tmp_path, subtitles):
    film = make_film(tmp_path / "film.mkv", "-c:v", "mpeg4", size="640x360")
    coloured = replace(subtitles, colours={"Anna": "#FFE600", "Bob": "#6EC8FF"})
    anna, both = pictures(burned(film, coloured), 640, 360)[[30, 60]].astype(int)
    assert hues(anna) == {"yellow"}
    assert hues(both) == {"yellow", "blue"}


def hues(picture):
    bright = picture[picture.max(axis=2) > 200]
    redder = bright[:, 0] - bright[:, 2]
    return {name for name, there in {"yellow": redder > 100, "blue": redder < -60}.items() if there.any()}


def test_a_wide_line_fits_into_an_upright_picture(tmp_path, subtitles):
    film = make_film(tmp_path / "film.mkv", "-c:v", "mpeg4", size="180x320")
    wide = replace(subtitles, cues=(Cue(1000, 2000, ("The quick brown fox jumps over the lazy dog",)),))
    _, columns = np.nonzero(pictures(burned(film, wide), 180, 320)[30].max(axis=2) > 120)
    assert columns.min() > 0
    assert columns.max() < 179


def test_pixels_that_are_not_square_do_not_stretch_the_text(tmp_path, subtitles):
    square = burned(make_film(tmp_path / "a.mkv", "-c:v", "mpeg4"), subtitles)
    wide_s = extent(pictures(square)[30])
    film = make_film(tmp_path / "b.mkv", "-vf", "scale=160:180,setsar=2", "-c:v", "mpeg4")
    narrow = extent(pictures(burned(film, subtitles), 160)[30])
    assert narrow == pytest.approx(wide_s / 2, rel=0.1)


def extent(picture):
    _, columns = np.nonzero(picture.max(axis=2) > 150)
    return columns.max() - columns.min()


@pytest.mark.parametrize(
    ("suffix", "coding", "codec"),
    [(".mp4", ("copy", "aac"), "h264"), (".webm", ("libvpx-vp9", "libopus"), "vp9")],
)
def test_each_container_gets_a_picture_that_it_can_hold(tmp_path, subtitles, suffix, coding, codec):
    film = make_film(tmp_path / "film.mkv", "-c:v", "mpeg4", size="63x47")
    film = render(tmp_path / f"film{suffix}", "-i", str(film), "-c:v", coding[0], "-c:a", coding[1])
    out = burned(film, subtitles, suffix)
    (picture, _) = probe(out)["streams"]
    # Encoders for players take even sizes only.
    assert (picture["codec_name"], picture["width"], picture["height"]) == (codec, 62, 46)


def test_a_sign_that_no_font_has_is_told(tmp_path, subtitles, caplog):
    film = make_film(tmp_path / "film.mkv", "-c:v", "mpeg4")
    burned(film, replace(subtitles, cues=(Cue(1000, 2000, ("a\U0010fffd",)),)))
    assert "no font here has \U0010fffd, so boxes stand there" in caplog.text


def test_an_ffmpeg_without_libass_or_encoder_is_told_before_the_work(tmp_path, poor_ffmpeg):
    film = make_film(tmp_path / "film.mkv", "-c:v", "mpeg4")
    target = Target("burn", tmp_path / "out.mkv")
    check_film(film, target)
    poor_ffmpeg(" ass ", "libx264 ", "mpeg4 ")
    with pytest.raises(FfmpegFailed, match="was built without libass"):
        check_film(film, target)
    with pytest.raises(FfmpegFailed, match="without any of the encoders libx264, mpeg4"):
        FILMS["burn"](film, None, target, NOTHING)
    assert not target.path.exists()


def test_the_second_best_encoder_serves_too(tmp_path, subtitles, poor_ffmpeg):
    film = make_film(tmp_path / "film.mkv", "-c:v", "mpeg4")
    poor_ffmpeg("libx264 ")
    assert probe(burned(film, subtitles))["streams"][0]["codec_name"] == "mpeg4"
