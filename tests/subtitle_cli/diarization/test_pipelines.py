"""Which pipeline is chosen, why, and what is refused; the network is never touched."""

import logging
import shutil

import pytest
import yaml

from subtitle_cli.diarization import DiarizationOptions, diarize
from subtitle_cli.diarization.pipelines import COMMUNITY, load_pipeline
from subtitle_cli.errors import DiarizationError

HUB = "huggingface_hub.constants.HF_HUB_CACHE"


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """Nothing loaded before, nothing in the hub's cache, no token, no network."""
    load_pipeline.cache_clear()
    monkeypatch.setattr(HUB, str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    yield
    load_pipeline.cache_clear()


def put_into_cache(folder, name, hub):
    repository = hub / f"models--{name.replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("0" * 40)
    shutil.copytree(folder, repository / "snapshots" / ("0" * 40))


def rewrite(folder, **changes):
    config = yaml.safe_load((folder / "config.yaml").read_text())
    config["pipeline"]["params"].update(changes)
    (folder / "config.yaml").write_text(yaml.safe_dump(config))


def test_the_built_in_one_is_used_where_there_is_no_access(caplog):
    with caplog.at_level(logging.INFO, "subtitle_cli.diarization"):
        pipeline = load_pipeline(None)
    assert pipeline.klustering == "AgglomerativeClustering"
    [line] = [record.message for record in caplog.records]
    assert "the built-in one" in line
    assert "no token is set" in line


def test_the_gated_one_is_used_where_the_cache_holds_it(caplog, pipeline_folder, tmp_path, speech):
    put_into_cache(pipeline_folder, COMMUNITY, tmp_path / "hub")
    with caplog.at_level(logging.INFO, "subtitle_cli.diarization"):
        pipeline = load_pipeline(None)
    assert pipeline.klustering == "VBxClustering"
    [line] = [record.message for record in caplog.records]
    assert f"{COMMUNITY}, to which there is access" in line
    assert diarize(speech[: 12 * 16_000], DiarizationOptions()).turns


def test_a_gated_one_that_is_not_whole_gives_way(caplog, pipeline_folder, tmp_path):
    shutil.rmtree(pipeline_folder / "embedding")
    put_into_cache(pipeline_folder, COMMUNITY, tmp_path / "hub")
    with caplog.at_level(logging.INFO, "subtitle_cli.diarization"):
        assert load_pipeline(None).klustering == "AgglomerativeClustering"
    assert "the built-in one" in caplog.text


def test_a_folder_is_used_whole(pipeline_folder, speech):
    found = diarize(speech[: 12 * 16_000], DiarizationOptions(model=str(pipeline_folder)))
    assert sum(turn.duration_s for turn in found.turns) > 4


def test_networks_that_a_folder_names_are_taken_from_the_cache(pipeline_folder, tmp_path):
    put_into_cache(pipeline_folder / "embedding", "someone/voices", tmp_path / "hub")
    rewrite(pipeline_folder, embedding="someone/voices", clustering="AgglomerativeClustering")
    config = yaml.safe_load((pipeline_folder / "config.yaml").read_text())
    config["params"]["clustering"] = {"method": "centroid", "min_cluster_size": 6, "threshold": 0.7}
    del config["pipeline"]["params"]["plda"]
    (pipeline_folder / "config.yaml").write_text(yaml.safe_dump(config))
    assert load_pipeline(str(pipeline_folder / "config.yaml")).klustering == "AgglomerativeClustering"


def test_networks_that_are_nowhere_are_named(pipeline_folder):
    rewrite(pipeline_folder, embedding="someone/voices")
    with pytest.raises(DiarizationError, match=r"'someone/voices'.*https://hf.co/someone/voices"):
        load_pipeline(str(pipeline_folder))


def test_another_kind_of_pipeline_is_refused(pipeline_folder):
    text = (pipeline_folder / "config.yaml").read_text()
    (pipeline_folder / "config.yaml").write_text(
        text.replace("pyannote.audio.pipelines.SpeakerDiarization", "subprocess.Popen")
    )
    with pytest.raises(DiarizationError, match="no speaker diarization of pyannote"):
        load_pipeline(str(pipeline_folder))


def test_a_folder_whose_networks_are_broken_is_refused(pipeline_folder):
    (pipeline_folder / "segmentation" / "pytorch_model.bin").unlink()
    with pytest.raises(DiarizationError, match="cannot be loaded"):
        load_pipeline(str(pipeline_folder))


def test_networks_that_would_run_code_are_refused(pipeline_folder):
    import torch

    torch.save({"code": shutil.rmtree}, pipeline_folder / "embedding" / "pytorch_model.bin")
    with pytest.raises(DiarizationError, match="would run code"):
        load_pipeline(str(pipeline_folder))
