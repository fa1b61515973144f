"""One of several processes that train the toy together: python -m tests.support.toy_run RECIPE FOLDER"""

import sys
from pathlib import Path

import torch

from diffasr_plugin.train.loop import Run, make_accelerator, train
from diffasr_plugin.train.recipe import read_recipe
from tests.support.toy_learner import ToyData, ToyLearner

if __name__ == "__main__":
    recipe_path, folder = map(Path, sys.argv[1:])
    recipe = read_recipe(recipe_path)
    accelerator = make_accelerator(recipe, cpu=True)
    # Each begins with other weights: those of the first are what counts.
    learner = ToyLearner(seed=accelerator.process_index)
    torch.set_num_threads(1)
    train(recipe, learner, ToyData(), Run(folder, recipe_path), accelerator)
