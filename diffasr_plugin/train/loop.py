"""A learner, its data and a recipe -> a trained learner, checkpoints and a log, on any number of GPUs.

Knows no model and no audio. Every random number hangs on the recipe's seed and the number of the batch, and
so does the data: nothing but weights, the optimiser's state and the step has to be kept to go on later as
if there had been no break.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from . import checkpoint as disk
from .checkpoint import Checkpoint
from .errors import InvalidRun, TrainingDiverged
from .learner import Data, Learner, Task
from .log import Entry, Log
from .recipe import LossWeights, Recipe, Stage

__all__ = ["Outcome", "Run", "make_accelerator", "train"]

RECIPE_FILE = "recipe.toml"

_BATCHES_A_SEED = 1 << 40
"""More batches than any training has: seeds of one recipe never meet those of another."""


@dataclass(frozen=True)
class Run:
    """Where and how long to train.

    Attributes:
        folder: for checkpoints and the log; a run that was begun in it goes on.
        recipe_path: copied into it.
        start: weights to start a new run from: folder of another run, of a checkpoint, or of what the learner
            can read of its exports.
        max_minutes: stop after that time, with a checkpoint; None: only at the recipe's end.
        clock: seconds, from any beginning.
    """

    folder: Path
    recipe_path: Path
    start: Path | None = None
    max_minutes: float | None = None
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Outcome:
    """What became of it.

    Attributes:
        step: steps done in all.
        finished: whether the recipe is at its end.
        checkpoint: folder of the last checkpoint; None where there was no time for a step.
    """

    step: int
    finished: bool
    checkpoint: Path | None


def train(recipe: Recipe, learner: Learner, data: Data, run: Run, accelerator: Any = None) -> Outcome:  # noqa: ANN401
    """Train until the recipe ends or the time is over.

    Args:
        accelerator: accelerate's; one is made from the recipe if None.

    Raises:
        InvalidRun: the folder holds a run of another recipe.
        TrainingDiverged: a loss became infinite or NaN.
    """
    accelerator = accelerator or make_accelerator(recipe)
    trainer = _Trainer(recipe, learner, data, run, accelerator)
    return trainer.train()


def make_accelerator(recipe: Recipe, *, cpu: bool = False) -> Any:  # noqa: ANN401
    """accelerate's, for the precision of the recipe; a CPU computes in float32 whatever that says."""
    from accelerate import Accelerator  # type: ignore[import-untyped]

    return Accelerator(cpu=cpu, mixed_precision="no" if cpu else recipe.precision)


