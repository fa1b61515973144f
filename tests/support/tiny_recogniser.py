"""The diffusion recogniser's files at a size that tests can afford: base model, encoder, checkpoint.

All random, in the form of the published ones, with a tokenizer whose text can be told from its ids.
"""

from __future__ import annotations

import json
import string
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from diffasr_plugin.checkpoint.disk import Checkpoint, open_checkpoint, save_checkpoint
from diffasr_plugin.compat import repair_torchaudio
from diffasr_plugin.config import ModelRef, PromptIds, RecogniserConfig

from .published import TINY, published_adapter, published_projector
from .tiny_gemma import tiny_gemma

__all__ = ["BEGIN", "CHAT", "ENCODER_WIDTH", "PUNCTUATION", "TinyFiles", "make_tiny_files", "tiny_tokenizer"]

ENCODER_WIDTH = 16

IDS = PromptIds(begin=190, audio=193, end=191)

BEGIN = 10
"""Id of the token " a"; the next ones are " b" to " z", then "a" to "z", then punctuation and Han."""

PUNCTUATION = BEGIN + 52

CHAT = "{% for m in messages %}<turn>{{ m.role }}\n{{ m.content }}<end>{% endfor %}<turn>model\n"


@dataclass(frozen=True)
class TinyFiles:
    """Folders as the hub's would be, and the load options that point at them."""

    base: Path
    encoder: Path
    checkpoint: Path
    foreign: Path

    @property
    def options(self) -> dict[str, str]:
        return {
            "checkpoint": str(self.checkpoint),
            "base": str(self.base),
            "encoder": str(self.encoder),
            "device": "cpu",
        }


def tiny_tokenizer():
    """199 tokens: special ones, letters with and without a space before them, punctuation, a few Han."""
    repair_torchaudio()
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    special = {0: "<pad>", 1: "<eos>", 2: "<bos>", 3: "<unk>", 5: "<end>", 6: "<turn>"}
    special |= {IDS.begin: "<boa>", IDS.end: "<eoa>", IDS.audio: "<audio>"}
    text = [f"▁{letter}" for letter in string.ascii_lowercase] + list(string.ascii_lowercase)
    text += [".", ",", "?", "▁", "\n", *"你好世界"]
    tokens = {id_: f"<unused{id_}>" for id_ in range(TINY.vocab)}
    tokens |= special | dict(enumerate(text, BEGIN))
    vocab = {token: id_ for id_, token in tokens.items()}
    merges = [("▁", letter) for letter in string.ascii_lowercase]
    tokenizer = Tokenizer(models.BPE(vocab, merges, unk_token="<unk>", fuse_unk=False))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    tokenizer.decoder = decoders.Replace("▁", " ")
    names = dict(bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>")
    others = [special[id_] for id_ in (5, 6, IDS.begin, IDS.end, IDS.audio)]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, additional_special_tokens=others, chat_template=CHAT, **names
    )


def _save_encoder(folder: Path) -> None:
    repair_torchaudio()
    from transformers import WhisperConfig, WhisperModel

    sizes = dict(d_model=ENCODER_WIDTH, encoder_ffn_dim=32, decoder_ffn_dim=32)
    heads = dict(encoder_attention_heads=2, decoder_attention_heads=2, encoder_layers=1, decoder_layers=1)
    ids = dict(vocab_size=20, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        WhisperModel(WhisperConfig(**sizes, **heads, **ids)).save_pretrained(folder)


def make_tiny_files(folder: Path, *, canvas_length: int = 24) -> TinyFiles:
    """Write them all into a folder."""
    files = TinyFiles(*(folder / name for name in ("base", "encoder", "converted", "published.pt")))
    tiny_gemma(moe_intermediate_size=16).save_pretrained(files.base)
    tiny_tokenizer().save_pretrained(files.base)
    _save_encoder(files.encoder)
    projector = published_projector("linear", ENCODER_WIDTH, 20, TINY.hidden)
    torch.save({"projector": projector, "lora": published_adapter(TINY, 4)}, files.foreign)
    found = open_checkpoint(files.foreign, TINY, ENCODER_WIDTH)
    config = replace(
        found.config,
        base=ModelRef(str(files.base)),
        encoder=ModelRef(str(files.encoder)),
        prompt_ids=IDS,
        # Many end tokens, so that random transcripts are short.
        eos=(1, 5, *range(PUNCTUATION + 9, 100)),
        unknowns=found.config.unknowns.answered("given", canvas_length=canvas_length),
    )
    save_checkpoint(Checkpoint(config, found.adapter, found.projector), files.checkpoint)
    return files


def change_config(folder: Path, **changes: object) -> None:
    """Edit a converted checkpoint's configuration file."""
    path = folder / "diffasr.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def tiny_config(files: TinyFiles) -> RecogniserConfig:
    return open_checkpoint(files.checkpoint, TINY, ENCODER_WIDTH).config
