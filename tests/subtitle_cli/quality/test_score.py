"""Subtitles compared with copies of themselves that differ in one known way, and with what others compute."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from subtitle_cli.errors import ScoreUnavailable
from subtitle_cli.quality.rates import suber, tcpwer
from subtitle_cli.quality.wording import compare_timing, compare_wording
from subtitle_cli.reading import read_subtitles
from subtitle_cli.types import Cue

BY_HAND = Path(__file__).parents[3] / "benchmarks" / "cutting" / "sample.srt"
WORDS = "one two three four five six seven eight nine ten eleven twelve".split()


def cues(*texts, late_ms=0, rate=1.0):
    """A cue of two seconds every three, for each text; a bar parts its lines."""

    def at(time_ms):
        return round(rate * time_ms) + late_ms

    return [Cue(at(3000 * n), at(3000 * n + 2000), tuple(text.split("|"))) for n, text in enumerate(texts)]


def spoken(*lines):
    """A cue of two seconds for each (speaker, text)."""
    return [Cue(3000 * n, 3000 * n + 2000, (text,), speakers=(who,)) for n, (who, text) in enumerate(lines)]


@pytest.fixture
def meeteval():
    return pytest.importorskip("meeteval", reason='tcpWER is compiled: pip install "diffsub[score]"')


def test_subtitles_equal_themselves():
    same = cues("Hello there,|you two.", "Good bye!")
    assert suber(same, same, "en") == 0
    wording = compare_wording(same, same, "en")
    assert (wording.words.rate, wording.characters.rate) == (0, 0)


def test_suber_is_what_its_own_command_says(tmp_path):
    text = BY_HAND.read_text(encoding="utf-8").replace("Yankee", "yank key").replace("Chicago", "\nChicago")
    (tmp_path / "hyp.srt").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "suber", "-H", str(tmp_path / "hyp.srt"), "-R", str(BY_HAND)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    ours = suber(read_subtitles(BY_HAND).cues, read_subtitles(tmp_path / "hyp.srt").cues, "en")
    assert ours == said["SubER"]
    assert ours > 3


def test_chinese_is_compared_by_characters():
    reference, hypothesis = cues("今天天气很好", "我们去公园吧"), cues("今天天汽很好", "我们去公园吧")
    # One of 12 characters and 2 breaks.
    assert suber(reference, hypothesis, "zh-Hans") == pytest.approx(100 / 14, abs=0.001)
    wording = compare_wording(reference, hypothesis, "zh")
    assert wording.words.rate == wording.characters.rate == pytest.approx(1 / 12)


def test_labels_of_speakers_are_no_words():
    plain = cues("Mind the gap: it is wide.", "I'm Al. NASA called.")
    labelled = cues("MARTHA O'NEIL: Mind the gap: it is wide.", "- SPEAKER 2: I'm Al. NASA called.")
    lacking = cues("Mind the gap: it is wide.", "I'm Al.")
    assert compare_wording(plain, labelled, "en").words.errors == 0
    assert compare_wording(labelled, lacking, "en").words.errors == 2


def test_breaks_count_for_suber_and_not_for_wer():
    reference, hypothesis = cues("a b|c d"), cues("a b c d")
    assert suber(reference, hypothesis, "en") > 0
    assert compare_wording(reference, hypothesis, "en").words.errors == 0


def test_cues_out_of_order_and_backwards_are_scored_too():
    reference = cues("a b c", "d e f")
    assert suber(reference, reference[::-1], "en") == 0
    assert suber(reference, [reference[0], Cue(5000, 3000, ("d e f",))], "en") > 0


def test_a_word_far_from_its_place_is_wrong(meeteval):
    reference = cues(*WORDS)
    assert tcpwer(reference, cues(*WORDS, late_ms=2000), "en") == 0
    assert tcpwer(reference, cues(*WORDS, late_ms=20_000), "en") > 1
    assert compare_wording(reference, cues(*WORDS, late_ms=20_000), "en").words.errors == 0


def test_a_reference_without_words_is_scored_too(meeteval):
    assert tcpwer([], [], "en") == 0
    assert tcpwer([], cues("a b"), "en") == math.inf
    assert tcpwer(cues("a b"), [], "en") == 1
    assert suber([], cues("a b"), "en") == 100


def test_speakers_count_where_both_tell_them(meeteval):
    reference = spoken(("Ann", "red green"), ("Bob", "blue white"), ("Ann", "black grey"))
    renamed = spoken(("A", "red green"), ("B", "blue white"), ("A", "black grey"))
    confused = spoken(("A", "red green"), ("B", "blue white"), ("B", "black grey"))
    assert tcpwer(reference, renamed, "en") == 0
    assert tcpwer(reference, confused, "en") == pytest.approx(4 / 6)
    assert tcpwer(reference, cues("red green", "blue white", "black grey"), "en") == 0


def test_offset_and_drift_are_found_through_other_errors():
    texts = [f"{word} is number {n}" for n, word in enumerate(WORDS * 5)]
    wrong = [text if n % 5 else "entirely different words" for n, text in enumerate(texts)]
    clock = compare_timing(cues(*texts), cues(*wrong, late_ms=1200), "en")
    assert (clock.offset_s, clock.rate) == (pytest.approx(1.2), 1)
    clock = compare_timing(cues(*texts), cues(*wrong, late_ms=-500, rate=1.001), "en")
    assert (clock.offset_s, clock.rate) == (pytest.approx(-0.5, abs=0.002), pytest.approx(1.001, abs=2e-5))


def test_cues_cut_elsewhere_are_matched_only_where_edges_hold_the_same_word():
    texts = [f"{word} is number {n}" for n, word in enumerate(WORDS * 2)]
    joined = [
        Cue(first.start_ms + 300, second.end_ms + 300, (*first.lines, *second.lines))
        for first, second in zip(cues(*texts)[::2], cues(*texts)[1::2], strict=True)
    ]
    clock = compare_timing(cues(*texts), joined, "en")
    assert (clock.offset_s, clock.spread_s, clock.pairs) == (pytest.approx(0.3), pytest.approx(0), 24)


def test_other_texts_have_no_common_clock():
    assert compare_timing(cues("a b", "c d"), cues("e f", "g h"), "en") is None
    assert compare_timing([], cues("a"), "en") is None


def test_missing_packages_are_named_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "suber.metrics.suber", None)
    monkeypatch.setitem(sys.modules, "meeteval.io", None)
    with pytest.raises(ScoreUnavailable, match=r'subtitle-edit-rate: pip install "diffsub\[score\]"'):
        suber([], [], "en")
    with pytest.raises(ScoreUnavailable, match=r'meeteval: pip install "diffsub\[score\]"'):
        tcpwer([], [], "en")


def test_a_language_that_suber_cannot_cut_here_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "MeCab", None)
    monkeypatch.setitem(sys.modules, "suber.metrics.suber", _FailingSuber)
    with pytest.raises(ScoreUnavailable, match="cannot cut the language 'ja' into words: no dictionary"):
        suber([], [], "ja")


class _FailingSuber:
    @staticmethod
    def calculate_SubER(*_, **__):
        raise RuntimeError("no dictionary")


# --- the command ---


@pytest.fixture
def files(tmp_path):
    """A reference, and a copy half a second late in which one word of nine is wrong."""
    lines = ["anna came home", "she looked tired", "then everybody left"]

    def srt(late_ms, texts):
        times = [f"00:00:0{n},{100 + late_ms}" for n in range(9)]
        blocks = (f"{times[3 * n]} --> {times[3 * n + 2]}\n{text}\n" for n, text in enumerate(texts))
        return "\n".join(f"{number}\n{block}" for number, block in enumerate(blocks, start=1))

    (tmp_path / "ref.en.srt").write_text(srt(0, lines))
    (tmp_path / "hyp.en.srt").write_text(srt(500, [lines[0], "she looked fired", lines[2]]))
    return "ref.en.srt", "hyp.en.srt"


def test_the_table_shows_every_score(diffsub, files):
    code, out, err = diffsub("score", *files)
    assert (code, err) == (0, "")
    assert out.startswith("hyp.en.srt against ref.en.srt: 3 cues against 3, language en\n")
    assert "WER                11.1 %" in out
    assert "offset             +0.500 s         late; by 5 cue edges that match, spread 0.000 s" in out
    assert "within all limits  100.0 %          reference: 100.0 %" in out


def test_limits_make_the_exit_code(diffsub, files):
    code, out, _ = diffsub("score", *files, "--max-wer", "20", "--max-suber", "30")
    assert (code, out.splitlines()[-1]) == (0, "within all limits that were set")
    code, out, _ = diffsub("score", *files, "--max-wer", "10", "--max-cer", "50")
    assert (code, out.splitlines()[-1]) == (1, "beyond its limit: WER")
    assert "10 % BROKEN" in out


def test_json_tells_all(diffsub, files):
    code, out, _ = diffsub("score", *files, "--json", "--max-wer", "10")
    told = json.loads(out)
    assert code == 1
    assert (told["wer"], told["language"], told["beyond"]) == (pytest.approx(11.111), "en", ["wer"])
    assert told["timing"] == {"offset_s": 0.5, "rate": 1.0, "spread_s": 0.0, "edges": 5}
    assert told["conformity"]["reference"]["share_within_all"] == 1


def test_without_a_package_the_rest_is_told_and_a_limit_on_it_fails(diffsub, files, monkeypatch):
    monkeypatch.setitem(sys.modules, "suber.metrics.suber", None)
    code, out, _ = diffsub("score", *files)
    assert code == 0
    assert "SubER              -                not available: SubER needs the package" in out
    code, out, err = diffsub("score", *files, "--max-suber", "20")
    assert (code, out) == (1, "")
    assert 'pip install "diffsub[score]"' in err


def test_nothing_against_something_is_infinitely_wrong(diffsub, files, tmp_path):
    (tmp_path / "none.en.srt").write_text("")
    code, out, _ = diffsub("score", "none.en.srt", files[1])
    assert code == 0
    assert "WER                infinite" in out
    code, out, _ = diffsub("score", "none.en.srt", files[1], "--json", "--max-wer", "20")
    assert code == 1
    assert (json.loads(out)["wer"], json.loads(out)["beyond"]) == (None, ["wer"])


def test_what_cannot_be_read_is_warned_of(diffsub, files, tmp_path):
    with (tmp_path / "hyp.en.srt").open("a") as file:
        file.write("\n4\n00:00:0x,000 --> 00:00:20,000\nlost\n")
    code, _, err = diffsub("score", *files)
    assert code == 0
    assert err.startswith("warning: hyp.en.srt: line 14: times that cannot be read")