class _Trainer:
    """The state of a training: the step, and what belongs to the stage that it is in."""

    def __init__(self, recipe: Recipe, learner: Learner, data: Data, run: Run, accelerator: Any) -> None:  # noqa: ANN401
        self.recipe, self.learner, self.data, self.run = recipe, learner, data, run
        self.accelerator = accelerator
        self.learner.to(accelerator.device)
        self.trained = {name: p for name, p in learner.named_parameters() if p.requires_grad}
        self.step = 0
        self._optimiser_state: Any = None
        self._begin = run.clock()
        self._prepare_folder()
        self._take_up()
        self._begin_alike()

    def train(self) -> Outcome:
        while self.step < self.recipe.steps and not self._time_is_over():
            self._train_stage(*self.recipe.stage_at(self.step))
        folder = self.run.folder
        return Outcome(self.step, self.step >= self.recipe.steps, disk.latest(folder))

    def _train_stage(self, index: int, done: int) -> None:
        """The rest of a stage, of which some steps are done, or as much of it as there is time for."""
        stage, recipe = self.recipe.stages[index], self.recipe
        optimiser = self._enter(stage)
        log = Log(self.run.folder, done=self.step, total=recipe.steps) if self._is_main else None
        averages = _Averages(self.run.clock)
        for step in range(done, stage.steps):
            averages.add(self._update(optimiser, stage.losses, stage.rate(step)))
            self.step += 1
            last = step + 1 == stage.steps or self._time_is_over()
            if last or self.step % recipe.log_every == 0:
                entry = self._entry(averages, stage, stage.rate(step))
                averages = _Averages(self.run.clock)
                if log is not None:
                    log.write(entry)
            if last or self.step % recipe.save_every == 0:
                # The next stage begins with a fresh optimiser.
                self._save({} if step + 1 == stage.steps else optimiser.state_dict())
            if last:
                return

    @property
    def _is_main(self) -> bool:
        return bool(self.accelerator.is_main_process)

    def _prepare_folder(self) -> None:
        folder, copy = self.run.folder, self.run.folder / RECIPE_FILE
        if self._is_main:
            folder.mkdir(parents=True, exist_ok=True)
            if not copy.exists():
                shutil.copyfile(self.run.recipe_path, copy)
        self.accelerator.wait_for_everyone()
        if copy.read_bytes() != self.run.recipe_path.read_bytes():
            raise InvalidRun(
                folder, "was begun with another recipe; give another folder, and this one as --from, to go on"
            )

    def _take_up(self) -> None:
        """Go on from the run's last checkpoint, or begin from another run's weights."""
        found = disk.latest(self.run.folder)
        if found is not None:
            checkpoint = disk.load(found)
            self.step, self._optimiser_state = checkpoint.step, checkpoint.optimiser
            self._fill(checkpoint.weights, found)
        elif self.run.start is not None:
            begun = self.learner.exported(self.run.start) or disk.load_weights(self.run.start)
            self._fill(begun, self.run.start)

    def _fill(self, weights: Any, source: Path) -> None:  # noqa: ANN401
        wrong = sorted(set(weights) ^ set(self.trained))
        wrong += [n for n, p in self.trained.items() if n in weights and weights[n].shape != p.shape]
        if wrong:
            raise InvalidRun(source, f"its weights do not fit the recipe, the first is {wrong[0]}")
        with torch.no_grad():
            for name, parameter in self.trained.items():
                parameter.copy_(weights[name])

    def _begin_alike(self) -> None:
        """Give all processes the weights of the first."""
        if self.accelerator.num_processes > 1:
            from accelerate.utils import broadcast  # type: ignore[import-untyped]

            for parameter in self.trained.values():
                parameter.data.copy_(broadcast(parameter.data))

    def _enter(self, stage: Stage) -> Any:  # noqa: ANN401
        """The optimiser of a stage."""
        for name, parameter in self.trained.items():
            parameter.requires_grad_(not stage.train or name.startswith(stage.train))
        learning = [p for p in self.trained.values() if p.requires_grad]
        if not learning:
            raise InvalidRun(self.run.recipe_path, f"stage {stage.name!r} trains nothing: {stage.train}")
        settings = self.recipe.optimiser
        optimiser = torch.optim.AdamW(
            learning, lr=stage.learning_rate, betas=settings.betas, weight_decay=settings.weight_decay
        )
        prepared = self.accelerator.prepare_optimizer(optimiser)
        if self._optimiser_state:
            prepared.load_state_dict(self._optimiser_state)
        self._optimiser_state = None
        self.learner.train()
        return prepared

    def _update(self, optimiser: Any, weights: LossWeights, rate: float) -> dict[str, Tensor]:  # noqa: ANN401
        """One step of the optimiser: detached losses, and the norm of the gradient."""
        accumulate = self.recipe.optimiser.accumulate
        sums: dict[str, Tensor] = {}
        for group in optimiser.param_groups:
            group["lr"] = rate
        for part in range(accumulate):
            number = (self.step * accumulate + part) * self.accelerator.num_processes
            number += self.accelerator.process_index
            task = Task(weights, self.recipe.noise, self.recipe.seed * _BATCHES_A_SEED + number)
            batch = self.data.batch(number)
            with self.accelerator.autocast():
                losses = self.learner(batch, task)
            total = sum(getattr(weights, name) * loss for name, loss in losses.items())
            self.accelerator.backward(total / accumulate)
            for name, loss in {**losses, "total": total}.items():
                sums[name] = sums.get(name, 0) + loss.detach() / accumulate
        learning = [p for p in self.trained.values() if p.requires_grad]
        self._share_gradients(learning)
        norm = self.accelerator.clip_grad_norm_(learning, self.recipe.optimiser.clip_norm)
        optimiser.step()
        optimiser.zero_grad()
        return {**sums, "norm": torch.as_tensor(norm)}

    def _share_gradients(self, learning: list[Parameter]) -> None:
        """Give all processes the mean of their gradients, in one message.

        Which parameters take part differs from step to step, as self-conditioning and losses do; those that
        do not have a gradient of zero, on any number of processes.
        """
        for parameter in learning:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        if self.accelerator.num_processes == 1:
            return
        own = torch.cat([p.grad.flatten() for p in learning if p.grad is not None])
        mean = self.accelerator.reduce(own, reduction="mean")
        for parameter, part in zip(learning, mean.split([p.numel() for p in learning]), strict=True):
            parameter.grad = part.view_as(parameter)

    def _entry(self, averages: _Averages, stage: Stage, rate: float) -> Entry:
        values = {
            name: float(self.accelerator.reduce(value.float(), reduction="mean"))
            for name, value in averages.means().items()
        }
        if not all(torch.tensor(list(values.values())).isfinite()):
            raise TrainingDiverged(self.step)
        norm = values.pop("norm")
        return Entry(self.step, stage.name, values, rate, norm, averages.seconds(), _peak_gib())

    def _save(self, optimiser_state: dict[str, Any]) -> None:
        """Write a checkpoint, if the weights are numbers."""
        if not all(bool(p.isfinite().all()) for p in self.trained.values()):
            raise TrainingDiverged(self.step)
        if self._is_main:
            disk.save(self.run.folder, Checkpoint(self.step, self.trained, optimiser_state), self.recipe.keep)
        self.accelerator.wait_for_everyone()

    def _time_is_over(self) -> bool:
        if self.run.max_minutes is None:
            return False
        over = self.run.clock() - self._begin >= 60 * self.run.max_minutes
        if self.accelerator.num_processes == 1:
            return over
        # All processes must agree, or some would wait for the others for ever.
        told = torch.tensor(float(over), device=self.accelerator.device)
        return bool(self.accelerator.reduce(told, reduction="sum") > 0)


class _Averages:
    """Sums of what steps tell, kept on the device: reading them would make the device wait."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._begin = clock, clock()
        self._sums: dict[str, Tensor] = {}
        self._steps = 0

    def add(self, values: dict[str, Tensor]) -> None:
        self._steps += 1
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, torch.zeros_like(value)) + value

    def means(self) -> dict[str, Tensor]:
        return {name: value / self._steps for name, value in self._sums.items()}

    def seconds(self) -> float:
        return (self._clock() - self._begin) / self._steps


def _peak_gib() -> float:
    return torch.cuda.max_memory_allocated() / 2**30 if torch.cuda.is_available() else 0.0
