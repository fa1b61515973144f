"""A registered model -> a speech recognition pipeline of transformers, with the answers of Whisper's.

Does not know which model. It is made by `pipeline_class`; the built-in task stays as it is.

    from transformers import pipeline

    task = "automatic-speech-recognition"
    recogniser = pipeline(task, model=Backend("whisper"), pipeline_class=BackendPipeline)
    recogniser("speech.wav", return_timestamps="word")["chunks"]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from inspect import signature
from itertools import chain, islice
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ..asr import TranscribeOptions, Transcript, as_samples, recognise
from ..asr.long import join
from ..compat import repair_torchaudio
from .common import as_toolkit_errors, nearest_language, windows_of
from .hf_answer import make_answer
from .hf_backend import Backend, LoadedBackend, PlainSamples

repair_torchaudio()  # the next imports import it

from transformers import AutomaticSpeechRecognitionPipeline, GenerationConfig  # noqa: E402
from transformers.models.whisper.generation_whisper import WhisperGenerationMixin  # noqa: E402
from transformers.models.whisper.tokenization_whisper import LANGUAGES, TO_LANGUAGE_CODE  # noqa: E402
from transformers.utils import logging  # noqa: E402

__all__ = ["Backend", "BackendPipeline"]

_LOG = logging.get_logger(__name__)


class BackendPipeline(AutomaticSpeechRecognitionPipeline):  # type: ignore[misc]  # transformers is not typed
    """Takes what Whisper's pipeline takes: paths, URLs, bytes, arrays, dicts, lists, generators, data sets.

    Audio of any length: windows are cut in pauses, at most `chunk_length_s` long; with `batch_size`, the
    windows of so many recordings are recognised together. Searches have no place here: generation settings
    that the model does not have are left aside, and that is said once.
    """

    _load_tokenizer = _load_feature_extractor = False

    def __init__(
        self,
        model: Backend,
        device: int | str | torch.device | None = None,
        dtype: str | torch.dtype | None = "auto",
        **parameters: Any,  # noqa: ANN401
    ) -> None:
        """Load the model; `device` and `dtype` are handed on as its options of these names.

        Raises:
            ValueError, OSError: it cannot be had; see `as_toolkit_errors`.
        """
        if not isinstance(model, Backend):
            raise TypeError(f'model is a {type(model).__name__}: give a Backend, such as Backend("whisper")')
        loaded = LoadedBackend(model, device, dtype)
        super().__init__(loaded, feature_extractor=PlainSamples(), device=loaded.device, **parameters)

    def _sanitize_parameters(self, **given: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:  # noqa: ANN401
        """Parameters of the constructor or of a call, for reading, for recognising and for answering."""
        answering: dict[str, Any] = {
            key: given.pop(key) for key in ("return_timestamps", "return_language") if key in given
        }
        wanted = answering.get("return_timestamps")
        if wanted not in (None, True, False, "word"):
            raise ValueError(f"return_timestamps={wanted!r}: give 'word' for words, True for segments")
        if wanted and not self.model.spec.word_times:
            raise ValueError(f"model {self.model.spec.name!r} gives no times: leave return_timestamps out")
        for key in ("ignore_warning", "stride_length_s"):  # nothing to warn of; windows overlap as needed
            given.pop(key, None)
        return {}, {**given.pop("generate_kwargs", {}), **given}, answering

    def preprocess(self, inputs: Any, **_: object) -> dict[str, Any]:  # noqa: ANN401
        """Read and resample one recording, as the base class does: its samples, and what else a dict held."""
        (item,) = super().preprocess(inputs)
        return {key: value for key, value in item.items() if key not in ("is_last", "stride")}

    def get_iterator(
        self,
        inputs: Any,  # noqa: ANN401
        num_workers: int,
        batch_size: int,
        reading: Mapping[str, Any],
        recognising: Mapping[str, Any],
        answering: Mapping[str, Any],
    ) -> Iterator[dict[str, Any]]:
        """Answers in the order of the inputs, which are read `batch_size` at a time, when asked for."""
        source = (inputs[n] for n in range(len(inputs))) if hasattr(inputs, "__len__") else iter(inputs)
        while batch := [self.preprocess(item, **reading) for item in islice(source, batch_size)]:
            recordings = [item.pop("samples") for item in batch]
            for item, transcript in zip(batch, self._forward(recordings, **recognising), strict=True):
                extra = {key: [value] for key, value in item.items()}
                yield {**self.postprocess(transcript, **answering), **extra}

    def _forward(
        self,
        recordings: Sequence[NDArray[np.float32]],
        chunk_length_s: float | None = None,
        **generation: Any,  # noqa: ANN401
    ) -> list[Transcript]:
        """Recognise the windows of all recordings, of shape (n,) at 16 kHz, in one call."""
        spec = self.model.spec
        with as_toolkit_errors():
            options = self._options(**generation)
            window_s = min(chunk_length_s or spec.max_seconds, spec.max_seconds)
            windows = [windows_of(as_samples(samples), window_s) for samples in recordings]
            transcripts = iter(recognise(self.model.recogniser, list(chain(*windows)), options))
            return [join(group, list(islice(transcripts, len(group)))) for group in windows]

    def _options(
        self,
        language: str | None = None,
        task: str | None = None,
        **generation: Any,  # noqa: ANN401
    ) -> TranscribeOptions:
        """What Whisper's `generate` would be told, as options of a call."""
        own = {option.name for option in self.model.spec.options if option.scope == "call"}
        aside = [name for name in generation if name not in own]
        for name in aside:
            if name not in _generation_names():
                raise ValueError(f"{name!r} is no setting of {self.model.spec.name!r}, nor of generation")
            _LOG.warning_once(f"{name!r} is left aside: {self.model.spec.name!r} has no such setting")
        if language is not None:
            name = language.strip("<|>").lower()
            language = nearest_language(TO_LANGUAGE_CODE.get(name, name), self.model.spec)
        settings = {name: value for name, value in generation.items() if name in own}
        return TranscribeOptions(
            language, task or "transcribe", model_options={**self.model.call_options, **settings}
        )

    def postprocess(
        self,
        transcript: Transcript,
        return_timestamps: bool | str | None = None,
        return_language: bool | None = None,
    ) -> dict[str, Any]:
        """The answer to one recording; see `make_answer`."""
        return make_answer(transcript, return_timestamps, LANGUAGES if return_language else None)


def _generation_names() -> set[str]:
    """All that a caller of Whisper's `generate` may set."""
    return {*vars(GenerationConfig()), *signature(WhisperGenerationMixin.generate).parameters}
