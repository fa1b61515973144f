"""Shot changes of films made with cuts at known frames."""

from dataclasses import replace
from fractions import Fraction
from math import floor

import pytest

from subtitle_cli.errors import FfmpegFailed
from subtitle_cli.media import find_shots, probe
from tests.support.films import beeps, render

COLOURS = ["red", "blue", "white", "black", "yellow"]


def cut_film(path, rate, frames, *options):
    """A film of shots of one colour each, with these numbers of frames."""
    shots = [
        word
        for colour, count in zip(COLOURS, frames, strict=False)
        for word in ("-f", "lavfi", "-i", f"color={colour}:s=64x48:r={rate}:d=9,trim=end_frame={count}")
    ]
    joined = "".join(f"[{i}]" for i in range(len(frames))) + f"concat=n={len(frames)}"
    return render(path, *shots, "-filter_complex", joined, *options, "-c:v", "mpeg4")


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "50", "60000/1001"])
def test_cuts_are_exact_to_the_frame(tmp_path, rate):
    film = probe(cut_film(tmp_path / "film.mp4", rate, [31, 1, 47, 60]))
    first_frames = [31, 32, 79]
    assert find_shots(film) == tuple(floor(1000 * frame / Fraction(rate)) for frame in first_frames)


def test_at_a_varying_rate_the_frames_own_times_count(tmp_path):
    # Of the frames 30 to 59 only each third is left.
    thin = "select=lt(n\\,30)+gte(n\\,60)+not(mod(n\\,3))"
    path = cut_film(tmp_path / "even.mp4", "25", [45, 45])
    film = probe(render(tmp_path / "film.mp4", "-i", str(path), "-vf", thin, "-fps_mode", "vfr"))
    assert film.frame_rate is None
    assert find_shots(film) == (45 * 40,)


def test_times_count_from_the_picture_s_start_whatever_the_container_s_clock_says(tmp_path):
    path = cut_film(tmp_path / "even.mp4", "25", [50, 50])
    shifted = render(tmp_path / "film.ts", "-i", str(path), "-output_ts_offset", "500", "-c:v", "mpeg2video")
    film = probe(shifted)
    assert film.start_s > 400
    assert find_shots(film) == (2000,)


def test_movement_is_no_cut(tmp_path):
    path = render(tmp_path / "film.mp4", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=4", "-c:v", "mpeg4")
    assert find_shots(probe(path)) == ()


def test_sound_without_a_picture_has_no_shots(tmp_path):
    path = render(tmp_path / "sound.wav", *beeps(1, seconds=2))
    assert find_shots(probe(path)) == ()


def test_progress_is_told_up_to_the_end(tmp_path):
    told = []
    find_shots(probe(cut_film(tmp_path / "film.mp4", "25", [50, 50])), told.append)
    assert told[-1] == pytest.approx(4.0, abs=0.1)


def test_a_film_that_is_gone_is_a_failure(tmp_path):
    film = probe(cut_film(tmp_path / "film.mp4", "25", [5]))
    with pytest.raises(FfmpegFailed, match=r"the shots of .*gone\.mp4' cannot be found"):
        find_shots(replace(film, path=tmp_path / "gone.mp4"))
