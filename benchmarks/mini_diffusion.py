"""The denoiser of `diffusion-mini`: how well it writes, and what verified drafts save.

    python -m benchmarks.mini_diffusion quality [SET...] --adapter FOLDER
    python -m benchmarks.mini_diffusion ablation [SET...] --adapter FOLDER --batches 1 8 64

The reference is transformers' whisper-base in float32, greedy, in windows of 30 s; its texts are kept in the
folder `--cache`. A SET is a manifest or a public set's name, as for `diffasr evaluate`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from diffasr_plugin.asr import SAMPLE_RATE, TranscribeOptions, Utterance
from diffasr_plugin.assets import WHISPER_BASE, cache_home, fetch
from diffasr_plugin.backends.diffusion_mini.hearing import MiniHeard
from diffasr_plugin.backends.diffusion_mini.load import find_adapter, load
from diffasr_plugin.backends.diffusion_mini.model import listener, pure_recogniser
from diffasr_plugin.backends.diffusion_mini.modes import Way, own_way, read_ways
from diffasr_plugin.backends.diffusion_mini.pure import PureRecogniser
from diffasr_plugin.backends.diffusion_mini.search import Effort, MiniSearch, MiniTextDecoder
from diffasr_plugin.backends.diffusion_mini.spec import DATA
from diffasr_plugin.backends.whisper.chinese import in_script
from diffasr_plugin.backends.whisper.search import Request
from diffasr_plugin.backends.whisper.window import window_seconds
from diffasr_plugin.compat import repair_torchaudio
from diffasr_plugin.diffusion.ngram import NgramMemory
from diffasr_plugin.evaluate.audio import read_samples
from diffasr_plugin.evaluate.loaders import SetOptions, open_sets
from diffasr_plugin.evaluate.manifest import Clip
from diffasr_plugin.evaluate.rivals import open_transformers
from diffasr_plugin.evaluate.text_table import text_table
from diffasr_plugin.hypothesis import DecodeSettings
from diffasr_plugin.scoring import ErrorCounts, character_errors, word_errors

SETS = ("asterisk-en", "asterisk-es", "asterisk-fr", "librivox")
STEPS = (0, 1, 2, 4, 8, 16)
"""Of the pure mode; 0 is what CTC hears."""

LONG = 20
"""Utterances of so many tokens and more are counted apart."""

MOST_TOKENS = 440
CHARACTERS = ("hi", "zh")
"""Languages that are scored by characters."""

OPTIONS = TranscribeOptions(model_options={"chinese": "simplified"}, word_times=False)

DRAFTS: dict[str, Way] = {
    "greedy": Way("greedy"),
    "n-gram draft": Way("verified", draft="ngram"),
    "CTC draft": Way("verified"),
    "diffusion draft, 1 step": Way("verified", steps=1),
    "diffusion draft, 2 steps": Way("verified", steps=2),
    "diffusion draft, 4 steps": Way("verified", steps=4),
}


@dataclass
class Mini:
    """The recogniser in parts, so that what is heard need not be heard again for each way."""

    search: MiniSearch
    pure: PureRecogniser
    ways: Mapping[str, Way]
    device: torch.device

    @classmethod
    def open(cls, adapter: str | None, device: torch.device) -> Mini:
        folder = find_adapter(adapter)
        assert folder is not None, "there is no adapter in the package: give --adapter FOLDER"
        loaded = load(DATA, device)
        decoder = MiniTextDecoder(loaded.decoder)
        search = MiniSearch(decoder, loaded.vocabulary, device)
        pure = pure_recogniser(loaded, folder, listener(loaded, decoder), search)
        return cls(search, pure, read_ways(folder), device)

    def strength(self, language: str) -> float:
        """With which the adapter writes a language."""
        return own_way(language, self.ways).strength

    def hear(self, samples: Sequence[NDArray[np.float32]], window_s: int) -> MiniHeard:
        return self.pure.listen(samples, window_s)

    def causal(self, heard: MiniHeard, languages: Sequence[str], way: Way) -> list[str]:
        """Texts of the causal model, from the drafts that the way says."""
        settings = DecodeSettings(steps=way.steps, init=way.init, canvas="auto")
        drafts = way.mode == "verified"
        strength = self.strength(languages[0])  # sets are of one language
        from_adapter = partial(self.pure.diffuser.guesses, settings=settings, strength=strength)
        self.search.drafter = from_adapter if drafts and way.draft == "adapter" else None
        if not (drafts and way.draft == "ngram"):
            self.search.memory = None
        elif self.search.memory is None:
            self.search.memory = NgramMemory()
        requests = [Request(language, MOST_TOKENS) for language in languages]
        with torch.inference_mode():
            found = self.search.run(heard, requests, "transcribe")
        codec = self.pure.diffuser.codec
        return [codec.vocabulary.text(draft.ids).strip() for draft in found]

    def done(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()


def reference_texts(name: str, clips: Sequence[Clip], folder: Path) -> list[str]:
    """whisper-base's own texts; those in the folder are not made again."""
    file = folder / f"{name}.json"
    kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    missing = [clip for clip in clips if _key(clip) not in kept]
    if missing:
        repair_torchaudio()
        with open_transformers(lambda: str(fetch(WHISPER_BASE))) as model:
            for clip in missing:
                kept[_key(clip)] = model.transcribe(read_samples(clip), language=clip.language).text
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(kept, ensure_ascii=False, indent=0), encoding="utf-8")
    return [kept[_key(clip)] for clip in clips]


