"""The loop: it learns, stops in time, and goes on as if it had never stopped."""

import subprocess
import sys

import pytest
import torch

from diffasr_plugin.train.checkpoint import latest, load, load_weights
from diffasr_plugin.train.errors import InvalidRun, TrainingDiverged
from diffasr_plugin.train.log import read_log
from diffasr_plugin.train.loop import Run, train
from diffasr_plugin.train.recipe import read_recipe
from tests.support.toy_learner import ToyData, ToyLearner

RECIPE = """
precision = "no"
log_every = 4
save_every = 5

[gemma]
sets = [{ repository = "none", split = "train", language = "en", text = "text" }]

[noise]
drafts = 0.3
conditioning = { chance = 0.5, most_rounds = 2, resample = 0.5 }

[optimiser]
accumulate = 2

[[stages]]
name = "ear"
steps = 6
learning_rate = 0.01
warmup_steps = 2
train = ["ear", "mouth"]

[[stages]]
name = "all"
steps = 34
learning_rate = 0.02
warmup_steps = 4
"""


class Clock:
    """Each look at it is a second later."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1
        return self.now


@pytest.fixture
def recipe_path(tmp_path):
    path = tmp_path / "toy.toml"
    path.write_text(RECIPE)
    return path


def run_it(recipe_path, folder, learner=None, **more):
    learner = learner or ToyLearner()
    outcome = train(read_recipe(recipe_path), learner, ToyData(), Run(folder, recipe_path, **more))
    return learner, outcome


@pytest.fixture
def whole(recipe_path, tmp_path):
    return run_it(recipe_path, tmp_path / "whole")


def test_the_loss_falls_and_everything_is_told(whole, tmp_path):
    _, outcome = whole
    entries = read_log(tmp_path / "whole")
    assert outcome.finished
    assert outcome.step == 40
    assert [entry.step for entry in entries] == [4, 6, 8, 12, 16, 20, 24, 28, 32, 36, 40]
    assert [entry.stage for entry in entries[:3]] == ["ear", "ear", "all"]
    assert entries[-1].losses["diffusion"] < 0.6 * entries[0].losses["diffusion"]
    assert entries[-1].losses["total"] == entries[-1].losses["diffusion"]


def test_a_break_changes_nothing_to_the_last_bit(whole, recipe_path, tmp_path):
    """Stopped by its clock again and again, between checkpoints and inside both stages."""
    folder, outcome, breaks = tmp_path / "broken", None, 0
    while outcome is None or not outcome.finished:
        learner = ToyLearner(seed=7 + breaks)  # whatever it begins with is replaced, or it is the first
        learner = ToyLearner() if outcome is None else learner
        learner, outcome = run_it(recipe_path, folder, learner, max_minutes=15 / 60, clock=Clock())
        breaks += 1
    assert breaks > 3
    for name, weights in load_weights(tmp_path / "whole").items():
        assert torch.equal(load_weights(folder)[name], weights), name
    ours, theirs = read_log(folder)[-1], read_log(tmp_path / "whole")[-1]
    assert (ours.step, ours.learning_rate) == (theirs.step, theirs.learning_rate)


def test_a_stage_trains_its_parts_only(recipe_path, tmp_path):
    recipe_path.write_text(RECIPE[: RECIPE.rindex("[[stages]]")])
    learner, _ = run_it(recipe_path, tmp_path / "run")
    begun = dict(ToyLearner().named_parameters())
    moved = {name for name, p in learner.named_parameters() if not torch.equal(p, begun[name])}
    assert moved == {"ear.weight", "ear.bias", "mouth.weight", "mouth.bias"}


def test_frozen_weights_are_not_saved(whole, tmp_path):
    assert "frozen" not in load_weights(tmp_path / "whole")


def test_what_was_logged_after_the_checkpoint_is_logged_anew(recipe_path, tmp_path):
    run_it(recipe_path, tmp_path / "run")
    (last,) = [latest(tmp_path / "run")]
    last.rename(last.with_name("gone"))  # as if the machine had died after step 38
    run_it(recipe_path, tmp_path / "run")
    steps = [entry.step for entry in read_log(tmp_path / "run")]
    assert steps == sorted(set(steps))


def test_only_the_latest_checkpoints_stay(whole, tmp_path):
    names = sorted(path.name for path in (tmp_path / "whole" / "checkpoints").iterdir())
    assert names == ["00000035", "00000040"]


def test_another_recipe_does_not_go_on_with_a_run(whole, recipe_path, tmp_path):
    recipe_path.write_text(RECIPE.replace("0.02", "0.03"))
    with pytest.raises(InvalidRun, match="another recipe"):
        run_it(recipe_path, tmp_path / "whole")


def test_a_new_run_can_start_from_anothers_weights(whole, recipe_path, tmp_path):
    learner, outcome = run_it(
        recipe_path, tmp_path / "second", start=tmp_path / "whole", max_minutes=0.0, clock=Clock()
    )
    assert outcome.step == 0
    assert outcome.checkpoint is None
    assert torch.equal(learner.mouth.weight, whole[0].mouth.weight)


def test_weights_of_another_model_are_refused(whole, recipe_path, tmp_path):
    learner = ToyLearner()
    learner.mouth = torch.nn.Linear(16, 12)
    with pytest.raises(InvalidRun, match=r"do not fit the recipe, the first is mouth"):
        run_it(recipe_path, tmp_path / "second", learner, start=tmp_path / "whole")


def test_a_stage_that_trains_nothing_is_refused(recipe_path, tmp_path):
    recipe_path.write_text(RECIPE.replace('"ear", "mouth"', '"nose"'))
    with pytest.raises(InvalidRun, match="trains nothing"):
        run_it(recipe_path, tmp_path / "run")


def test_a_loss_that_is_no_number_ends_it_before_anything_is_written(recipe_path, tmp_path):
    learner = ToyLearner()
    with torch.no_grad():
        learner.ear.weight.fill_(float("nan"))
    with pytest.raises(TrainingDiverged, match="by step 4") as caught:
        run_it(recipe_path, tmp_path / "run", learner)
    assert caught.value.step == 4
    assert latest(tmp_path / "run") is None


def test_a_damaged_checkpoint_is_named(whole, tmp_path):
    folder = latest(tmp_path / "whole")
    (folder / "optimiser.pt").write_bytes(b"nonsense")
    with pytest.raises(InvalidRun, match="damaged"):
        load(folder)
    (folder / "weights.safetensors").unlink()
    with pytest.raises(InvalidRun, match="no weights that can be read"):
        load_weights(folder)


def test_two_processes_learn_what_one_learns_from_both_their_batches(recipe_path, tmp_path):
    """Parts that take part in some steps only, self-conditioning among them, included."""
    short = RECIPE.replace("steps = 34", "steps = 6")
    recipe_path.write_text(short)
    run_it(recipe_path, tmp_path / "one", ToyLearner(seed=0))
    pair = tmp_path / "pair.toml"
    pair.write_text(short.replace("accumulate = 2", "accumulate = 1"))
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]
    command = [sys.executable, *launch, "-m", "tests.support.toy_run", str(pair), str(tmp_path / "two")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    one, two = (load_weights(tmp_path / name) for name in ("one", "two"))
    for name, weights in one.items():
        torch.testing.assert_close(two[name], weights, rtol=1e-4, atol=1e-6, msg=name)
