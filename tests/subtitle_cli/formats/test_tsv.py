from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.types import Cue


def test_tsv_looks_like_this():
    cues = (
        Cue(0, 999, ("Anna: Two", "lines"), speakers=("Anna", "Anna"), labels=("Anna:", "")),
        Cue(1000, 2000, ("-Tab\there", "-x"), speakers=("SPEAKER_00", "Bob")),
        Cue(2000, 3000, ('"quoted" text',), speakers=(None,)),
    )
    assert FORMATS["tsv"](Subtitles(cues, "en")) == (
        "start\tend\ttext\tspeaker\n"
        "0\t999\tTwo lines\tAnna\n"
        "1000\t2000\t-Tab here -x\tSPEAKER 1; Bob\n"
        '2000\t3000\t"""quoted"" text"\t\n'
    )
