"""A denoised text, what CTC hears, and the sound -> whether the audio supports the text.

A language model can write fluent text about silence. Three things are held against it here: CTC, which reads
the audio frame by frame; the sound's level; and its room for speech. Knows no model and no vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.asr import SAMPLE_RATE

__all__ = ["GuardConfig", "GuardScores", "Sound", "Verdict", "judge", "measure_sound"]

FRAME = SAMPLE_RATE // 50
"""Levels are measured in frames of 20 ms."""

FLOOR_DBFS = -120.0
"""Level of digital silence."""


@dataclass(frozen=True)
class GuardConfig:
    """Where the lines are drawn. Plausible, not fitted: no weights to fit them on were at hand.

    Attributes:
        silence_dbfs: sound that never gets louder than this is silence.
        steady_db: sound whose level varies less than this is hum or noise, unless CTC hears the text in it.
        steady_s: shorter sound is not called steady: a short word is.
        heard_log_prob: a token is heard if CTC gives it at least this much, in nats, in its best frame.
        drop_heard, flag_heard: least share of heard tokens, for a text to be shown at all, and unflagged.
        flag_agreement: least likeness of the text to CTC's own, for a text to go unflagged.
        most_tokens_per_s: speech is not denser than this.
        flagged_confidence: most confidence that a flagged text may have.
    """

    silence_dbfs: float = -60.0
    steady_db: float = 6.0
    steady_s: float = 1.0
    heard_log_prob: float = math.log(0.01)
    drop_heard: float = 0.1
    flag_heard: float = 0.5
    flag_agreement: float = 0.3
    most_tokens_per_s: float = 15.0
    flagged_confidence: float = 0.3


@dataclass(frozen=True)
class Sound:
    """How loud an utterance is.

    Attributes:
        level_dbfs: of its loud parts (95th percentile of 20 ms frames).
        range_db: between its loud and its quiet parts (10th percentile).
        active_s: how long it is within 30 dB of its loud parts.
        duration_s: in all.
    """

    level_dbfs: float
    range_db: float
    active_s: float
    duration_s: float


def measure_sound(samples: NDArray[np.float32]) -> Sound:
    """Levels of mono audio at 16 kHz, shape (n,); a constant offset is no sound."""
    duration_s = len(samples) / SAMPLE_RATE
    if not len(samples):
        return Sound(FLOOR_DBFS, 0.0, 0.0, 0.0)
    centred = samples - samples.mean(dtype=np.float64)
    frame = min(FRAME, len(samples))
    frames = centred[: len(samples) // frame * frame].reshape(-1, frame)
    power = np.square(frames).mean(axis=1)
    levels = 10 * np.log10(np.maximum(power, 10 ** (FLOOR_DBFS / 10)))
    quiet, loud = np.percentile(levels, [10, 95])
    active_s = float((levels > max(loud - 30, FLOOR_DBFS)).mean()) * duration_s
    return Sound(float(loud), float(loud - quiet), active_s, duration_s)


@dataclass(frozen=True)
class GuardScores:
    """What the verdict rests on.

    Attributes:
        heard: share of the text's tokens that CTC hears where they are aligned, 0 to 1.
        agreement: likeness of the text's tokens to CTC's greedy path, 0 to 1.
        tokens_per_s: of the time in which there is sound.
        sound: the levels.
    """

    heard: float
    agreement: float
    tokens_per_s: float
    sound: Sound


@dataclass(frozen=True)
class Verdict:
    """What is to be done with a text: show it, show it as doubtful, or drop it.

    `reason` says why in a few words, and is empty for "keep".
    """

    action: Literal["keep", "flag", "drop"]
    reason: str
    scores: GuardScores
    most_confidence: float = 1.0

    def confidence(self, confidence: float) -> float:
        """A confidence of the model's own, no higher than the audio allows."""
        return min(confidence, self.most_confidence)


def judge(
    tokens: Sequence[int],
    log_probs: Sequence[float],
    heard: Sequence[int],
    sound: Sound,
    config: GuardConfig | None = None,
) -> Verdict:
    """Whether the audio supports a text.

    Args:
        tokens: the text's tokens, without end marks.
        log_probs: CTC's log-probability of each token where it is aligned; see `align.Alignment`.
        heard: CTC's greedy path for the same audio.
        sound: levels of the audio.
        config: the defaults if None.
    """
    config = config or GuardConfig()
    assert len(tokens) == len(log_probs), f"{len(log_probs)} log-probabilities for {len(tokens)} tokens"
    scores = _score(tokens, log_probs, heard, sound, config)
    if not tokens:
        return Verdict("keep", "", scores)
    if reason := _reason_to_drop(scores, config):
        return Verdict("drop", reason, scores, most_confidence=0.0)
    if reason := _reason_to_flag(scores, config):
        return Verdict("flag", reason, scores, most_confidence=config.flagged_confidence)
    return Verdict("keep", "", scores)


def _score(
    tokens: Sequence[int], log_probs: Sequence[float], heard: Sequence[int], sound: Sound, config: GuardConfig
) -> GuardScores:
    clear = sum(log_prob >= config.heard_log_prob for log_prob in log_probs)
    return GuardScores(
        heard=clear / len(tokens) if tokens else 1.0,
        agreement=SequenceMatcher(None, tokens, heard, autojunk=False).ratio(),
        tokens_per_s=len(tokens) / max(sound.active_s, FRAME / SAMPLE_RATE),
        sound=sound,
    )


def _reason_to_drop(scores: GuardScores, config: GuardConfig) -> str:
    sound = scores.sound
    if sound.level_dbfs < config.silence_dbfs:
        return "silence"
    if scores.heard < config.drop_heard:
        return "the text is not in the audio"
    steady = sound.range_db < config.steady_db and sound.duration_s >= config.steady_s
    if steady and scores.heard < config.flag_heard:
        return "steady noise"
    return ""


def _reason_to_flag(scores: GuardScores, config: GuardConfig) -> str:
    if scores.heard < config.flag_heard:
        return "little of the text is in the audio"
    if scores.agreement < config.flag_agreement:
        return "the text differs from what CTC hears"
    if scores.tokens_per_s > config.most_tokens_per_s:
        return "more text than the sound has room for"
    return ""
