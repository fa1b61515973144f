"""The files that faster-whisper reads."""

from diffasr_plugin.assets import WHISPER_BASE, PackageSource
from diffasr_plugin.assets.whisper_base_ct2 import WHISPER_BASE_CT2


def test_all_files_that_ctranslate2_needs_are_there():
    assert {file.path for file in WHISPER_BASE_CT2.files} == {
        "config.json",
        "model.bin",
        "tokenizer.json",
        "vocabulary.txt",
    }
    assert WHISPER_BASE_CT2.convert is None


def test_they_come_out_of_the_same_packages_as_those_of_transformers():
    (source,) = (source for source in WHISPER_BASE_CT2.sources if isinstance(source, PackageSource))
    assert source.requirements in [
        other.requirements for other in WHISPER_BASE.sources if isinstance(other, PackageSource)
    ]
    assert {part.file for part in source.files} == set(WHISPER_BASE_CT2.files)
