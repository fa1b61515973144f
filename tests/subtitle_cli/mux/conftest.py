import os
import shutil

import pytest

from subtitle_cli.formats import Subtitles
from subtitle_cli.media import find_ffmpeg
from subtitle_cli.types import Cue

CUES = (
    Cue(1000, 2000, (r"Grüß Gott, {\an8} <i>Welt</i>!", "Zweite Zeile"), speakers=("Anna", "Anna")),
    Cue(2040, 3000, ("-第二行世界", "-Yes & no"), speakers=("Bob", "Anna")),
)


@pytest.fixture
def subtitles():
    return Subtitles(CUES, "de", duration_ms=4000)


@pytest.fixture
def poor_ffmpeg(tmp_path, monkeypatch):
    """Put an ffmpeg on PATH that says that it was built without the words given."""

    def build(*lacking):
        folder = tmp_path / "poor"
        folder.mkdir()
        program = folder / "ffmpeg"
        kept = " ".join(f"-e '{word}'" for word in lacking)
        program.write_text(
            "#!/bin/sh\n"
            f'case "$2" in -filters|-encoders) {find_ffmpeg()} "$@" | grep -v {kept};;\n'
            f'*) exec {find_ffmpeg()} "$@";; esac\n'
        )
        program.chmod(0o755)
        grep = shutil.which("grep")
        assert grep is not None
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return str(program)

    return build
