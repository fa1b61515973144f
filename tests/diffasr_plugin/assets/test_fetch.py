"""A fetch brings all files, verified, or leaves nothing behind that could be taken for them."""

import errno
import os
import signal
import stat
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from diffasr_plugin.assets import (
    AssetNotFound,
    AssetOffline,
    CacheNotWritable,
    ChecksumMismatch,
    ConversionFailed,
    DiskFull,
    SourceFailed,
    fetch,
    folder_of,
    is_present,
)
from tests.support.fake_assets import FakeSource, writes


def fails(error):
    def act(room):
        (room.target / "a.bin").write_bytes(b"half")
        raise error

    return act


def test_files_arrive_with_ordinary_rights(make_asset, leftovers):
    source = FakeSource(writes(a_bin=b"abc"))
    old = os.umask(0o022)
    try:
        folder = fetch(make_asset(source))
    finally:
        os.umask(old)
    assert (folder / "a.bin").read_bytes() == b"abc"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert leftovers() == {folder.name}


def test_what_is_there_is_not_fetched_again(make_asset):
    source = FakeSource(writes(a_bin=b"abc"))
    asset = make_asset(source)
    assert fetch(asset) == fetch(asset) == folder_of(asset)
    assert len(source.calls) == 1


def test_while_it_works_only_the_user_can_look(make_asset):
    modes = []

    def act(room):
        modes.append(stat.S_IMODE(room.target.parent.stat().st_mode))
        writes(a_bin=b"abc")(room)

    fetch(make_asset(FakeSource(act)))
    assert modes == [0o700]


def test_sources_are_tried_in_order(make_asset):
    first, second, third = (
        FakeSource(fails(SourceFailed("down"))),
        *(FakeSource(writes(a_bin=b"abc")) for _ in "12"),
    )
    folder = fetch(make_asset(first, second, third))
    assert (folder / "a.bin").read_bytes() == b"abc"
    assert [len(source.calls) for source in (first, second, third)] == [1, 1, 0]


def test_each_source_gives_its_reason(make_asset, leftovers):
    sources = [
        FakeSource(fails(SourceFailed(reason)), words=words) for words, reason in (("A", "down"), ("B", "up"))
    ]
    with pytest.raises(AssetNotFound) as caught:
        fetch(make_asset(*sources))
    assert caught.value.reasons == ("A: down", "B: up")
    assert leftovers() == set()


def test_a_wrong_sum_is_an_error_and_no_other_source_hides_it(make_asset, leftovers):
    other = FakeSource(writes(a_bin=b"abc"))
    with pytest.raises(ChecksumMismatch, match=r"a\.bin is not the file expected"):
        fetch(make_asset(FakeSource(writes(a_bin=b"abd")), other))
    assert other.calls == []
    assert leftovers() == set()


def test_a_file_that_did_not_come(make_asset):
    with pytest.raises(ChecksumMismatch, match="found no file"):
        fetch(make_asset(FakeSource(writes(b_bin=b"abc"))))


def test_offline_forbids_the_network_only(make_asset, monkeypatch):
    monkeypatch.setenv("DIFFASR_OFFLINE", "1")
    remote = FakeSource(writes(a_bin=b"abc"))
    local = FakeSource(fails(SourceFailed("no such folder")), words="folder X", needs_network=False)
    with pytest.raises(AssetOffline, match="folder X: no such folder"):
        fetch(make_asset(local, remote))
    assert remote.calls == []
    assert is_present(make_asset(FakeSource(writes(a_bin=b"abc"), needs_network=False))) is False
    fetch(make_asset(remote, FakeSource(writes(a_bin=b"abc"), needs_network=False)))
    assert remote.calls == []


def upper(source: Path, target: Path) -> None:
    (target / "a.bin").write_bytes((source / "raw.bin").read_bytes().upper())


def lower(source: Path, target: Path) -> None:
    (target / "a.bin").write_bytes((source / "raw.bin").read_bytes().lower())


def refuse(source: Path, target: Path) -> None:
    raise ValueError("not what I read")


def test_what_a_source_delivers_is_converted(make_asset):
    asset = make_asset(FakeSource(writes(raw_bin=b"abc")), content=b"ABC", convert=f"{__name__}:upper")
    folder = fetch(asset)
    assert sorted(path.name for path in folder.iterdir()) == [".verified", "a.bin"]


def test_a_finished_source_is_not_converted(make_asset):
    source = FakeSource(writes(a_bin=b"ABC"), finished=True)
    folder = fetch(make_asset(source, content=b"ABC", convert=f"{__name__}:refuse"))
    assert (folder / "a.bin").read_bytes() == b"ABC"


def test_the_result_of_a_conversion_is_checked(make_asset, leftovers):
    with pytest.raises(ChecksumMismatch):
        fetch(make_asset(FakeSource(writes(raw_bin=b"abd")), content=b"ABC", convert=f"{__name__}:upper"))
    assert leftovers() == set()


@pytest.mark.parametrize(
    ("convert", "message"),
    [
        (f"{__name__}:refuse", "cannot read them: not what I read"),
        ("diffasr_plugin.no_such_module:convert", "cannot be loaded"),
        (f"{__name__}:no_such_function", "cannot be loaded"),
    ],
)
def test_a_conversion_that_fails(make_asset, leftovers, convert, message):
    with pytest.raises(ConversionFailed, match=message):
        fetch(make_asset(FakeSource(writes(raw_bin=b"abc")), convert=convert))
    assert leftovers() == set()


def test_a_full_disk_leaves_nothing_not_even_downloads(make_asset, leftovers):
    def act(room):
        (room.downloads / "whole.whl").write_bytes(b"whole")
        fails(OSError(errno.ENOSPC, "No space left on device"))(room)

    with pytest.raises(DiskFull, match="DIFFASR_HOME"):
        fetch(make_asset(FakeSource(act), FakeSource(writes(a_bin=b"abc"))))
    assert leftovers() == set()


