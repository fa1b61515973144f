"""Answers of the hub -> what the user is told."""

from types import SimpleNamespace

import pytest
from huggingface_hub import errors

from subtitle_cli.diarization.hub import can_fetch, find_snapshot, is_repository_name
from subtitle_cli.errors import DiarizationError


@pytest.fixture
def answer(monkeypatch):
    """Set what the hub's client answers, the cache being empty; collects what it was asked."""
    asked = []

    def set_answer(outcome):
        def snapshot_download(name, **options):
            asked.append(options)
            if options.get("local_files_only"):
                raise errors.LocalEntryNotFoundError("not cached")
            if isinstance(outcome, Exception):
                raise outcome
            return str(outcome)

        monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
        return asked

    monkeypatch.delenv("DIFFASR_OFFLINE", raising=False)
    return set_answer


def refusal(kind):
    """As the client raises it; only the client reads the response."""
    return kind("no", response=SimpleNamespace(headers={}, request=None, status_code=403))


CASES = {
    "is gated: accept the conditions on https://hf.co/a/b": refusal(errors.GatedRepoError),
    "knows no diarization model 'a/b'": refusal(errors.RepositoryNotFoundError),
    r"could not be fetched \(no route\).*https://hf.co/a/b": OSError("no route\nmore"),
}


@pytest.mark.parametrize("message", CASES)
def test_a_refusal_names_the_page_and_the_step(answer, message):
    answer(CASES[message])
    with pytest.raises(DiarizationError, match=message):
        find_snapshot("a/b", "config.yaml", fetch=True)


def test_the_hub_is_asked_only_when_told_to(answer, tmp_path):
    asked = answer(tmp_path)
    assert find_snapshot("a/b", "config.yaml") is None
    assert [each.get("local_files_only") for each in asked] == [True]
    assert find_snapshot("a/b", "config.yaml", fetch=True) == tmp_path


def test_offline_nobody_is_asked(answer, tmp_path, monkeypatch):
    monkeypatch.setenv("DIFFASR_OFFLINE", "1")
    asked = answer(tmp_path)
    with pytest.raises(DiarizationError, match="offline mode forbids the network"):
        find_snapshot("a/b", "config.yaml", fetch=True)
    assert all(each.get("local_files_only") for each in asked)


NAMES = {"a/b": True, "pyannote/speaker-3.1": True, "a": False, "./a": False, "a/b/c": False, "/a": False}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_has_an_owner(name):
    assert is_repository_name(name) is NAMES[name]


@pytest.mark.parametrize(
    ("token", "offline", "expected"), [("hf_x", "", True), (None, "", False), ("hf_x", "1", False)]
)
def test_fetching_takes_a_token_and_a_network(monkeypatch, token, offline, expected):
    monkeypatch.setattr("huggingface_hub.get_token", lambda: token)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("DIFFASR_OFFLINE", offline)
    assert can_fetch() is expected
