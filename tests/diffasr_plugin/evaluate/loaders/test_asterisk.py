"""The committed lists, and prompts out of a small package made here."""

import gzip
import re
import subprocess

import pytest

from diffasr_plugin.evaluate.audio import read_samples
from diffasr_plugin.evaluate.errors import DatasetUnavailable
from diffasr_plugin.evaluate.loaders import asterisk
from diffasr_plugin.evaluate.loaders.asterisk import VOICES, decisions, prompts, transcripts
from diffasr_plugin.evaluate.loaders.debian import unpacked
from subtitle_cli.media import find_ffmpeg

LINES = """; Core Asterisk Sounds in German

short: Eins zwei drei
b-left-out: Diese Zeile hält niemand aus
dir/c: Diese Zeile: sie ist gut
a-mended: Diese Ziele ist schlecht
"""
LIST = """# Why.
key\tdecision\treason\ttext
a-mended\tcorrect\tspelling\tDiese Zeile ist "schlecht"
b-left-out\tleave out\ta reason
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A folder in which a package of German prompts lies unpacked, and a list for it."""
    root = tmp_path / "data" / "packages"
    text = root / "usr/share/doc/asterisk-core-sounds-de/core-sounds-de.txt.gz"
    text.parent.mkdir(parents=True)
    text.write_bytes(gzip.compress(LINES.encode()))
    for key in ("a-mended", "dir/c"):
        sound = root / f"usr/share/asterisk/sounds/de_DE_x/{key}.g722"
        sound.parent.mkdir(parents=True, exist_ok=True)
        tone = ["-f", "lavfi", "-i", "sine=440:r=16000:d=1.5"]
        subprocess.run([find_ffmpeg(), "-v", "error", *tone, "-f", "g722", sound], check=True)
    lists = tmp_path / "asterisk_lists"
    lists.mkdir()
    (lists / "de.tsv").write_text(LIST, encoding="utf-8")
    monkeypatch.setattr(asterisk, "files", lambda package: tmp_path)
    monkeypatch.setitem(asterisk.VOICES, "de", "de_DE_x")
    return tmp_path / "data"


def test_prompts_are_chosen_mended_and_decoded(package):
    first, second = prompts("de", package)
    assert (first.text, second.text) == ('Diese Zeile ist "schlecht"', "Diese Zeile: sie ist gut")
    assert (first.language, first.speaker) == ("de", "de_DE_x")
    assert second.audio == package / "dir-c.wav"
    assert len(read_samples(second)) / 16_000 == pytest.approx(1.5, abs=0.05)


def test_the_second_time_nothing_is_decoded(package, monkeypatch):
    clips = prompts("de", package)
    monkeypatch.setattr(subprocess, "run", None)
    assert prompts("de", package) == clips


def test_a_limit(package):
    assert [clip.audio.name for clip in prompts("de", package, 1)] == ["a-mended.wav"]


def test_a_sound_that_cannot_be_decoded(package):
    (package / "packages/usr/share/asterisk/sounds/de_DE_x/a-mended.g722").unlink()
    with pytest.raises(DatasetUnavailable, match="ffmpeg cannot decode"):
        prompts("de", package)
    assert not list(package.glob("*.wav"))


def test_without_ffmpeg(package, monkeypatch):
    import imageio_ffmpeg

    def none():
        raise RuntimeError("No ffmpeg exe could be found")

    monkeypatch.setattr(asterisk.shutil, "which", lambda name: None)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", none)
    with pytest.raises(DatasetUnavailable, match="no ffmpeg to decode its sounds with: No ffmpeg exe"):
        prompts("de", package)


def test_the_ffmpeg_of_a_package_will_do(package, monkeypatch):
    monkeypatch.setattr(asterisk.shutil, "which", lambda name: None)
    assert len(prompts("de", package)) == 2


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_each_line_of_a_list_has_a_reason(language):
    decided = decisions(language)
    assert list(decided) == sorted(decided)
    assert all(decision.reason for decision in decided.values())
    mended = [decision.text for decision in decided.values() if decision.text is not None]
    assert all(len(text.split()) >= 4 for text in mended)
    assert {decision.reason for decision in decided.values() if decision.text} == {"spelling"}
    assert 20 <= len(decided) < 150


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The real packages' transcripts, without their sounds: a few kilobytes."""
    folder = tmp_path_factory.mktemp("asterisk")
    names = [f"asterisk-core-sounds-{language}" for language in ("en", "es", "fr")]
    try:
        return unpacked("asterisk", names, folder / "packages")
    except DatasetUnavailable as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("language", ["en", "es", "fr"])
def test_lists_and_packages_fit(real, language):
    written, decided = transcripts(language, real), decisions(language)
    assert set(decided) <= set(written)
    kept = {key: text for key, text in written.items() if len(text.split()) >= 4 and key not in decided}
    kept |= {key: decision.text for key, decision in decided.items() if decision.text is not None}
    assert {"en": 234, "es": 160, "fr": 187}[language] == len(kept)
    odd = re.compile(r"[][()<>*#]|www\." if language == "en" else r"[][()<>*#\d]|www\.")
    assert [text for text in kept.values() if odd.search(text)] == []
    assert set(VOICES) >= {language}
