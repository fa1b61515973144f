"""Five sentences of Sense and Sensibility, read for LibriVox -> clips.

They come with Debian's package of test data for pocketsphinx (BSD), with their transcript, slips included.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..manifest import Clip
from .debian import unpacked

__all__ = ["sentences"]

PLACE = "usr/share/pocketsphinx/test/data/librivox"


def sentences(folder: Path, limit: int | None = None) -> list[Clip]:
    """The sentences, in the order of the transcript.

    Raises:
        DatasetUnavailable: the package cannot be had.
    """
    root = unpacked("librivox", ["pocketsphinx-testdata"], folder / "packages") / PLACE
    lines = (root / "transcription").read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"<s> (.*) </s> \((.*)\)\s*", line) for line in lines]
    clips = [Clip(root / f"{line[2]}.wav", line[1], "en") for line in found if line]
    return clips[:limit]
