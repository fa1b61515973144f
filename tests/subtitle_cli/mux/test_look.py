import pytest

from subtitle_cli.errors import FfmpegFailed, NoPicture
from subtitle_cli.mux import Look, look_at
from tests.support.films import beeps, film, picture, render


def test_the_size_is_the_one_that_is_shown(tmp_path):
    plain = film(tmp_path / "plain.mkv", seconds=1)
    assert look_at(plain) == Look(64, 48, "0.000000", 0)
    anamorphic = render(tmp_path / "dvd.mkv", *picture(1), "-vf", "scale=72:58,setsar=16/11")
    assert look_at(anamorphic) == Look(105, 58, "0.000000", 0)


def test_subtitle_streams_are_counted(tmp_path):
    srt = tmp_path / "a.srt"
    srt.write_text("1\n00:00:00,100 --> 00:00:00,900\nSubtitle: none\n")
    inputs = [*picture(1), "-i", str(srt), "-i", str(srt)]
    two = render(tmp_path / "two.mkv", *inputs, "-map", "0", "-map", "1", "-map", "2", "-metadata:s:s:0",
                 "title=Stream #0:9: Subtitle: x")  # fmt: skip
    assert look_at(two).subtitle_streams == 2


def test_a_cover_is_no_picture(tmp_path):
    cover = render(tmp_path / "cover.png", *picture(1), "-frames:v", "1")
    for name, inputs in {
        "sound.flac": beeps(0.1, seconds=1),
        "song.mp3": [*beeps(0.1, seconds=1), "-i", str(cover), "-map", "0", "-map", "1", "-c:v", "copy",
                     "-disposition:v:0", "attached_pic"],
    }.items():  # fmt: skip
        path = render(tmp_path / name, *inputs)
        with pytest.raises(NoPicture, match=f"{name}' has no picture"):
            look_at(path)


def test_a_picture_that_cannot_be_decoded_is_told(tmp_path):
    whole = film(tmp_path / "whole.mkv", seconds=1)
    (tmp_path / "cut.mkv").write_bytes(whole.read_bytes()[:500])
    with pytest.raises(FfmpegFailed, match=r"cannot decode the picture of .*cut\.mkv"):
        look_at(tmp_path / "cut.mkv")
