"""Both sides of the contract, checked: what a caller asks, and what a model gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .errors import ContractViolation, InvalidAudio, UnsupportedLanguage, UnsupportedTask
from .spec import ModelSpec
from .types import TranscribeOptions, Transcript, Utterance, is_valid_span

__all__ = ["check_request", "check_transcripts"]


def check_request(
    spec: ModelSpec, utterances: Sequence[Utterance], options: TranscribeOptions
) -> TranscribeOptions:
    """The options with the model's own defaults filled in.

    Raises:
        InvalidAudio: an utterance is longer than the model takes.
        UnsupportedLanguage, UnsupportedTask, InvalidOption: the model cannot do what is asked.
    """
    if options.task not in spec.tasks:
        raise UnsupportedTask(options.task, spec.name, spec.tasks)
    for language in {options.language, *(utterance.language for utterance in utterances)}:
        if language is not None and language not in spec.languages:
            raise UnsupportedLanguage(language, spec.name, spec.languages)
    for utterance in utterances:
        if utterance.duration_s > spec.max_seconds + 1e-6:
            raise InvalidAudio(
                f"an utterance of {utterance.duration_s:.1f} s, but model {spec.name!r} takes at most "
                f"{spec.max_seconds:g} s: cut it, or use transcribe_long",
                utterance.duration_s,
            )
    return replace(options, model_options=spec.check_options(options.model_options, "call"))


def check_transcripts(
    spec: ModelSpec, utterances: Sequence[Utterance], transcripts: Sequence[Transcript]
) -> list[Transcript]:
    """The transcripts, if the model kept to the contract.

    Raises:
        ContractViolation: a wrong number of transcripts, or words out of order, outside their utterance,
            or with times or confidences that are no numbers. The model's name is in it.
    """
    if not isinstance(transcripts, Sequence) or len(transcripts) != len(utterances):
        got = len(transcripts) if isinstance(transcripts, Sequence) else type(transcripts).__name__
        raise ContractViolation(spec.name, f"gave {got} transcripts for {len(utterances)} utterances")
    for number, (utterance, transcript) in enumerate(zip(utterances, transcripts, strict=True)):
        fault = _fault(transcript, utterance.duration_s)
        if fault:
            raise ContractViolation(spec.name, f"transcript {number} of {len(transcripts)}: {fault}")
    return list(transcripts)


def _fault(transcript: Transcript, duration_s: float) -> str | None:
    if not isinstance(transcript, Transcript):
        return f"is a {type(transcript).__name__}, not a Transcript"
    latest_s = 0.0
    for word in transcript.words:
        if not is_valid_span(word.start_s, word.end_s, duration_s):
            return (
                f"word {word.text!r} at {word.start_s} to {word.end_s} s "
                f"is not inside its utterance of {duration_s:.3f} s"
            )
        if word.start_s < latest_s - 1e-3:
            return f"word {word.text!r} at {word.start_s} s begins before the word ahead of it"
        latest_s = word.start_s
    for confidence in (transcript.confidence, *(word.confidence for word in transcript.words)):
        if confidence is not None and not 0.0 <= confidence <= 1.0:
            return f"confidence {confidence} is not between 0 and 1"
    return None