def test_too_little_room_is_seen_before_anything_is_fetched(make_asset, leftovers):
    source = FakeSource(writes(a_bin=b"abc"), needed_bytes=1 << 60)
    with pytest.raises(DiskFull, match="are needed"):
        fetch(make_asset(source))
    assert source.calls == []
    assert leftovers() == set()


def test_an_interrupted_fetch_keeps_whole_downloads_only(make_asset, leftovers):
    seen = []

    def act(room):
        seen.append([path.name for path in room.downloads.iterdir()])
        (room.downloads / "whole.whl").write_bytes(b"whole")
        (room.scratch / "half.whl").write_bytes(b"ha")
        if len(seen) == 1:
            raise KeyboardInterrupt
        writes(a_bin=b"abc")(room)

    asset = make_asset(FakeSource(act))
    with pytest.raises(KeyboardInterrupt):
        fetch(asset)
    work = folder_of(asset).parent / f".{folder_of(asset).name}.partial"
    assert [path.name for path in work.rglob("*")] == ["downloads", "whole.whl"]
    assert not is_present(asset)
    folder = fetch(asset)
    assert seen == [[], ["whole.whl"]]
    assert leftovers() == {folder.name}


def test_a_callback_that_raises_cancels(make_asset, leftovers):
    def cancel(step, done, total):
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fetch(make_asset(FakeSource(writes(a_bin=b"abc"))), on_progress=cancel)
    assert leftovers() == set()


def test_progress_ends_at_the_whole_size(make_asset):
    told = []
    fetch(make_asset(FakeSource(writes(a_bin=b"abc"))), on_progress=lambda *step: told.append(step))
    assert told == [("checking", 0, 3), ("done", 3, 3)]


def test_a_damaged_copy_is_replaced_whole(make_asset, leftovers):
    asset = make_asset(FakeSource(writes(a_bin=b"abc")))
    folder = fetch(asset)
    (folder / "a.bin").write_bytes(b"")
    (folder / "stray").write_bytes(b"")
    fetch(asset)
    assert sorted(path.name for path in folder.iterdir()) == [".verified", "a.bin"]
    assert leftovers() == {folder.name}


def test_a_cache_that_is_a_file(tmp_path, make_asset, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("DIFFASR_HOME", str(tmp_path / "file"))
    with pytest.raises(CacheNotWritable, match="DIFFASR_HOME"):
        fetch(make_asset(FakeSource(writes(a_bin=b"abc"))))


def test_a_disk_that_is_read_only(small_disk, make_asset):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(CacheNotWritable, match=f"{small_disk} .*Read-only file system.*DIFFASR_HOME"):
        fetch(make_asset(FakeSource(writes(a_bin=b"abc"))))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write to any folder")
def test_a_cache_without_the_right_to_write(home, make_asset):
    home.mkdir(mode=0o500)
    with pytest.raises(CacheNotWritable, match="DIFFASR_HOME"):
        fetch(make_asset(FakeSource(writes(a_bin=b"abc"))))


def test_what_is_there_can_be_used_from_a_cache_that_nobody_can_write(make_asset, monkeypatch):
    asset = make_asset(FakeSource(writes(a_bin=b"abc")))
    folder = fetch(asset)

    def forbidden(*args, **options):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", forbidden)
    assert fetch(asset) == folder
    with pytest.raises(CacheNotWritable):
        fetch(make_asset(FakeSource(writes(a_bin=b"xyz")), content=b"xyz"))


# The asset of the tests with several processes; its converter waits until the test lets it go on.
WORKER = textwrap.dedent(
    """
    import sys, time
    from pathlib import Path
    from diffasr_plugin.assets import Asset, fetch
    from tests.support.fake_assets import FakeSource, pinned, writes

    room = Path(sys.argv[1])

    def convert(source, target):
        with (room / "conversions").open("a") as log:
            log.write("one\\n")
        while not (room / "go").exists():
            time.sleep(0.01)
        (target / "a.bin").write_bytes(b"abc")

    def tell(step, done, total):
        if step.startswith("waiting"):
            (room / "go").touch()

    files, sources = (pinned("a.bin", b"abc"),), (FakeSource(writes()),)
    asset = Asset("tiny", "a test", "CC0-1.0", files, sources, convert="__main__:convert")
    print(fetch(asset, on_progress=tell))
    """
)


@pytest.fixture
def start_worker(tmp_path):
    workers = []

    def start():
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
        command = [sys.executable, "-c", WORKER, str(tmp_path)]
        workers.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
        return workers[-1]

    yield start
    for worker in workers:
        with worker:  # waits, and closes its pipe
            worker.kill()


def test_of_two_processes_at_once_one_works_and_both_have_the_files(
    tmp_path, start_worker, leftovers, make_asset
):
    workers = [start_worker(), start_worker()]
    outputs = [worker.communicate(timeout=60)[0].strip() for worker in workers]
    assert outputs == [str(folder_of(make_asset()))] * 2
    assert (tmp_path / "conversions").read_text() == "one\n"
    assert leftovers() == {folder_of(make_asset()).name}


@pytest.mark.skipif(os.name != "posix", reason="kills with a signal")
def test_after_a_kill_in_the_middle_the_next_fetch_works(tmp_path, start_worker, leftovers, make_asset):
    worker = start_worker()
    while not (tmp_path / "conversions").exists():
        assert worker.poll() is None
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    asset = make_asset(FakeSource(writes(raw_bin=b"ABC")), convert=f"{__name__}:lower")
    assert not is_present(asset)
    folder = fetch(asset)
    assert leftovers() == {folder.name}