def quality(
    mini: Mini, name: str, clips: Sequence[Clip], cache: Path, of_all: dict[str, list[Effort]]
) -> Iterator[tuple[str, ...]]:
    """Rows of one set: each way, its errors, and how far it is from whisper-base's own texts.

    Args:
        of_all: takes the efforts of each way.
    """
    told = reference_texts(name, clips, cache)
    texts: dict[str, list[str]] = {"whisper-base float32": told}
    efforts: dict[str, list[Effort]] = {}
    ways = {label: way for label, way in DRAFTS.items() if way.draft != "ngram"}
    pure = {f"diffusion, {steps} steps": Way("diffusion", steps) for steps in STEPS}
    for clip in clips:
        samples = read_samples(clip)
        heard = mini.hear([samples], window_seconds(len(samples) / SAMPLE_RATE))
        row = Utterance(samples, clip.language)
        for label, way in ways.items():
            mini.search.efforts = efforts.setdefault(label, [])
            texts.setdefault(label, []).extend(mini.causal(heard, [clip.language], way))
        for label, way in pure.items():
            own = replace(way, strength=mini.strength(clip.language))
            texts.setdefault(label, []).append(mini.pure.write(heard, [row], OPTIONS, own)[0].text)
    for label, found in texts.items():
        own = [_errors(clip.text, text, clip.language) for clip, text in zip(clips, found, strict=True)]
        apart = [_errors(one, text, c.language) for one, text, c in zip(told, found, clips, strict=True)]
        of_all.setdefault(label, []).extend(efforts.get(label, ()))
        yield name, label, _cell(own), _cell(apart), *_calls(efforts.get(label, ()))


def ablation(
    mini: Mini, name: str, clips: Sequence[Clip], batches: Sequence[int], rounds: int
) -> Iterator[tuple[str, ...]]:
    """Rows of one set: seconds that each kind of draft takes, encoder not counted, the best of some rounds.

    All clips of the set are of one window, so that batches can be of any size.
    """
    window_s = max(window_seconds(len(read_samples(clip)) / SAMPLE_RATE) for clip in clips)
    for size in batches:
        parts = [clips[start : start + size] for start in range(0, len(clips), size)]
        heard = [mini.hear([read_samples(clip) for clip in part], window_s) for part in parts]
        for label, way in DRAFTS.items():
            times = []
            for _ in range(rounds):
                mini.search.memory, mini.search.efforts = None, []
                mini.done()
                begin = time.perf_counter()
                for part, each in zip(parts, heard, strict=True):
                    mini.causal(each, [clip.language for clip in part], way)
                mini.done()
                times.append(time.perf_counter() - begin)
            yield name, str(size), label, f"{min(times):.2f}", *_calls(mini.search.efforts)


def _errors(reference: str, text: str, language: str) -> ErrorCounts:
    if language == "zh":
        reference, text = in_script([reference, text], "simplified")
    count: Callable[[str, str, str | None], ErrorCounts]
    count = character_errors if language in CHARACTERS else word_errors
    return count(reference, text, language)


def _cell(counts: Iterable[ErrorCounts]) -> str:
    total = sum(counts, ErrorCounts())
    return f"{total.errors} of {total.reference_length}, {total.rate:.2%}"


def _calls(efforts: Sequence[Effort], *, counts: bool = False) -> tuple[str, str]:
    """Calls of the decoder for a token of greedy search: of long utterances, and of all.

    Args:
        counts: tell both numbers, not of how many utterances they are.
    """
    long = [effort for effort in efforts if effort.tokens >= LONG]
    return _share(long, counts=counts), _share(efforts, counts=counts)


def _share(efforts: Sequence[Effort], *, counts: bool) -> str:
    tokens = sum(effort.tokens for effort in efforts)
    calls = sum(effort.steps + effort.passes for effort in efforts)
    of = f"{calls} of {tokens}" if counts else str(len(efforts))
    return f"{calls / tokens:.2f} ({of})" if tokens else "-"


def _key(clip: Clip) -> str:
    return f"{clip.audio} {clip.start_s}"


HEADERS = {
    "quality": ("set", "way", "errors", "against whisper-base's text", f"calls a token, ≥ {LONG}", "all"),
    "ablation": ("set", "batch", "draft", "seconds", f"calls a token, ≥ {LONG}", "all"),
}


def main() -> None:
    given = _arguments()
    sets = open_sets(given.sets, SetOptions(cache_home() / "speech", limit=given.limit))
    mini = Mini.open(given.adapter, torch.device(given.device))
    rows: list[tuple[str, ...]] = []
    of_all: dict[str, list[Effort]] = {}
    for name, clips in sets.items():
        if given.what == "quality":
            rows += quality(mini, name, clips, given.cache, of_all)
        else:
            rows += ablation(mini, name, clips, given.batches, given.rounds)
        print(text_table(HEADERS[given.what], rows), flush=True)
    if given.what == "quality" and len(sets) > 1:
        totals = [
            ("all", label, "", "", *_calls(efforts, counts=True))
            for label, efforts in of_all.items()
            if efforts
        ]
        print(text_table(HEADERS["quality"], totals))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=HEADERS)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--adapter", help="its folder; left out: the package's own")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--limit", type=int, help="the first N clips of each set")
    parser.add_argument("--cache", type=Path, default=cache_home() / "whisper-base-texts")
    parser.add_argument("--batches", type=int, nargs="+", default=[1])
    parser.add_argument("--rounds", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
