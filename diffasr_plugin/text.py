"""Text <-> token ids: the prompt around the audio, the tokens of a transcript, and what is left of a canvas.

Knows the tokenizer and no audio. The published checkpoint does not say how its prompt read: the candidates
have names (`PROMPTS`), and a checkpoint's configuration holds the name of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .checkpoint.errors import InvalidConfig, UnreadableCheckpoint
from .compat import repair_torchaudio
from .config import RecogniserConfig

__all__ = ["LANGUAGE_NAMES", "PROMPTS", "PromptForm", "TextCodec", "load_codec"]

LANGUAGE_NAMES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "hi": "Hindi",
    "zh": "Chinese",
}
"""English names, as a prompt may call them."""


ANY_LANGUAGE = "the language that is spoken"


@dataclass(frozen=True)
class PromptForm:
    """A candidate for the prompt.

    Attributes:
        chat: whether the base model's own mark-up of a user's turn stands around it; else only its mark of
            the beginning stands before it.
        instruction: what follows the audio; `{language}` stands for the language's English name.
    """

    chat: bool
    instruction: str = ""


PROMPTS = {
    "audio": PromptForm(chat=False),
    "chat": PromptForm(chat=True),
    "chat-transcribe": PromptForm(chat=True, instruction="Transcribe the audio."),
    "chat-language": PromptForm(chat=True, instruction="Transcribe the audio in {language}."),
}
"""All candidates, likeliest first."""


class TextCodec:
    """A tokenizer, used as a checkpoint's configuration says.

    Args:
        tokenizer: of the base model, as transformers loads it.
        config: ids, prompt, canvas.
        audio_tokens: how many the projector makes.

    Raises:
        InvalidConfig: the configuration names a prompt that there is none of, or one that this tokenizer
            cannot write.
    """

    def __init__(self, tokenizer: Any, config: RecogniserConfig, audio_tokens: int) -> None:  # noqa: ANN401
        self._tokenizer = tokenizer
        self._config = config
        self._audio_tokens = audio_tokens
        if config.unknowns.prompt not in PROMPTS:
            known = ", ".join(PROMPTS)
            raise InvalidConfig("prompt", f"no prompt is called {config.unknowns.prompt!r}; known: {known}")
        self.prompt(None)

    def reconfigured(self, config: RecogniserConfig) -> TextCodec:
        """The same tokenizer, used as another configuration says."""
        return TextCodec(self._tokenizer, config, self._audio_tokens)

    @property
    def eos(self) -> frozenset[int]:
        return frozenset(self._config.eos)

    def prompt(self, language: str | None) -> list[int]:
        """Token ids of the prompt for a language (None: not known), audio placeholders included.

        Raises:
            InvalidConfig: the tokenizer cannot write it.
        """
        form, ids = PROMPTS[self._config.unknowns.prompt], self._config.prompt_ids
        span = [ids.begin, *[ids.audio] * self._audio_tokens, ids.end]
        if not form.chat:
            return [self._tokenizer.bos_token_id, *span]
        instruction = form.instruction.format(language=LANGUAGE_NAMES.get(language or "", ANY_LANGUAGE))
        content = "".join(self._tokenizer.convert_ids_to_tokens(span)) + instruction
        turn = [{"role": "user", "content": content}]
        try:
            text = self._tokenizer.apply_chat_template(turn, tokenize=False, add_generation_prompt=True)
        except ValueError as error:
            message = f"the base model's tokenizer has no mark-up for turns ({error}); use the prompt 'audio'"
            raise InvalidConfig(self._config.unknowns.prompt, message) from error
        prompt: list[int] = self._tokenizer(text, add_special_tokens=False).input_ids
        if prompt.count(ids.audio) != self._audio_tokens:
            message = (
                f"written with this tokenizer, the prompt holds {prompt.count(ids.audio)} audio tokens, "
                f"not {self._audio_tokens}; check prompt_ids and the base model"
            )
            raise InvalidConfig(self._config.unknowns.prompt, message)
        return prompt

    def target(self, text: str) -> list[int]:
        """The canvas that stands for a transcript: its tokens, an end token, and what fills the rest.

        A text too long for the canvas is cut.
        """
        config = self._config
        length, end = config.unknowns.canvas_length, config.eos[0]
        ids: list[int] = self._tokenizer(text, add_special_tokens=False).input_ids
        filler = end if config.unknowns.fill == "eos" else config.pad
        return [*ids[: length - 1], end, *[filler] * (length - 1 - len(ids))]

    def trim(self, canvas: Sequence[int]) -> tuple[list[int], bool]:
        """The tokens before the first end token, and whether there is one."""
        for place, token in enumerate(canvas):
            if token in self.eos:
                return list(canvas[:place]), True
        return list(canvas), False

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """What each token adds to the text; joined, they are the text.

        A character of several tokens is added by its last one. Special tokens add nothing.
        """
        pieces, written = [], ""
        for end in range(1, len(ids) + 1):
            text = self._tokenizer.decode(
                list(ids[:end]), skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
            if text.endswith("\ufffd"):  # half a character
                pieces.append("")
            else:
                pieces.append(text[len(written) :])
                written = text
        return pieces


def load_codec(folder: Path, config: RecogniserConfig, audio_tokens: int) -> TextCodec:
    """The codec with the tokenizer of a base model's folder.

    Raises:
        UnreadableCheckpoint: no tokenizer there.
        InvalidConfig: see `TextCodec`.
    """
    repair_torchaudio()
    from transformers import PreTrainedTokenizerFast

    try:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise UnreadableCheckpoint(folder, f"holds no tokenizer ({error}); fetch the model again") from error
    return TextCodec(tokenizer, config, audio_tokens)
