"""What the user wants of every film of a run; numbers and names only."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from .diarization import DiarizationOptions
from .mux import FilmWish, film_target
from .output import Destination, Plan, Target, make_plan
from .profiles import Profile, load_profile
from .speaker_names import SpeakerNames
from .text import TextOptions
from .translation import Translation

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """What the user wants of every film of a run.

    Attributes:
        destination: where the files go.
        languages: BCP-47 languages spoken, the main one first; none: they are detected.
        task: "transcribe", or "translate" (into English).
        formats: names out of `FORMATS`.
        audio_stream: ffmpeg's number of the stream to listen to, or None: choose.
        diarization: how to tell speakers apart, or None: only find speech.
        speaker_labels: whether to write who speaks.
        speaker_names: what the speakers are called; None: as diarization numbers them.
        profile: what a house asks of its subtitles.
        films: wishes for films with the subtitles in them.
        text: how the recognised words are to read.
        snap: whether cues come and go with the shots.
        translation: into which language a translator works, and which; None: none does.
    """

    destination: Destination
    languages: tuple[str, ...] = ()
    task: str = "transcribe"
    formats: tuple[str, ...] = ("srt",)
    audio_stream: int | None = None
    diarization: DiarizationOptions | None = field(default_factory=DiarizationOptions)
    speaker_labels: bool = False
    speaker_names: SpeakerNames | None = None
    profile: Profile = field(default_factory=lambda: load_profile("netflix"))
    films: tuple[FilmWish, ...] = ()
    text: TextOptions = field(default_factory=TextOptions)
    snap: bool = False
    translation: Translation | None = None

    @property
    def language(self) -> str | None:
        """The main language, if the user named one: it is in the names of the files."""
        return self.languages[0] if self.languages else None

    def recognised_language(self, spoken: str) -> str:
        """The language that the recogniser writes where `spoken` is spoken."""
        return "en" if self.task == "translate" else spoken

    def text_language(self, spoken: str) -> str:
        """The language of the subtitles where `spoken` is spoken."""
        return self.translation.language if self.translation else self.recognised_language(spoken)

    def film_targets(self, film: Path, language: str) -> list[Target]:
        """Where films go that have subtitles of this language in them."""
        return [film_target(film, language, wish, self.destination) for wish in self.films]

    def plan(self, film: Path, spoken: str) -> Plan:
        """What to write of a film in which `spoken` is spoken; nothing is touched."""
        language = self.text_language(spoken)
        texts = self.destination.targets(film, language, self.formats)
        return make_plan([*texts, *self.film_targets(film, language)])
