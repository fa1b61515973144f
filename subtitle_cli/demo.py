"""A folder -> a short film in it to try everything on: a moving test picture, and a real conversation.

The conversation, 30 s between two people, comes with the package pyannote.audio, which is installed but not
imported: that takes seconds.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from .errors import MediaError
from .media.ffmpeg import failure, find_ffmpeg, run, url

__all__ = ["DEMO_NAME", "find_conversation", "make_demo"]

DEMO_NAME = "demo.mp4"
PICTURE = "testsrc2=size=640x360:rate=25"
ENCODERS = ("libx264", "mpeg4")
"""H.264, which not every ffmpeg can write; and what every one can."""


def make_demo(folder: Path) -> Path:
    """Make the film in the folder, which is made too; one that is there already is replaced.

    Raises:
        MediaError: pyannote.audio is not installed whole, or the folder cannot be written to.
        FfmpegFailed: ffmpeg is missing or cannot make the film.
    """
    conversation = find_conversation()
    film, partial = folder / DEMO_NAME, folder / f".part.{DEMO_NAME}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for encoder in ENCODERS:
                finished = run(_command(conversation, partial, encoder), film)
                if finished.exit_code == 0:
                    return partial.replace(film)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise MediaError(film, f"{str(film)!r} cannot be made: {error.strerror}") from error
    raise failure(film, f"ffmpeg cannot make {str(film)!r}", finished.last_lines)


def find_conversation() -> Path:
    """The recording inside the installed package pyannote.audio.

    Raises:
        MediaError: there is none.
    """
    try:
        held = files("pyannote.audio") or []
    except PackageNotFoundError:
        held = []
    for file in held:
        path = Path(str(file.locate()))
        if file.name == "sample.wav" and path.is_file():
            return path
    raise MediaError(
        "sample.wav",
        "the demo's recording is missing; it comes with: pip install --force-reinstall pyannote.audio",
    )


def _command(conversation: Path, film: Path, encoder: str) -> list[str]:
    # Imported here, as it takes a while.
    import ffmpeg as graph

    output = graph.output(
        graph.input(PICTURE, format="lavfi"),
        graph.input(url(conversation)),
        url(film),
        vcodec=encoder,
        acodec="aac",
        pix_fmt="yuv420p",
        shortest=None,
        movflags="+faststart",
        **{"metadata:s:a": "language=eng"},
        **({"preset": "ultrafast"} if encoder == "libx264" else {}),
    )
    opening = [find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error"]
    return list(graph.compile(output, cmd=opening, overwrite_output=True))
