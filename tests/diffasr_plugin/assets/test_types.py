"""What an asset may be."""

import pytest

from diffasr_plugin.assets import Asset, AssetFile
from tests.support.fake_assets import pinned

SUM = "0" * 64


@pytest.mark.parametrize("path", ["", ".", "/etc/passwd", "../up", "a/../../b", "a\\b", "C:/x"])
def test_a_path_must_stay_in_its_folder(path):
    with pytest.raises(ValueError, match="not a path inside a folder"):
        AssetFile(path, SUM, 1)


@pytest.mark.parametrize("sha256", ["", "abc", SUM.upper() + "0", "G" * 64, "A" * 64])
def test_a_sum_must_be_one(sha256):
    with pytest.raises(ValueError, match="not a sha256 sum"):
        AssetFile("a.bin", sha256, 1)


def test_a_size_must_not_be_negative():
    with pytest.raises(ValueError, match="-1 bytes"):
        AssetFile("a.bin", SUM, -1)


@pytest.mark.parametrize("name", ["", "Upper", "a/b", "../a", "-a", "a b", "a."])
def test_a_name_must_be_one(make_asset, name):
    with pytest.raises(ValueError, match="is not a name"):
        make_asset(name=name)


@pytest.mark.parametrize(
    "files", [(), (pinned("a", b""), pinned("a", b"x")), (pinned("a", b""), pinned("A", b""))]
)
def test_files_must_be_there_and_differ(make_asset, files):
    with pytest.raises(ValueError, match="no files, or two of one path"):
        make_asset(files=files)


@pytest.mark.parametrize("convert", ["module", "module:", "a.b:c.d", "os.system('x'):y"])
def test_a_converter_must_be_named_in_full(make_asset, convert):
    with pytest.raises(ValueError, match=r"is not package\.module:function"):
        make_asset(convert=convert)


def test_size_is_that_of_all_files(make_asset):
    assert make_asset(files=(pinned("a", b"12"), pinned("b/c", b"345"))).size == 5


def test_the_fingerprint_changes_with_the_bytes_and_not_with_the_order(make_asset):
    one, two = pinned("a", b"1"), pinned("b", b"2")
    asset: Asset = make_asset(files=(one, two))
    assert asset.fingerprint == make_asset(files=(two, one), licence="other").fingerprint
    assert asset.fingerprint != make_asset(files=(one, pinned("b", b"3"))).fingerprint
    assert asset.fingerprint != make_asset(files=(one, pinned("c", b"2"))).fingerprint
