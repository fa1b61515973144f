"""How well cues are cut and timed: run as `python -m benchmarks.cutting`.

(a) Of the cues of two films with recognised words, the share within each limit of each built-in profile.
(b) With a transcript's words and times given, the subtitle edit rate against cues made by hand (sample.srt,
    scene.srt; reasons.md explains each cut), and that of other programs with the same words.
(c) How long a film of ten thousand words takes.

It prints what it measured; nothing is decided by it. `pip install ".[test,bench]"`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.cutting.limits import LIMITS, fewest_too_fast, within
from benchmarks.cutting.rivals import RIVALS
from benchmarks.cutting.words import FRAME_RATE, heard_words, reference_turns, turn_words
from subtitle_cli.cues import make_cues
from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.profiles import BUILT_IN, load_profile
from subtitle_cli.rules import Rules
from subtitle_cli.types import Cue, SpokenWord

FILMS = ("prompts", "sample")
TRANSCRIPTS = ("sample", "scene")


def print_limits() -> None:
    """(a), a line for each profile, both films together; then the cues that are too fast, film by film."""
    heard = {film: heard_words(film) for film in FILMS}
    print(f"cues within each limit, of {', '.join(f'{film} ({len(heard[film])} words)' for film in FILMS)}:")
    print("".join(f"{head:>12}" for head in ("profile", "cues", *LIMITS)) + "   too fast (fewest of any cut)")
    everything: Counter[str] = Counter()
    for name in BUILT_IN:
        rules = load_profile(name).rules("en", FRAME_RATE)
        counts = {film: count_limits(words, rules) for film, words in heard.items()}
        total = sum(counts.values(), Counter())
        everything += total
        print(f"{limits_line(name, total)}   {', '.join(too_fast(counts, heard, rules))}")
    print(limits_line("all", everything))


def too_fast(
    counts: Mapping[str, Counter[str]], heard: Mapping[str, Sequence[SpokenWord]], rules: Rules
) -> Iterator[str]:
    for film, count in counts.items():
        fewest = fewest_too_fast(heard[film], rules)
        yield f"{count['cues'] - count['reading']} of {count['cues']} in {film} ({fewest})"


def count_limits(words: Sequence[SpokenWord], rules: Rules) -> Counter[str]:
    cues = make_cues(words, rules)
    return Counter({"cues": len(cues), **within(cues, rules)})


def limits_line(name: str, count: Counter[str]) -> str:
    shares = "".join(f"{count[limit] / count['cues']:>12.1%}" for limit in LIMITS)
    return f"{name:>16}{count['cues']:>8}{shares}"


def print_edit_rates(show: bool) -> None:
    """(b), a line for each program."""
    srts = {name: programs_srt(name) for name in TRANSCRIPTS}
    print(f"SubER against cues made by hand, with the words of {' and '.join(TRANSCRIPTS)} given:")
    for program in srts["sample"]:
        rates = (edit_rate(srts[name][program], name) for name in TRANSCRIPTS)
        print("".join(f"{rate:12.1f}" for rate in rates) + f"  {program}")
        if show:
            print("\n".join(srts[name][program] for name in TRANSCRIPTS))


def programs_srt(name: str) -> dict[str, str]:
    """What each program makes of a transcript's words."""
    turns = [turn_words(turn) for turn in reference_turns(name)]
    words = [word for turn in turns for word in turn]
    srts = {"diffsub": as_srt(make_cues(words, load_profile("netflix").rules("en")))}
    for given, segments in {"words alone": [words], "turns as segments": turns}.items():
        srts |= {f"{rival}; {given}": write(segments) for rival, write in RIVALS.items()}
    return srts


def print_speed(count: int = 10_000) -> None:
    """(c), the heard words over and over, each time later."""
    heard = heard_words("prompts")
    length_s = heard[-1].end_s + 1
    words = [
        replace(word, start_s=word.start_s + turn * length_s, end_s=word.end_s + turn * length_s)
        for turn in range(count // len(heard) + 1)
        for word in heard
    ][:count]
    begun_s = time.monotonic()
    cues = make_cues(words, load_profile("netflix").rules("en"))
    print(f"{len(words)} words were cut into {len(cues)} cues in {time.monotonic() - begun_s:.2f} s")


def as_srt(cues: Sequence[Cue]) -> str:
    return FORMATS["srt"](Subtitles(tuple(cues), "en"))


def edit_rate(srt: str, name: str) -> float:
    """SubER in per cent against the cues made by hand, by the package that defines it."""
    from suber.file_readers import read_input_file
    from suber.metrics.suber import calculate_SubER

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cues.srt"
        file.write_text(srt, encoding="utf-8")
        by_hand = Path(__file__).with_name(f"{name}.srt")
        hypothesis, reference = (read_input_file(str(path), "SRT") for path in (file, by_hand))
    return float(calculate_SubER(hypothesis, reference))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--show", action="store_true", help="print the SRT of each program, too")
    given = parser.parse_args()
    print_limits()
    print_edit_rates(given.show)
    print_speed()


if __name__ == "__main__":
    main()
