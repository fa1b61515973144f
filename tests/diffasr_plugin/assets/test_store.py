"""Where assets live, and whether they are whole."""

import errno
import io
import os
import shutil
from dataclasses import replace

import pytest

from diffasr_plugin.assets import (
    AssetMissing,
    CacheNotWritable,
    ChecksumMismatch,
    DiskFull,
    cache_home,
    fetch,
    folder_of,
    is_present,
    offline,
    store,
    verify,
)
from diffasr_plugin.assets.store import check_room, copy_checked, disk_errors, folder_bytes
from tests.support.fake_assets import FakeSource, pinned, writes


@pytest.fixture
def fetched(make_asset):
    asset = make_asset(FakeSource(writes(a_bin=b"abc")))
    fetch(asset)
    return asset


def test_the_cache_is_moved_by_the_variable(monkeypatch, tmp_path):
    monkeypatch.setenv("DIFFASR_HOME", str(tmp_path))
    assert cache_home() == tmp_path


def test_a_relative_cache_does_not_move_with_the_working_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIFFASR_HOME", "here")
    assert cache_home() == tmp_path / "here"


def test_without_the_variable_the_cache_is_the_platforms(monkeypatch, tmp_path):
    monkeypatch.delenv("DIFFASR_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_home().name == "diffsub"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("true", True), ("yes", True), ("", False), ("0", False), ("False", False)],
)
def test_offline_variable(monkeypatch, value, expected):
    monkeypatch.setenv("DIFFASR_OFFLINE", value)
    assert offline() is expected


def test_an_asset_is_present_once_it_is_fetched(fetched):
    assert is_present(fetched)
    verify(fetched)


def test_another_version_of_the_asset_is_not_present(fetched, make_asset):
    assert not is_present(make_asset(content=b"xyz"))


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"longer")])
def test_a_file_that_went_or_grew_is_seen_without_sums(fetched, harm):
    harm(folder_of(fetched) / "a.bin")
    assert not is_present(fetched)


def test_files_without_the_mark_are_not_trusted(make_asset):
    asset = make_asset()
    folder_of(asset).mkdir(parents=True)
    (folder_of(asset) / "a.bin").write_bytes(b"abc")
    assert not is_present(asset)


@pytest.mark.parametrize("mark", [b"something else", b"\xff\xfe"])
def test_a_foreign_mark_is_none(fetched, mark):
    (folder_of(fetched) / ".verified").write_bytes(mark)
    assert not is_present(fetched)


def test_verify_names_the_file_and_both_sums_and_a_fetch_mends_it(fetched):
    path = folder_of(fetched) / "a.bin"
    path.write_bytes(b"abd")
    assert is_present(fetched)  # the cheap check cannot see it
    with pytest.raises(ChecksumMismatch) as caught:
        verify(fetched)
    expected, found = pinned("a.bin", b"abc").sha256, pinned("a.bin", b"abd").sha256
    assert (caught.value.file, caught.value.expected, caught.value.found) == (str(path), expected, found)
    for part in (str(path), expected, found, "diffsub models fetch tiny"):
        assert part in str(caught.value)
    assert not is_present(fetched)
    fetch(fetched)
    verify(fetched)
    assert path.read_bytes() == b"abc"


def test_verify_misses_a_file(fetched):
    (folder_of(fetched) / "a.bin").unlink()
    with pytest.raises(ChecksumMismatch, match="found no file"):
        verify(fetched)


def test_a_pin_of_a_wrong_size_is_not_taken(make_asset):
    wrong = replace(pinned("a.bin", b"abc"), size=4)
    with pytest.raises(ChecksumMismatch, match="expected 4 bytes, found 3 bytes"):
        fetch(make_asset(FakeSource(writes(a_bin=b"abc")), files=(wrong,)))


def test_verify_of_what_was_never_fetched(make_asset):
    with pytest.raises(AssetMissing, match="diffsub models fetch tiny"):
        verify(make_asset())


