"""Recognisers and what a user would pick instead -> how they do on the same sounds, side by side.

Knows contestants by name only. The sounds: short utterances one by one, the same all at once, and a film.
A contestant that is not installed or fails stands in the table with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any, Literal

from ..asr import AsrModel, DiffasrError, InvalidOption
from .evaluation import Measurement, measure
from .machine import Machine, this_machine
from .manifest import Clip
from .report import machine_line, measurement_data, rate_text
from .run import Run, RunOptions, run
from .text_table import text_table

__all__ = [
    "BENCH_HEADER",
    "Bench",
    "BenchRow",
    "Contestant",
    "Task",
    "bench",
    "bench_data",
    "bench_rows",
    "bench_text",
]

Task = Literal["one by one", "all at once", "film"]

BENCH_HEADER = (
    "recogniser",
    "sounds",
    "clips",
    "minutes",
    "WER %",
    "× real time",
    "× the yardstick",
    "remark",
)

Progress = Callable[[str, int, int], None]
ClipProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Contestant:
    """A recogniser to be measured.

    Attributes:
        name: as it stands in the table.
        open: loads it, and gives its per-call settings; an error of the project's own becomes the remark.
        tasks: what it is measured on.
        yardstick_for: tasks whose speed all others are compared with; one contestant for each.
    """

    name: str
    open: Callable[[], tuple[AsrModel, Mapping[str, Any]]]
    tasks: tuple[Task, ...] = ("one by one", "all at once", "film")
    yardstick_for: tuple[Task, ...] = ()


@dataclass(frozen=True)
class BenchRow:
    """One contestant on one task: measured, or the reason why not."""

    contestant: Contestant
    task: Task
    measurement: Measurement | None
    remark: str = ""


@dataclass(frozen=True)
class Bench:
    """All rows, and where they were measured."""

    rows: tuple[BenchRow, ...]
    machine: Machine = field(default_factory=this_machine)


def bench(
    contestants: Sequence[Contestant],
    prompts: Sequence[Clip],
    film: Clip,
    on_progress: Progress | None = None,
) -> Bench:
    """Measure all contestants, one after the other, so that none takes time from another.

    Raises:
        InvalidOption: the sounds are in several languages; rivals take one for each call.
    """
    languages = sorted({clip.language for clip in (*prompts, film)})
    if len(languages) > 1:
        raise InvalidOption("prompts", f"the sounds are in {', '.join(languages)}: give sets of one language")
    rows: list[BenchRow] = []
    for contestant in contestants:
        rows += _contest(contestant, prompts, film, on_progress)
    return Bench(tuple(rows))


def _contest(
    contestant: Contestant, prompts: Sequence[Clip], film: Clip, on_progress: Progress | None
) -> list[BenchRow]:
    try:
        model, settings = contestant.open()
    except DiffasrError as error:
        return [BenchRow(contestant, task, None, str(error)) for task in contestant.tasks]
    with model:
        rows = []
        for task in contestant.tasks:
            clips = [film] if task == "film" else prompts
            options = RunOptions(len(clips) if task == "all at once" else 1, model_options=settings)
            rows.append(_measure(contestant, task, partial(run, model, clips, options), on_progress))
        return rows


def _measure(
    contestant: Contestant, task: Task, run_it: Callable[[ClipProgress], Run], on_progress: Progress | None
) -> BenchRow:
    def tell(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(f"{contestant.name}, {task}", done, total)

    try:
        done = run_it(tell)
    except DiffasrError as error:
        return BenchRow(contestant, task, None, str(error))
    return BenchRow(contestant, task, measure(task, done.recognitions[0].clip.language, done))


def bench_text(bench: Bench) -> str:
    """The table, and what it was measured with."""
    table = text_table(BENCH_HEADER, bench_rows(bench), names=2)
    return f"machine: {machine_line(bench.machine)}\n\n{table}"


def bench_rows(bench: Bench) -> list[tuple[str, ...]]:
    """The table: error rate, speed, and speed against the task's yardstick."""
    return [_row(row, _against(row, bench)) for row in bench.rows]


def _row(row: BenchRow, against: float | None) -> tuple[str, ...]:
    if row.measurement is None:
        return (row.contestant.name, row.task, "—", "—", "—", "—", "—", row.remark)
    done = row.measurement.run
    is_yardstick = row.task in row.contestant.yardstick_for
    return (
        row.contestant.name,
        row.task,
        str(len(done.recognitions)),
        f"{done.audio_s / 60:.1f}",
        rate_text(row.measurement.rates.words),
        f"{done.times_real_time:.1f}",
        "—" if against is None else f"{against:.2f}",
        "the yardstick" if is_yardstick else row.remark,
    )


def _against(row: BenchRow, bench: Bench) -> float | None:
    """This row's speed as a multiple of the yardstick's: prompts one by one, the film batched."""
    wanted: Task = "film" if row.task == "film" else "one by one"
    yardsticks = [
        other.measurement
        for other in bench.rows
        if other.task == wanted and wanted in other.contestant.yardstick_for and other.measurement
    ]
    if row.measurement is None or not yardsticks:
        return None
    return row.measurement.run.times_real_time / yardsticks[0].run.times_real_time


def bench_data(bench: Bench) -> dict[str, Any]:
    """All rows for JSON, texts included."""
    return {
        "machine": {**asdict(bench.machine), "versions": dict(bench.machine.versions)},
        "rows": [
            {
                "recogniser": row.contestant.name,
                "task": row.task,
                "against_yardstick": _against(row, bench),
                "remark": row.remark,
                "measurement": measurement_data(row.measurement) if row.measurement else None,
            }
            for row in bench.rows
        ],
    }
