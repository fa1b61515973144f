"""A model hub of our own on this machine, asked with the real huggingface_hub."""

import errno
import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import huggingface_hub
import pytest
from huggingface_hub import constants

from diffasr_plugin.asr import Cancelled
from diffasr_plugin.assets import AssetNotFound, ChecksumMismatch, DiskFull, HubFile, HubSource, fetch
from tests.support.fake_assets import pinned

REVISION = "0123456789abcdef0123456789abcdef01234567"
CONTENTS = {"a.bin": bytes(range(256)) * 400, "sub/b.txt": b"text"}
SOURCE = HubSource(
    "owner/name",
    REVISION,
    (HubFile(pinned("a.bin", CONTENTS["a.bin"]), "a.bin"), HubFile(pinned("c.txt", b"text"), "sub/b.txt")),
)


class Hub(BaseHTTPRequestHandler):
    def answer(self, send):
        self.server.asked.append((self.command, self.path))
        content = self.server.contents.get(self.path.removeprefix(f"/owner/name/resolve/{REVISION}/"))
        status, reason = self.server.refusal or ((404, "EntryNotFound") if content is None else (200, None))
        self.send_response(status)
        if reason:
            self.send_header("X-Error-Code", reason)
        body = content if status == 200 else b""
        self.send_header("X-Repo-Commit", REVISION)
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if send:
            self.wfile.write(body)

    def do_HEAD(self):
        self.answer(send=False)

    def do_GET(self):
        self.answer(send=True)

    def log_message(self, format, *args):
        pass


def set_endpoint(monkeypatch, address):
    """What the variable HF_ENDPOINT would do, had it been set before the library was imported."""
    monkeypatch.setattr(constants, "ENDPOINT", address)
    template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)


@pytest.fixture
def hub(monkeypatch, home):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.contents, server.refusal, server.asked = dict(CONTENTS), None, []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    set_endpoint(monkeypatch, f"http://127.0.0.1:{server.server_port}")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def asset(make_asset):
    return make_asset(SOURCE, files=tuple(wanted.file for wanted in SOURCE.files))


def test_files_come_under_their_own_names(hub, asset, leftovers):
    told = []
    folder = fetch(asset, on_progress=lambda *step: told.append(step))
    assert (folder / "a.bin").read_bytes() == CONTENTS["a.bin"]
    assert (folder / "c.txt").read_bytes() == b"text"
    assert leftovers() == {folder.name}
    size = len(CONTENTS["a.bin"])
    assert told[0] == ("fetching a.bin", 0, size + 4)
    assert ("fetching a.bin", size, size + 4) in told
    assert ("fetching sub/b.txt", size + 4, size + 4) in told


def test_a_second_attempt_goes_on_with_the_files_that_came(hub, asset):
    del hub.contents["sub/b.txt"]
    with pytest.raises(AssetNotFound, match="model hub owner/name at 01234567: "):
        fetch(asset)
    hub.contents["sub/b.txt"] = b"text"
    hub.asked.clear()
    fetch(asset)
    gets = [path for command, path in hub.asked if command == "GET"]
    assert [path.rsplit("/", 1)[1] for path in gets] == ["b.txt"]


def test_another_content_is_not_kept(hub, asset, leftovers):
    hub.contents["sub/b.txt"] = b"tEXt"
    with pytest.raises(ChecksumMismatch, match="do not trust model hub owner/name"):
        fetch(asset)
    hub.contents["sub/b.txt"] = b"text"
    fetch(asset)


def test_an_unreachable_hub_is_asked_once(asset, monkeypatch):
    def no_sleep(seconds):
        raise AssertionError(f"waits {seconds} s to try again")

    monkeypatch.setattr(time, "sleep", no_sleep)
    set_endpoint(monkeypatch, "http://127.0.0.1:9")
    with pytest.raises(AssetNotFound, match="the model hub cannot be reached"):
        fetch(asset)


def test_a_hub_that_is_down_is_asked_once(hub, asset):
    hub.refusal = (503, None)
    with pytest.raises(AssetNotFound, match="503"):
        fetch(asset)
    assert len(hub.asked) == 1


def test_a_gated_repository_names_its_page_and_the_next_step(hub, asset):
    hub.refusal = (403, "GatedRepo")
    with pytest.raises(
        AssetNotFound, match=r"accept the terms on https://huggingface\.co/owner/name.*hf auth login"
    ):
        fetch(asset)


def test_a_repository_that_is_not_there_or_private(hub, asset):
    hub.refusal = (404, "RepoNotFound")
    with pytest.raises(
        AssetNotFound, match=r"there is no https://huggingface\.co/owner/name, or it is private"
    ):
        fetch(asset)


def test_a_callback_that_cancels_is_no_failure_of_the_hub(hub, asset, leftovers):
    def cancel(step, done, total):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        fetch(asset, on_progress=cancel)


def test_the_librarys_own_offline_mode(asset, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(AssetNotFound, match="cannot be reached"):
        fetch(asset)


def test_a_full_disk(hub, asset, leftovers, monkeypatch):
    def full(*args, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", full)
    with pytest.raises(DiskFull):
        fetch(asset)
    assert leftovers() == set()


def test_a_revision_must_be_a_commit():
    with pytest.raises(ValueError, match="'main' is not a commit"):
        HubSource("owner/name", "main", ())