def test_copying_joins_streams(tmp_path):
    file = pinned("sub/joined", b"onetwo")
    copy_checked("tiny", iter([io.BytesIO(b"one"), io.BytesIO(b"two")]), tmp_path, file, "-")
    assert (tmp_path / "sub/joined").read_bytes() == b"onetwo"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"abd", pinned("-", b"abd").sha256),
        (b"ab", pinned("-", b"ab").sha256),
        (b"a" * 5_000_000, "more than 3 bytes"),
    ],
)
def test_copying_another_file_leaves_nothing(tmp_path, content, found):
    stream = io.BytesIO(content)
    with pytest.raises(ChecksumMismatch) as caught:
        copy_checked("tiny", iter([stream]), tmp_path, pinned("a.bin", b"abc"), "-")
    assert caught.value.found == found
    assert list(tmp_path.iterdir()) == []
    assert stream.tell() <= 1 << 20  # no more than a piece of what is too long was read


def test_bytes_under_a_folder(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b").write_bytes(b"12")
    (tmp_path / "c").write_bytes(b"345")
    assert folder_bytes(tmp_path) == 5
    assert folder_bytes(tmp_path / "none") == 0


def test_a_fetch_that_cannot_fit_is_refused(home, monkeypatch):
    home.mkdir()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 8, 2_000_000))
    check_room("tiny", 2_000_000)
    with pytest.raises(DiskFull, match=r"3 MB are needed and 2 MB are free in .*DIFFASR_HOME"):
        check_room("tiny", 3_000_000)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EROFS, CacheNotWritable),
        (errno.EACCES, CacheNotWritable),
        (errno.ENOTDIR, CacheNotWritable),
    ],
)
def test_the_systems_errors_in_words(home, code, error):
    with pytest.raises(error, match="DIFFASR_HOME") as caught, disk_errors("tiny"):
        raise OSError(code, os.strerror(code), "somewhere")
    assert caught.value.folder == home


@pytest.fixture
def no_home(monkeypatch, tmp_path):
    """A home folder in which nothing can be made: a file stands in its place."""
    home = tmp_path / "home"
    home.write_text("not a folder")
    monkeypatch.delenv("DIFFASR_HOME", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store._stand_in.cache_clear()
    yield tmp_path
    store._stand_in.cache_clear()


def test_where_the_home_cannot_be_written_a_private_folder_stands_in_and_that_is_told(no_home, caplog):
    home = cache_home()
    assert home == cache_home()
    assert home.parent == no_home
    assert home.stat().st_mode & 0o077 == 0
    assert str(home) in caplog.text
    assert "DIFFASR_HOME" in caplog.text


def test_a_stand_in_that_others_may_write_to_is_not_trusted(no_home, monkeypatch):
    folder = cache_home()
    folder.chmod(0o777)
    store._stand_in.cache_clear()
    with pytest.raises(CacheNotWritable, match="others may write there"):
        cache_home()
    folder.chmod(0o700)
    somebody_else = os.getuid() + 1
    folder.rename(no_home / f"diffsub-{somebody_else}")
    monkeypatch.setattr("os.getuid", lambda: somebody_else)
    with pytest.raises(CacheNotWritable, match="others may write there"):
        cache_home()


@pytest.fixture
def shipped(make_asset, tmp_path):
    """An asset whose file lies in a package."""
    source = FakeSource(writes(a_bin=b"abc"))
    package = tmp_path / "package"
    package.mkdir()
    (package / "a.bin").write_bytes(b"abc")
    return replace(make_asset(source), shipped=package), source


def test_what_a_package_holds_is_used_where_it_is(shipped, leftovers):
    asset, source = shipped
    assert is_present(asset)
    assert fetch(asset) == folder_of(asset) == asset.shipped
    verify(asset)
    assert source.calls == []
    assert leftovers() == set()


def test_what_a_package_should_hold_and_does_not_is_fetched(shipped):
    asset, source = shipped
    (asset.shipped / "a.bin").write_bytes(b"ab")
    assert not is_present(asset)
    folder = fetch(asset)
    assert folder != asset.shipped
    assert (folder / "a.bin").read_bytes() == b"abc"
    assert source.calls == [asset.name]


def test_a_file_that_changed_in_its_package_is_told(shipped):
    asset, _ = shipped
    (asset.shipped / "a.bin").write_bytes(b"abd")
    with pytest.raises(ChecksumMismatch, match="install the package again"):
        verify(asset)
