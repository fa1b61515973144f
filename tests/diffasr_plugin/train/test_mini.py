"""The embedded recogniser learns: real weights, a real voice, a step or two."""

import json
from importlib.util import find_spec

import pytest
import torch

from diffasr_plugin.backends.diffusion_mini.spec import DATA, WEIGHTS_FILE
from diffasr_plugin.mini.adapter_file import load_adapter
from diffasr_plugin.train.errors import NoTrainingData
from diffasr_plugin.train.learner import Task
from diffasr_plugin.train.mini import make_mini
from diffasr_plugin.train.model_recipes import BatchShape, MiniRecipe
from diffasr_plugin.train.recipe import Conditioning, LossWeights, Noise
from diffasr_plugin.train.teacher import is_near

pytestmark = pytest.mark.skipif(not (DATA / WEIGHTS_FILE).is_file(), reason="the weights did not come along")

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One clip of a real conversation, as English, and as Hindi, for which the reference stands."""
    (package,) = find_spec("pyannote.audio").submodule_search_locations
    sample = f"{package}/sample/sample.wav"
    folder = tmp_path_factory.mktemp("mini")
    said = "And I'm Sheila in Texas, originally from Chicago."
    lines = [
        {
            "audio": sample,
            "start_s": 14.4,
            "end_s": 17.8,
            "text": said,
            "language": language,
            "speaker": "a:b",
        }
        for language in ("en", "hi")
    ]
    (folder / "clips-1.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / "clips-2.jsonl").write_text("")  # a shard that came out empty
    return folder


@pytest.fixture(scope="module")
def made(folder):
    recipe = MiniRecipe(
        ("clips-*.jsonl",), (BatchShape(10, 32, 2),), languages=("en", "hi"), reuse=2, most_errors=0.4
    )
    return make_mini(recipe, folder, 0, CPU)


@pytest.fixture(scope="module")
def batch(made):
    return made[1].batch(0)


def test_batches_are_told_by_their_number_and_used_twice(made, batch):
    _, data = made
    assert data.batch(1) is batch
    data.batch(2)
    assert torch.equal(data.batch(0).states, batch.states)


def test_texts_are_the_backbones_own_where_they_may_be(made):
    english, hindi = made[1]._store.clips
    assert english.distilled
    assert is_near(english.text, hindi.text, 0.4)
    assert not hindi.distilled
    assert hindi.text.startswith("And I'm Sheila")


def test_a_batch_is_what_the_learner_takes(made, batch):
    end = made[1]._codec.end
    assert batch.states.shape == batch.clean_states.shape == (2, 500, 512)
    assert not torch.equal(batch.states, batch.clean_states)
    places = torch.arange(32)
    assert (batch.clean[places >= batch.lengths[:, None]] == end).all()
    assert (batch.clean[places < batch.lengths[:, None]] != end).all()


def test_all_losses_reach_the_adapter_and_nothing_else(made, batch):
    learner, _ = made
    losses = learner(batch, Task(LossWeights(1.0, 0.0, 1.0, 1.0), Noise(), seed=3))
    assert set(losses) == {"diffusion", "ctc", "distillation"}
    sum(losses.values()).backward()
    assert {name for name, p in learner.named_parameters() if p.grad is None and p.requires_grad} <= {
        name for name, _ in learner.named_parameters() if ".conditioning." in name
    }
    assert all(name.startswith("model.adapter.") for name, p in learner.named_parameters() if p.requires_grad)
    learner.zero_grad()


def test_canvases_may_begin_as_what_is_heard(made, batch):
    learner, _ = made
    heard = learner._heard(batch)
    assert heard.shape == batch.clean.shape
    noise = Noise(heard=1.0, conditioning=Conditioning(chance=1.0, most_rounds=2, resample=1.0))
    (loss,) = learner(batch, Task(LossWeights(), noise, seed=5)).values()
    assert loss.isfinite()


def test_what_was_trained_is_written_for_the_recogniser(made, tmp_path):
    learner, _ = made
    learner.export(tmp_path)
    assert load_adapter(tmp_path).config == learner.model.adapter.config
    taken = learner.exported(tmp_path)
    assert set(taken) == {name for name, p in learner.named_parameters() if p.requires_grad}
    name = "model.adapter.reader.norm.weight"
    assert torch.equal(taken[name], learner.get_parameter(name).half().float())
    assert learner.exported(tmp_path / "nothing") is None


def test_without_recordings_it_is_said(folder):
    recipe = MiniRecipe(("none-*.jsonl",), languages=("en",))
    with pytest.raises(NoTrainingData, match="no clip in en"):
        make_mini(recipe, folder, 0, CPU)


@pytest.mark.parametrize(
    ("text", "reference", "near"),
    [
        ("Open the door.", "open the door", True),
        ("Open a door.", "open the door", False),
        ("", "open", False),
        ("open", "…", False),
    ],
)
def test_near_is_a_matter_of_letters(text, reference, near):
    assert is_near(text, reference, 0.15) is near


def test_each_of_several_processes_reuses_windows_of_its_own(made, monkeypatch):
    data, made_of = made[1], []
    monkeypatch.setattr(data, "_processes", 3)
    monkeypatch.setattr(data, "_last", None)
    monkeypatch.setattr(data, "_make", made_of.append)
    for step in range(4):
        data.batch(3 * step + 1)  # the second process's
    assert made_of == [1, 4]
