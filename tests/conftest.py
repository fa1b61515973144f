"""Films that many tests use."""

import shutil
import subprocess

import pytest

from subtitle_cli.demo import find_conversation, make_demo
from subtitle_cli.media import find_ffmpeg

GERMAN = "Guten Morgen. Heute scheint die Sonne, und wir fahren mit dem Zug nach Hamburg."


@pytest.fixture(scope="session")
def talking_film(tmp_path_factory):
    """A film with the real conversation that comes with pyannote.audio, 30 s."""
    return make_demo(tmp_path_factory.mktemp("talking"))


@pytest.fixture(scope="session")
def conversation():
    """The sound of that film: a WAV file at 16 kHz."""
    return find_conversation()


@pytest.fixture(scope="session")
def german_film(tmp_path_factory):
    """A short film in German, spoken by espeak-ng."""
    if shutil.which("espeak-ng") is None:
        pytest.skip("the German film needs espeak-ng (apt install espeak-ng)")
    folder = tmp_path_factory.mktemp("german")
    speech, film = folder / "speech.wav", folder / "morgen.mp4"
    subprocess.run(["espeak-ng", "-v", "de", "-s", "140", "-w", speech, GERMAN], check=True)
    picture = ["-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25"]
    coding = ["-shortest", "-c:v", "mpeg4", "-c:a", "aac", "-metadata:s:a:0", "language=ger"]
    subprocess.run([find_ffmpeg(), "-v", "error", "-y", *picture, "-i", speech, *coding, film], check=True)
    return film
