"""Recipes: those that come along can be read, and what is wrong with others is said."""

from dataclasses import replace
from pathlib import Path

import pytest

import diffasr_plugin.train
from diffasr_plugin.train.errors import InvalidRecipe
from diffasr_plugin.train.recipe import LossWeights, Stage, read_recipe

RECIPES = Path(diffasr_plugin.train.__file__).parent / "recipes"

MINI = '[mini]\nmanifests = ["a.jsonl"]\n'
STAGE = '[[stages]]\nname = "x"\nsteps = 1\nlearning_rate = 0.1\n'


@pytest.mark.parametrize("name", ["mini", "gemma"])
def test_the_recipes_that_come_along_are_whole(name):
    recipe = read_recipe(RECIPES / f"{name}.toml")
    assert getattr(recipe, name) is not None
    assert recipe.precision == "bf16"


def test_the_flagship_unlocks_its_projector_first():
    first, second = read_recipe(RECIPES / "gemma.toml").stages
    assert first.train == ("projector",)
    assert first.losses == LossWeights(diffusion=0.0, ctc=1.0)
    assert second.train == ()
    assert min(second.losses.diffusion, second.losses.autoregressive, second.losses.ctc) > 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("stages = ", "cannot be read as TOML"),
        (MINI, "lacks 'stages'"),
        ("stages = []\n" + MINI, "stages is empty"),
        (STAGE, r"one table of \[mini\] and \[gemma\]"),
        (MINI + "colour = 1\n" + STAGE, "unknown key 'colour' in MiniRecipe"),
        ("[mini]\nmanifests = []\n" + STAGE, "manifests is empty"),
        (MINI + "shapes = []\n" + STAGE, "shapes is empty"),
        (MINI + "languages = []\n" + STAGE, "languages is empty"),
        (MINI + "most_errors = 2.0\n" + STAGE, "most_errors is 2.0"),
        (MINI + "reuse = 0\n" + STAGE, "reuse is 0"),
        (MINI + "shapes = [{window_s = 40, canvas = 8, windows = 1}]\n" + STAGE, "at most 30 s"),
        (MINI + "shapes = [{window_s = 10, canvas = 0, windows = 1}]\n" + STAGE, "must be positive"),
        (
            MINI + "shapes = [{window_s = 9, canvas = 8, windows = 1, share = 0.0}]\n" + STAGE,
            "share of a batch",
        ),
        (MINI + 'sources = [{name = "a", share = 0.0}]\n' + STAGE, "share of 'a' is 0.0"),
        ("[gemma]\n" + STAGE, "it takes sets or manifests"),
        ('[gemma]\nmanifests = ["a"]\nrank = 0\n' + STAGE, "sizes must be positive"),
        (
            '[gemma]\nsets = [{repository="r", split="s", language="en", text="t", share=0.0}]\n' + STAGE,
            "share of r is 0.0",
        ),
        (MINI + STAGE.replace("steps = 1", "steps = 0"), "has 0 steps"),
        (MINI + STAGE.replace("0.1", "0.0"), "learning_rate is 0.0"),
        (MINI + STAGE + "warmup_steps = -1\n", "warmup_steps is -1"),
        (MINI + STAGE + "final_share = 2.0\n", "final_share is 2.0"),
        (MINI + STAGE + "losses = {diffusion = 0.0}\n", "weights of losses"),
        (MINI + STAGE + "[noise]\nleast_share = 0.5\nmost_share = 0.4\n", "shares of noise are 0.5 to 0.4"),
        (MINI + STAGE + "[noise]\ndrafts = 1.5\n", "drafts is 1.5"),
        (MINI + STAGE + "[noise.edits]\ndelete = 3.0\n", "rates of edits"),
        (MINI + STAGE + "[noise.conditioning]\nchance = 3.0\n", "chance is 3.0"),
        (MINI + STAGE + "[noise.conditioning]\nmost_rounds = 0\n", "most_rounds is 0"),
        (MINI + "strength = { pairs = 1.5 }\n" + STAGE, "strength of pairs is 1.5"),
        (MINI + STAGE + "[optimiser]\nclip_norm = 0.0\n", "clip_norm is 0.0"),
        (MINI + STAGE + "[optimiser]\naccumulate = 0\n", "accumulate is 0"),
        ("keep = 0\n" + MINI + STAGE, "each is at least 1"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, told):
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    with pytest.raises(InvalidRecipe, match=told) as caught:
        read_recipe(path)
    assert caught.value.path == path


def test_a_missing_recipe_is_named(tmp_path):
    with pytest.raises(InvalidRecipe, match=r"none\.toml: cannot be read"):
        read_recipe(tmp_path / "none.toml")


def test_the_rate_rises_and_falls():
    stage = Stage("x", 110, 1.0, warmup_steps=10, final_share=0.1)
    assert stage.rate(0) == pytest.approx(0.1)
    assert stage.rate(9) == pytest.approx(1.0)
    assert stage.rate(60) == pytest.approx(0.55)  # half way down the cosine
    assert stage.rate(110) == pytest.approx(0.1)
    assert replace(stage, warmup_steps=0).rate(0) == pytest.approx(1.0)


def test_steps_belong_to_stages():
    recipe = read_recipe(RECIPES / "gemma.toml")
    first = recipe.stages[0].steps
    assert recipe.stage_at(0) == (0, 0)
    assert recipe.stage_at(first - 1) == (0, first - 1)
    assert recipe.stage_at(first) == (1, 0)
    with pytest.raises(IndexError, match="ends"):
        recipe.stage_at(recipe.steps)
