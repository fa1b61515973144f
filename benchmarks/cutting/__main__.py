"""How well cues are cut and timed: run as `python -m benchmarks.cutting`.

(a) Of the cues of two films with recognised words, the share within each limit of each built-in profile.
(b) With a transcript's words and times given, the subtitle edit rate against cues made by hand (sample.srt;
    reasons.md explains each cut), and that of other programs with the same words.

It prints what it measured; nothing is decided by it. `pip install ".[test,bench]"`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cutting.limits import LIMITS, within
from benchmarks.cutting.rivals import RIVALS
from benchmarks.cutting.words import FRAME_RATE, heard_words, reference_turns, turn_words
from subtitle_cli.cues import make_cues
from subtitle_cli.formats import FORMATS, Subtitles
from subtitle_cli.profiles import BUILT_IN, load_profile
from subtitle_cli.types import Cue, SpokenWord

FILMS = ("prompts", "sample")
BY_HAND = Path(__file__).with_name("sample.srt")


def print_limits() -> None:
    """(a), a line for each profile, both films together; then the cues that are too fast, film by film."""
    heard = {film: heard_words(film) for film in FILMS}
    print(f"cues within each limit, of {', '.join(f'{film} ({len(heard[film])} words)' for film in FILMS)}:")
    print("".join(f"{head:>12}" for head in ("profile", "cues", *LIMITS)) + "   too fast")
    for name in BUILT_IN:
        print(limits_line(name, heard))


def limits_line(name: str, heard: dict[str, list[SpokenWord]]) -> str:
    rules = load_profile(name).rules("en", FRAME_RATE)
    cues = {film: make_cues(words, rules) for film, words in heard.items()}
    counts = {film: within(cues[film], rules) for film in heard}
    total = sum(map(len, cues.values()))
    shares = [sum(count[limit] for count in counts.values()) / total for limit in LIMITS]
    fast = [f"{len(cues[film]) - counts[film]['reading']} of {len(cues[film])} in {film}" for film in heard]
    return f"{name:>16}{total:>8}" + "".join(f"{share:>12.1%}" for share in shares) + f"   {', '.join(fast)}"


def print_edit_rates(show: bool) -> None:
    """(b), a line for each program."""
    turns = reference_turns()
    words = [word for turn in turns for word in turn_words(turn)]
    print(f"SubER against cues made by hand, {len(words)} words of the transcript given:")
    ours = as_srt(make_cues(words, load_profile("netflix").rules("en")))
    texts = {"diffsub": ours, **{name: write(turns) for name, write in RIVALS.items()}}
    for name, text in texts.items():
        print(f"  {edit_rate(text):6.1f}  {name}")
        if show:
            print(text)


def as_srt(cues: Sequence[Cue]) -> str:
    return FORMATS["srt"](Subtitles(tuple(cues), "en"))


def edit_rate(srt: str) -> float:
    """SubER in per cent, by the package that defines it."""
    from suber.file_readers import read_input_file
    from suber.metrics.suber import calculate_SubER

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "cues.srt"
        file.write_text(srt, encoding="utf-8")
        hypothesis, reference = (read_input_file(str(path), "SRT") for path in (file, BY_HAND))
    return float(calculate_SubER(hypothesis, reference))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--show", action="store_true", help="print the SRT of each program, too")
    given = parser.parse_args()
    print_limits()
    print_edit_rates(given.show)


if __name__ == "__main__":
    main()
