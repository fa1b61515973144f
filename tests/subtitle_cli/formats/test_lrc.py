from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.types import Cue


def test_lrc_looks_like_this():
    cues = (
        Cue(5009, 6000, ("Two lines", "of text")),
        Cue(6000, 7000, ("第一行，", "第二行")),
        Cue(6_000_000, 6_001_999, ("after [100] minutes",)),
    )
    text = FORMATS["lrc"](Subtitles(cues, "zh", film="[a].mkv", duration_ms=6_100_999))
    assert text.splitlines() == [
        "[ti:(a).mkv]",
        "[la:zh]",
        "[length:101:40]",
        "[00:05.00]Two lines of text",
        "[00:06.00]第一行，第二行",
        "[00:07.00]",
        "[100:00.00]after (100) minutes",
        "[100:01.99]",
    ]
