"""A seed -> media files that are broken in many ways, from films that ffmpeg made.

It knows containers as far as it lies in their headers, and nothing of what becomes of the files.
"""

from __future__ import annotations

import random
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from subtitle_cli.media import find_ffmpeg

__all__ = ["MAKERS", "Broken", "Material", "break_films", "make_material"]

CODECS = {
    ".wav": ("-vn", "-c:a", "pcm_s16le"),
    ".flac": ("-vn", "-c:a", "flac"),
    ".aac": ("-vn", "-c:a", "aac"),
    ".mp4": ("-c:v", "mpeg4", "-c:a", "aac"),
    ".mkv": ("-c:v", "mpeg4", "-c:a", "flac"),
    ".ts": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    ".avi": ("-c:v", "mpeg4", "-c:a", "ac3"),
}
"""What films are made of: suffix and options of ffmpeg, which has all of these codecs built in."""

LIES = (0, 1, 2, 255, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
"""Numbers that headers do not expect."""


@dataclass(frozen=True)
class Material:
    """What there is to break, and where playlists point.

    Attributes:
        films: whole ones, by suffix.
        secret: a film outside the library, that no playlist may lead to.
        address: of a server that nobody may ask.
        packets: in the film of very many tiny ones.
    """

    films: dict[str, bytes]
    secret: Path
    address: str
    packets: int


@dataclass(frozen=True)
class Broken:
    """A file to be: its suffix and what is in it."""

    suffix: str
    data: bytes


Maker = Callable[[random.Random, Material], Broken]


def make_material(folder: Path, address: str, packets: int) -> Material:
    """Films of three seconds, a tone over a moving picture, in all formats."""
    folder.mkdir(parents=True)
    films = {suffix: _render(folder / f"film{suffix}", *words) for suffix, words in CODECS.items()}
    return Material(films, folder / "film.ts", address, packets)


def break_films(library: Path, count: int, seed: int, material: Material) -> Iterator[Path]:
    """Write so many broken films; each kind of damage has its turn."""
    chance = random.Random(seed)
    kinds = list(MAKERS.items())
    for number in range(count):
        kind, make = kinds[number % len(kinds)]
        broken = make(chance, material)
        path = library / f"{number:03} {kind}{broken.suffix}"
        path.write_bytes(broken.data)
        yield path


def _render(path: Path, *words: str, seconds: float = 3.0) -> bytes:
    sources = ["-f", "lavfi", "-i", f"testsrc2=size=64x48:rate=25:duration={seconds}"]
    sources += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={seconds}"]
    opening = [find_ffmpeg(), "-nostdin", "-loglevel", "error", "-y", *sources]
    # Otherwise two renderings differ, and a seed would not tell all.
    subprocess.run([*opening, *words, "-fflags", "+bitexact", "-flags", "+bitexact", str(path)], check=True)
    return path.read_bytes()


def _any_film(chance: random.Random, material: Material) -> tuple[str, bytearray]:
    suffix = chance.choice(sorted(material.films))
    return suffix, bytearray(material.films[suffix])


def _truncated(chance: random.Random, material: Material) -> Broken:
    suffix, data = _any_film(chance, material)
    return Broken(suffix, bytes(data[: chance.randrange(1, len(data))]))


def _flipped(chance: random.Random, material: Material) -> Broken:
    suffix, data = _any_film(chance, material)
    return Broken(suffix, _flip(chance, data, chance.choice([1, 10, 100, 1000]), len(data)))


def _head_flipped(chance: random.Random, material: Material) -> Broken:
    suffix, data = _any_film(chance, material)
    return Broken(suffix, _flip(chance, data, chance.randint(1, 30), 600))


def _flip(chance: random.Random, data: bytearray, bits: int, within: int) -> bytes:
    for _ in range(bits):
        data[chance.randrange(min(within, len(data)))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _blanked(chance: random.Random, material: Material) -> Broken:
    suffix, data = _any_film(chance, material)
    start = chance.randrange(len(data))
    length = min(len(data) - start, chance.randrange(1, len(data)))
    data[start : start + length] = chance.choice([bytes(length), b"\xff" * length, chance.randbytes(length)])
    return Broken(suffix, bytes(data))


def _shuffled(chance: random.Random, material: Material) -> Broken:
    suffix, data = _any_film(chance, material)
    size = chance.choice([188, 1024, 4096])
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    rest = blocks[1:]
    chance.shuffle(rest)
    return Broken(suffix, b"".join([bytes(blocks[0]), *map(bytes, rest)]))


def _joined(chance: random.Random, material: Material) -> Broken:
    (suffix, first), (_, second) = _any_film(chance, material), _any_film(chance, material)
    return Broken(suffix, bytes(first[: chance.randrange(len(first))] + second))


def _misnamed(chance: random.Random, material: Material) -> Broken:
    return Broken(chance.choice([".mp4", ".mkv", ".wav", ".mp3"]), bytes(_any_film(chance, material)[1]))


def _wave(channels: int, rate: int, bits: int, stated: int, data: bytes) -> Broken:
    """A WAV file that says what it is told to."""
    block = channels * bits // 8 & 0xFFFF
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * block & 0xFFFFFFFF, block, bits)
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return Broken(".wav", head + b"data" + struct.pack("<I", stated) + data)


def _absurd_rate(chance: random.Random, material: Material) -> Broken:
    data = chance.randbytes(200_000)
    return _wave(1, chance.choice(LIES), 16, len(data), data)


def _absurd_channels(chance: random.Random, material: Material) -> Broken:
    data = chance.randbytes(200_000)
    return _wave(chance.choice([0, 9, 64, 255, 1000, 0xFFFF]), 16_000, 16, len(data), data)


def _absurd_sample(chance: random.Random, material: Material) -> Broken:
    data = chance.randbytes(100_000)
    return _wave(2, 16_000, chance.choice([0, 1, 3, 7, 48, 64, 0xFFFF]), len(data), data)


def _lying_length(chance: random.Random, material: Material) -> Broken:
    return _wave(1, 16_000, 16, chance.choice(LIES), chance.randbytes(100_000))


def _no_length(chance: random.Random, material: Material) -> Broken:
    return _wave(1, 16_000, 16, 0, b"")


def _lying_clock(chance: random.Random, material: Material) -> Broken:
    """An mp4 whose boxes lie about their time scales and lengths."""
    data = bytearray(material.films[".mp4"])
    for name in (b"mvhd", b"mdhd"):
        at = data.find(name)
        while at >= 0:
            scale, length = chance.choice(LIES), chance.choice(LIES)
            data[at + 16 : at + 24] = struct.pack(">II", scale, length)
            at = data.find(name, at + 4)
    return Broken(".mp4", bytes(data))


def _lying_table(chance: random.Random, material: Material) -> Broken:
    """An mp4 whose tables say that a box has very many or very long entries."""
    data = bytearray(material.films[".mp4"])
    at = data.find(chance.choice([b"stts", b"stsc", b"stsz", b"stco", b"elst", b"stsd"]))
    data[at + 8 : at + 12] = struct.pack(">I", chance.choice(LIES))
    data[at + 16 : at + 20] = struct.pack(">I", chance.choice(LIES))
    return Broken(".mp4", bytes(data))


def _tiny_packets(chance: random.Random, material: Material) -> Broken:
    """Very many packets of one sample each; further such films are cut off early."""
    path = material.secret.with_name("tiny.mkv")
    if path.exists():
        return Broken(".mkv", path.read_bytes()[: chance.randrange(path.stat().st_size // 10)])
    words = ("-vn", "-af", "aresample=16000,asetnsamples=n=1", "-c:a", "pcm_s16le")
    return Broken(".mkv", _render(path, *words, seconds=material.packets / 16_000))


def _empty(chance: random.Random, material: Material) -> Broken:
    return Broken(".mkv", b"")


def _noise(chance: random.Random, material: Material) -> Broken:
    return Broken(chance.choice(sorted(material.films)), chance.randbytes(chance.randrange(1, 100_000)))


def _text(chance: random.Random, material: Material) -> Broken:
    return Broken(
        chance.choice([".mp4", ".mkv", ".mp3", ".wav"]), b"Once upon a time there was a text.\n" * 99
    )


def _playlist(chance: random.Random, material: Material) -> Broken:
    """It leads to a film that is not in the library, or to an address."""
    target = chance.choice([str(material.secret), f"file:{material.secret}", f"{material.address}/film.ts"])
    text = chance.choice(
        [
            f"ffconcat version 1.0\nfile '{target}'\n",
            f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{target}\n#EXT-X-ENDLIST\n",
            "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
            'profiles="urn:mpeg:dash:profile:full:2011" mediaPresentationDuration="PT4S"><Period>'
            '<AdaptationSet contentType="audio"><Representation id="1" mimeType="audio/mp4" bandwidth="1">'
            f"<BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>",
        ]
    )
    return Broken(chance.choice([".mp4", ".ts", ".mkv", ".mp3"]), text.encode())


MAKERS: dict[str, Maker] = {
    "tiny packets": _tiny_packets,
    "truncated": _truncated,
    "flipped": _flipped,
    "head flipped": _head_flipped,
    "blanked": _blanked,
    "shuffled": _shuffled,
    "joined": _joined,
    "misnamed": _misnamed,
    "absurd rate": _absurd_rate,
    "absurd channels": _absurd_channels,
    "absurd sample": _absurd_sample,
    "lying length": _lying_length,
    "no length": _no_length,
    "lying clock": _lying_clock,
    "lying table": _lying_table,
    "empty": _empty,
    "noise": _noise,
    "text": _text,
    "playlist": _playlist,
}
"""All kinds of damage."""
