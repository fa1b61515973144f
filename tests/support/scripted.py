"""A recogniser that hears what a script says is said when, and a listener that knows by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diffasr_plugin.asr import Transcript, Word
from subtitle_cli.types import Speech, SpokenWord, Turn
from tests.support.fake_models import CountingModel, make_spec


@dataclass(frozen=True)
class Script:
    """Who says what when in a film."""

    words: tuple[SpokenWord, ...]
    overlaps: tuple[tuple[float, float], ...] = ()

    def speech(self) -> Speech:
        """Turns of one speaker each, parted by changes of speaker and by pauses of a second."""
        turns: list[Turn] = []
        for word in self.words:
            last = turns[-1] if turns else None
            if last and last.speaker == word.speaker and word.start_s - last.end_s < 1.0:
                turns[-1] = Turn(last.start_s, max(last.end_s, word.end_s), word.speaker)
            else:
                start_s = max(word.start_s, last.end_s) if last else word.start_s
                turns.append(Turn(start_s, max(start_s, word.end_s), word.speaker))
        return Speech(tuple(turns), self.overlaps)

    def perform(self, monkeypatch) -> None:
        """Films are heard as this script from now on."""
        from subtitle_cli import listening

        monkeypatch.setattr(listening, "find_speech", lambda samples, told: self.speech())
        monkeypatch.setattr(listening, "diarize", lambda samples, options, told: self.speech())


def make_actor(script: Script, language: str = "en", **changes):
    """The spec of a recogniser that hears the script."""

    class Actor(CountingModel):
        def count(self, utterance, options):
            end_s = utterance.start_s + utterance.duration_s
            said = [word for word in script.words if utterance.start_s <= word.start_s < end_s]
            words = tuple(
                Word(
                    word.text,
                    word.start_s - utterance.start_s,
                    min(word.end_s - utterance.start_s, utterance.duration_s),
                    space_before=word.space_before,
                )
                for word in said
            )
            text = "".join(f" {w.text}" if w.space_before else w.text for w in said).strip()
            return Transcript(text, language if text else None, words)

    return make_spec("actor", Actor, languages=(language,), max_seconds=30.0, best_seconds=28.0, **changes)


def cast(monkeypatch, specs: list, words: Sequence[SpokenWord], language: str = "en", **changes) -> Script:
    """Let the only recogniser that there is hear these words in every film."""
    script = Script(tuple(words), **changes)
    script.perform(monkeypatch)
    specs[:] = [make_actor(script, language)]
    return script
