"""Files that the user has already."""

import pytest

from diffasr_plugin.assets import AssetNotFound, ChecksumMismatch, LocalSource, fetch, is_present


def test_the_folder_of_that_name_in_the_users_own(tmp_path, make_asset, monkeypatch):
    (tmp_path / "own/tiny").mkdir(parents=True)
    (tmp_path / "own/tiny/a.bin").write_bytes(b"abc")
    monkeypatch.setenv("DIFFASR_ASSETS", str(tmp_path / "own"))
    monkeypatch.setenv("DIFFASR_OFFLINE", "1")
    asset = make_asset(LocalSource(), convert="no.such:converter")
    assert (fetch(asset) / "a.bin").read_bytes() == b"abc"
    assert is_present(asset)


def test_a_folder_that_is_named(tmp_path, make_asset):
    (tmp_path / "a.bin").write_bytes(b"abc")
    told = []
    fetch(make_asset(LocalSource(tmp_path)), on_progress=lambda *step: told.append(step))
    assert told[0] == ("copying a.bin", 0, 3)


def test_no_folder_is_set(make_asset):
    with pytest.raises(AssetNotFound, match=r"your own folder \(DIFFASR_ASSETS\): not set"):
        fetch(make_asset(LocalSource()))


def test_a_folder_without_the_files(tmp_path, make_asset):
    with pytest.raises(AssetNotFound, match=r"does not hold a\.bin"):
        fetch(make_asset(LocalSource(tmp_path)))


def test_another_file_of_that_name(tmp_path, make_asset, leftovers):
    (tmp_path / "a.bin").write_bytes(b"abd")
    with pytest.raises(ChecksumMismatch, match=f"mend or remove the folder {tmp_path}"):
        fetch(make_asset(LocalSource(tmp_path)))
    assert leftovers() == set()


def test_a_file_that_cannot_be_read(tmp_path, make_asset, monkeypatch):
    (tmp_path / "a.bin").write_bytes(b"abc")
    own_open = type(tmp_path).open

    def refuse(path, *args, **options):
        if path == tmp_path / "a.bin":
            raise PermissionError(13, "Permission denied")
        return own_open(path, *args, **options)

    monkeypatch.setattr(type(tmp_path), "open", refuse)
    with pytest.raises(AssetNotFound, match=r"a\.bin cannot be read: Permission denied"):
        fetch(make_asset(LocalSource(tmp_path)))
