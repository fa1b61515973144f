"""Pins for contents that a test makes up, and a source that does what the test says."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from diffasr_plugin.assets import AssetFile, Workroom

__all__ = ["FakeSource", "pinned", "writes"]


def pinned(path: str, content: bytes) -> AssetFile:
    return AssetFile(path, hashlib.sha256(content).hexdigest(), len(content))


@dataclass(frozen=True)
class FakeSource:
    """A source that does what the test says."""

    act: Callable[[Workroom], None]
    words: str = "a fake"
    needs_network: bool = True
    finished: bool = False
    needed_bytes: int = 0
    calls: list[str] = field(default_factory=list)

    def deliver(self, room, files):
        self.calls.append(room.asset)
        self.act(room)


def writes(**contents: bytes) -> Callable[[Workroom], None]:
    """An act that delivers files: `writes(a_bin=b"abc")` writes a.bin."""

    def act(room: Workroom) -> None:
        for name, content in contents.items():
            (room.target / name.replace("_", ".")).write_bytes(content)

    return act
