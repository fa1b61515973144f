"""Files come from a local folder or the hub; every way in which they cannot be had is told."""

import pytest
from huggingface_hub import errors

from diffasr_plugin.checkpoint.errors import GatedRepository, Unreachable
from diffasr_plugin.config import ModelRef
from diffasr_plugin.hub import can_fetch, fetch, is_cached

REPO = ModelRef("someone/some-model", "abc")


def test_a_local_folder_is_taken_as_it_is(tmp_path):
    found = fetch(ModelRef(str(tmp_path)), ["*.json"])
    assert (found.path, found.revision) == (tmp_path, None)
    assert is_cached(ModelRef(str(tmp_path)), "config.json")


@pytest.mark.parametrize(
    "path", ["/no/such/folder", "./nothing", "~/nothing-here", "lost.pt", "a/b.safetensors"]
)
def test_a_path_that_is_not_there_is_told(path):
    with pytest.raises(Unreachable, match="no such file or folder"):
        fetch(ModelRef(path), ["*"])


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """What the hub does: set `answer` to an error to raise, or a folder to give."""

    class Hub:
        answer = tmp_path / "0123abc"
        asked = None

        def download(self, repo, **given):
            self.asked = (repo, given)
            if isinstance(self.answer, Exception):
                raise self.answer
            return str(self.answer)

    hub = Hub()
    monkeypatch.setattr("huggingface_hub.snapshot_download", hub.download)
    monkeypatch.delenv("DIFFASR_OFFLINE", raising=False)
    return hub


def test_a_repository_is_fetched_at_its_revision(hub, monkeypatch):
    found = fetch(REPO, ["*.json"])
    assert found.revision == "0123abc"
    assert hub.asked[0] == "someone/some-model"
    assert hub.asked[1] == {"revision": "abc", "allow_patterns": ["*.json"], "local_files_only": False}
    monkeypatch.setenv("DIFFASR_OFFLINE", "1")
    fetch(REPO, [])
    assert hub.asked[1]["local_files_only"] is True


def _error(kind):
    """Without the answer of a server that its own constructor wants."""
    error = kind.__new__(kind)
    error.args = ("the hub says no\nand more",)
    return error


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (_error(errors.GatedRepoError), GatedRepository, r"accept the terms.*hf auth login"),
        (_error(errors.RepositoryNotFoundError), Unreachable, "no such repository, or a private one"),
        (_error(errors.RevisionNotFoundError), Unreachable, "no revision 'abc'"),
        (_error(errors.HfHubHTTPError), Unreachable, r"could not be fetched \(the hub says no\): check"),
        (errors.LocalEntryNotFoundError("?"), Unreachable, "the hub cannot be reached"),
        (errors.HFValidationError("bad"), Unreachable, "neither a folder or file here nor"),
        (ConnectionError("refused"), Unreachable, r"could not be fetched \(refused\)"),
        (OSError(28, "No space left on device"), Unreachable, "No space left"),
    ],
)
def test_whatever_goes_wrong_is_told_with_a_remedy(hub, error, kind, message):
    hub.answer = error
    with pytest.raises(kind, match=message) as raised:
        fetch(REPO, [])
    assert raised.value.source == "someone/some-model"


def test_being_offline_is_told(hub, monkeypatch):
    hub.answer = errors.LocalEntryNotFoundError("?")
    monkeypatch.setenv("DIFFASR_OFFLINE", "1")
    with pytest.raises(Unreachable, match="not in the cache, and DIFFASR_OFFLINE is set"):
        fetch(REPO, [])


def test_nothing_is_cached_in_an_empty_cache(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert not is_cached(REPO, "config.json")


@pytest.mark.parametrize(
    ("offline", "token", "able"), [("", "hf_x", True), ("", None, False), ("1", "hf_x", False)]
)
def test_fetching_needs_a_token_and_the_network(monkeypatch, offline, token, able):
    monkeypatch.setenv("DIFFASR_OFFLINE", offline)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: token)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    assert can_fetch() is able
