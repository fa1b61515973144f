"""Measurements -> a table for the terminal, and plain data for JSON.

Knows figures and how to print them; the pages for a browser are in pages.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .alignment import Pair, align
from .evaluation import Evaluation, Measurement, Rate, Rates
from .machine import Machine
from .run import Recognition
from .text_table import text_table

__all__ = [
    "HEADER",
    "AlignedClip",
    "evaluation_data",
    "evaluation_rows",
    "evaluation_text",
    "facts",
    "machine_line",
    "measurement_data",
    "rate_text",
    "worst",
]

HEADER = (
    *("set", "language", "clips", "minutes", "WER %", "CER %"),
    *("substituted", "deleted", "inserted", "× real time", "passes"),
)

UNKNOWN = "—"


def evaluation_text(evaluation: Evaluation) -> str:
    """The figures of all sets, and what they were measured with."""
    return "\n".join(
        [
            *(f"{name}: {value}" for name, value in facts(evaluation).items()),
            "",
            text_table(HEADER, evaluation_rows(evaluation.measurements), names=2),
            *(note for measurement in evaluation.measurements for note in _notes(measurement)),
        ]
    )


def facts(evaluation: Evaluation) -> dict[str, str]:
    """What was measured with what, in words."""
    status = evaluation.status
    options = ", ".join(f"{name}={value}" for name, value in evaluation.options.items())
    return {
        "model": f"{evaluation.model} ({status.model})",
        "runs on": f"{status.device}, {status.dtype}",
        "options": options or "as the model comes",
        "machine": machine_line(evaluation.machine),
    }


def machine_line(machine: Machine) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    return f"{machine.system}, {machine.cores} cores; {versions}"


def evaluation_rows(measurements: Sequence[Measurement]) -> list[tuple[str, ...]]:
    """A row for each set and language; a second one where the script has variants."""
    rows = []
    for measurement in measurements:
        rows.append(_row(measurement, measurement.language, measurement.rates))
        if measurement.one_script is not None:
            rows.append(_row(measurement, f"{measurement.language}, one script", measurement.one_script))
    return rows


def _row(measurement: Measurement, language: str, rates: Rates) -> tuple[str, ...]:
    run, counts = measurement.run, rates.words.counts
    return (
        measurement.name,
        language,
        str(len(run.recognitions)),
        f"{run.audio_s / 60:.1f}",
        rate_text(rates.words),
        rate_text(rates.characters),
        str(counts.substitutions),
        str(counts.deletions),
        str(counts.insertions),
        f"{run.times_real_time:.1f}",
        UNKNOWN if run.passes is None else f"{run.passes:.1f}",
    )


def rate_text(rate: Rate) -> str:
    """ "3.4 (2.1–5.0)": per cent, with the bounds where there are any."""
    if rate.interval is None:
        return _percent(rate.value)
    return f"{_percent(rate.value)} ({_percent(rate.interval.low)}–{_percent(rate.interval.high)})"


def _percent(fraction: float) -> str:
    return "∞" if math.isinf(fraction) else f"{fraction * 100:.1f}"


def _notes(measurement: Measurement) -> list[str]:
    notes = []
    if measurement.other_script:
        of = len(measurement.run.recognitions)
        notes.append(
            f"{measurement.name} {measurement.language}: {measurement.other_script} of {of} texts were "
            "recognised in another script"
        )
    if measurement.timing is not None:
        timing = measurement.timing
        notes.append(
            f"{measurement.name} {measurement.language}: starts of {timing.words} words are off by "
            f"{timing.median_s * 1000:.0f} ms in the middle, {timing.close:.0%} by at most 0.2 s"
        )
    return notes


@dataclass(frozen=True)
class AlignedClip:
    """A clip, and its words said and recognised side by side."""

    item: Recognition
    pairs: Sequence[Pair]

    @property
    def errors(self) -> int:
        return sum(pair.kind != "equal" for pair in self.pairs)

    @property
    def words(self) -> int:
        """Words that were said."""
        return sum(pair.said != "" for pair in self.pairs)


def worst(measurement: Measurement, count: int) -> list[AlignedClip]:
    """The clips with the most word errors, most first; of equals, the shorter. None without errors."""
    aligned = [
        AlignedClip(item, align(item.clip.text, item.transcript.text, measurement.language))
        for item in measurement.run.recognitions
    ]
    wrong = [clip for clip in aligned if clip.errors]
    return sorted(wrong, key=lambda clip: (-clip.errors, clip.words))[:count]


def evaluation_data(evaluation: Evaluation) -> dict[str, Any]:
    """All figures and all texts, for JSON."""
    return {
        "model": evaluation.model,
        "status": asdict(evaluation.status),
        "options": dict(evaluation.options),
        "machine": {**asdict(evaluation.machine), "versions": dict(evaluation.machine.versions)},
        "measurements": [measurement_data(measurement) for measurement in evaluation.measurements],
    }


def measurement_data(measurement: Measurement, texts: bool = True) -> dict[str, Any]:
    """One set in one language, for JSON.

    Args:
        texts: whether to give what was said and recognised, clip by clip.
    """
    run, one_script = measurement.run, measurement.one_script
    return {
        "set": measurement.name,
        "language": measurement.language,
        "clips": len(run.recognitions),
        "audio_s": round(run.audio_s, 3),
        "elapsed_s": round(run.elapsed_s, 3),
        "times_real_time": round(run.times_real_time, 2),
        "passes": run.passes,
        **_rates_data(measurement.rates),
        "one_script": None if one_script is None else _rates_data(one_script),
        "other_script": measurement.other_script,
        "word_timing": None if measurement.timing is None else asdict(measurement.timing),
        **({"texts": [_text_data(item) for item in run.recognitions]} if texts else {}),
    }


def _rates_data(rates: Rates) -> dict[str, Any]:
    return {"wer": _rate_data(rates.words), "cer": _rate_data(rates.characters)}


def _rate_data(rate: Rate) -> dict[str, Any]:
    return {
        "rate": rate.value if math.isfinite(rate.value) else None,
        "interval": None if rate.interval is None else [rate.interval.low, rate.interval.high],
        **asdict(rate.counts),
    }


def _text_data(item: Recognition) -> Mapping[str, Any]:
    return {
        "clip": item.clip.name,
        "speaker": item.clip.speaker,
        "duration_s": round(item.duration_s, 3),
        "said": item.clip.text,
        "recognised": item.transcript.text,
        "language": item.transcript.language,
        "confidence": item.transcript.confidence,
        "passes": item.transcript.steps,
    }
