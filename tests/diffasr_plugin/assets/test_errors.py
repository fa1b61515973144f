"""Errors keep the offending values, and the tree in the docstring is the real one."""

from pathlib import Path

import diffasr_plugin.assets.errors as errors
from diffasr_plugin.asr import AssetError, DiffasrError


def test_all_but_the_inner_one_are_asset_errors():
    for name in set(errors.__all__) - {"SourceFailed"}:
        assert issubclass(getattr(errors, name), AssetError)
        assert issubclass(getattr(errors, name), DiffasrError)
        assert name in errors.__doc__
    assert not issubclass(errors.SourceFailed, DiffasrError)


def test_unknown_asset_names_near_ones():
    error = errors.UnknownAsset("whisper-bse", ["whisper-base", "other"])
    assert "did you mean whisper-base?" in str(error)
    assert error.asset == "whisper-bse"


def test_not_found_lists_the_reasons_in_one_line():
    error = errors.AssetNotFound("tiny", ["folder: empty", "hub: down"])
    assert error.reasons == ("folder: empty", "hub: down")
    assert str(error).endswith("(1) folder: empty; (2) hub: down")
    assert "\n" not in str(error)
    assert "there is none" in str(errors.AssetNotFound("tiny", []))


def test_offline_says_what_to_do():
    error = errors.AssetOffline("tiny", Path("/cache"), ["your own folder: not set"])
    for part in ("/cache", "not set", "diffsub models fetch tiny", "DIFFASR_OFFLINE"):
        assert part in str(error)
