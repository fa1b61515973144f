"""Clips -> what the frozen backbone itself writes for them, greedily, in large batches.

A denoiser that writes all tokens at once learns best from texts that are alike where the audio is alike:
those of one model, rather than those of many writers. Source: "Understanding knowledge distillation in
non-autoregressive machine translation", arXiv 1911.02727.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from ..asr import SAMPLE_RATE
from ..backends.diffusion_mini.codec import MiniCodec
from ..models.mini import MiniDecoder
from ..models.mini_reader import MiniReader
from .store import Store, StoredClip

__all__ = ["greedy_texts", "is_near"]

_BATCH = 1024
_MOST_TOKENS = 96
_SILENCE = SAMPLE_RATE


@torch.no_grad()
def greedy_texts(
    store: Store,
    clips: Sequence[StoredClip],
    encode: Callable[[Tensor], Tensor],
    decoder: MiniDecoder,
    codec: MiniCodec,
) -> Iterator[tuple[int, list[int]]]:
    """The place of each clip in the list, and its tokens; the shortest clips first.

    Args:
        encode: samples (b, n) -> encoder states.
        decoder: the backbone's, in floats.
    """
    order = sorted(range(len(clips)), key=lambda place: clips[place].samples)
    for begin in range(0, len(order), _BATCH):
        places = order[begin : begin + _BATCH]
        chosen = [clips[place] for place in places]
        states = encode(_joined(store.audio, chosen))
        prompts = torch.tensor([codec.prompt(clip.language) for clip in chosen], device=states.device)
        texts = _greedy(decoder, states, prompts, codec)
        yield from zip(places, texts, strict=True)


def is_near(text: str, reference: str, most_errors: float) -> bool:
    """Whether two texts differ in at most this share of their letters and digits."""
    import jiwer

    said, written = (_letters(one) for one in (reference, text))
    return bool(said) and jiwer.cer(said, written) <= most_errors


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _joined(audio: Tensor, clips: Sequence[StoredClip]) -> Tensor:
    """Samples (b, n): windows of whole seconds, at least 10, with a second of silence or more at the end."""
    longest = max(clip.samples for clip in clips) + _SILENCE
    size = max(10, -(-longest // SAMPLE_RATE)) * SAMPLE_RATE
    samples = torch.zeros(len(clips), size, device=audio.device)
    for row, clip in enumerate(clips):
        samples[row, : clip.samples] = audio[clip.start : clip.start + clip.samples].float() / 32768
    return samples


def _greedy(decoder: MiniDecoder, states: Tensor, prompts: Tensor, codec: MiniCodec) -> list[list[int]]:
    reader = MiniReader(decoder, decoder.listen(states))
    barred = torch.zeros(codec.size, device=states.device)
    barred[list(codec.vocabulary.suppressed)] = -torch.inf
    barred_first = barred.clone()
    barred_first[list(codec.vocabulary.suppressed_first)] = -torch.inf
    ids, written = prompts, []
    ended = torch.zeros(len(prompts), dtype=torch.bool, device=states.device)
    for place in range(_MOST_TOKENS):
        scores = decoder.scores(reader.step(ids)[:, -1])[:, : codec.size].float()
        best = (scores + (barred if place else barred_first)).argmax(dim=-1).where(~ended, codec.end)
        written.append(best)
        ended |= best == codec.end
        if bool(ended.all()):
            break
        ids = best[:, None]
    return [codec.trim(row)[0] for row in torch.stack(written, dim=1).tolist()]
