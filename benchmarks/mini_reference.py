"""The embedded recogniser against what it is made from: `python -m benchmarks.mini_reference [SET...]`.

The reference is transformers' whisper-base in float32, greedy, in windows of 30 s. Beside it stand the
embedded network's own greedy text, as it comes out of the decoder, and the recogniser `diffusion-mini` as
users have it. The bounds are half a point of WER, and one word more on LibriVox's five sentences. With
`--cache FOLDER` the reference's texts, which take longest, are kept.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch

from diffasr_plugin.asr import SAMPLE_RATE, load_model
from diffasr_plugin.assets import WHISPER_BASE, cache_home, fetch
from diffasr_plugin.backends.diffusion_mini.load import LoadedMini, load
from diffasr_plugin.backends.diffusion_mini.search import MiniSearch, MiniTextDecoder
from diffasr_plugin.backends.diffusion_mini.spec import DATA
from diffasr_plugin.backends.whisper.search import Request
from diffasr_plugin.backends.whisper.window import window_seconds
from diffasr_plugin.compat import repair_torchaudio
from diffasr_plugin.evaluate.audio import read_samples
from diffasr_plugin.evaluate.loaders import SetOptions, open_sets
from diffasr_plugin.evaluate.manifest import Clip
from diffasr_plugin.evaluate.rivals import open_transformers
from diffasr_plugin.evaluate.text_table import text_table
from diffasr_plugin.models.log_mel import log_mel
from diffasr_plugin.scoring import ErrorCounts, word_errors

SETS = ("asterisk-en", "asterisk-es", "asterisk-fr", "librivox")
MOST_TOKENS = 440
MOST_POINTS = 0.005
"""Of WER, above the reference."""
FEW_WORDS = 200
"""Sets with fewer words are held to one error more instead."""

Texts = list[str]
Recognise = Callable[[Clip], str]


def reference_of(clips: Sequence[Clip], cache: Path | None) -> Texts:
    """The reference's texts; those in the cache are not made again."""
    kept = json.loads(cache.read_text(encoding="utf-8")) if cache and cache.is_file() else {}
    missing = [clip for clip in clips if str(clip.audio) not in kept]
    if missing:
        repair_torchaudio()
        with open_transformers(lambda: str(fetch(WHISPER_BASE))) as model:
            for clip in missing:
                kept[str(clip.audio)] = model.transcribe(read_samples(clip), language=clip.language).text
    if cache:
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    return [kept[str(clip.audio)] for clip in clips]


def network_alone() -> Recognise:
    """The embedded network's greedy text: no second attempts, nothing taken back."""
    loaded: LoadedMini = load(DATA, torch.device("cpu"))
    decoder = MiniTextDecoder(loaded.decoder)
    search = MiniSearch(decoder, loaded.vocabulary, loaded.device)

    @torch.inference_mode()
    def recognise(clip: Clip) -> str:
        samples = read_samples(clip)
        window_s = window_seconds(len(samples) / SAMPLE_RATE)
        heard = decoder.listen(loaded.encoder(log_mel(torch.from_numpy(samples), window_s)[None]))
        draft = search.run(heard, [Request(clip.language, MOST_TOKENS)], "transcribe")[0]
        return loaded.vocabulary.text(draft.ids).strip()

    return recognise


def errors(clips: Sequence[Clip], texts: Texts) -> ErrorCounts:
    counted = (word_errors(clip.text, text, clip.language) for clip, text in zip(clips, texts, strict=True))
    return sum(counted, ErrorCounts())


def rows(cache: Path | None, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    alone = network_alone()
    sets = open_sets(names, SetOptions(cache_home() / "speech"))
    with load_model("diffusion-mini") as model:
        for name, clips in sets.items():
            told = reference_of(clips, cache / f"{name}.json" if cache else None)
            greedy = [alone(clip) for clip in clips]
            shipped = [model.transcribe(read_samples(clip), language=clip.language).text for clip in clips]
            reference, *ours = (errors(clips, texts) for texts in (told, greedy, shipped))
            yield (
                name,
                str(len(clips)),
                *map(_cell, (reference, *ours)),
                *(_held(reference, o) for o in ours),
            )


def _cell(counts: ErrorCounts) -> str:
    return f"{counts.errors} of {counts.reference_length}, {counts.rate:.2%}"


def _held(reference: ErrorCounts, ours: ErrorCounts) -> str:
    if reference.reference_length < FEW_WORDS:
        return "holds" if ours.errors <= reference.errors + 1 else "fails"
    return "holds" if ours.rate <= reference.rate + MOST_POINTS else "fails"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", default=SETS, help="names that diffasr evaluate knows")
    parser.add_argument("--cache", type=Path, help="folder to keep the reference's texts in")
    given = parser.parse_args()
    header = ("set", "clips", "reference", "network alone", "diffusion-mini", "alone", "diffusion-mini")
    print(text_table(header, list(rows(given.cache, given.sets))))


if __name__ == "__main__":
    main()
