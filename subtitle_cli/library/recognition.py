"""Pieces of films to transcripts: what the journal knows comes from there, the rest goes out in full batches.

Each film's thread waits for its own pieces; a few threads run the batches. What a batch gave is in the
journal before anybody sees it, so that a run that is killed loses the batches under way and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, CancelledError, wait
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diffasr_plugin.asr import Cancelled, DiffasrError, OutOfMemory, TranscribeOptions, Transcript, recognise

from ..listening import Heard
from ..recogniser import Choice, Loaded, Recognisers
from ..transcribe import Recognised, to_utterance
from .errors import JournalError, LibraryError, RecogniserDied
from .journal import Journal, Result
from .keys import name_key, recogniser_id, transcript_key
from .packing import Packer, Request
from .plain import NotReadable, from_bytes, to_bytes

__all__ = ["FilmId", "Recognition"]

logger = logging.getLogger(__name__)

DEATHS_A_PIECE = 2
"""A piece over which the recogniser died so often, alone, fails its film."""

DEATHS_IN_A_ROW = 6
"""If it dies so often without a batch between, it is no piece's fault: the run ends."""

Samples = NDArray[np.float32]


@dataclass(frozen=True)
class FilmId:
    """A film of this run: its number in the order of beginning, its fingerprint, the stream listened to."""

    number: int
    audio: bytes
    stream: int


class Recognition:
    """What all films of a run share: the recognisers, the batches, and what the journal knows."""

    def __init__(
        self,
        journal: Journal,
        recognisers: Recognisers,
        versions: Mapping[str, str],
        task: str,
        on_done: Callable[[float], None],
    ) -> None:
        """A run's recognition.

        Args:
            versions: of each model's package, by the model's name.
            on_done: told how many seconds of speech each batch held.
        """
        self.packer = Packer()
        self.fatal: LibraryError | None = None
        self._journal = journal
        self._recognisers = recognisers
        self._versions = versions
        self._task = task
        self._on_done = on_done
        self._lock = Lock()
        self._choices: dict[str | None, Choice] = {}
        self._loaded: dict[str, Loaded] = {}
        self._deaths = 0
        self._is_warm = False

    def start(self, threads: int) -> None:
        """Run so many batches at once, until the packer is stopped."""
        for number in range(threads):
            Thread(target=self._serve, name=f"batches {number}", daemon=True).start()

    def warm_up(self, language: str | None) -> None:
        """Begin to load the recogniser for a language, while the first film is still listened to."""
        with self._lock:
            if self._is_warm:
                return
            self._is_warm = True
        Thread(target=self._load, args=(language,), daemon=True).start()

    def _load(self, language: str | None) -> None:
        # What stands in the way is told to the film that needs it.
        with suppress(DiffasrError):
            self._recognisers.get(language)

    def choice(self, language: str | None) -> Choice:
        """The recogniser for a language; asking once is enough, and looking for GPUs takes time."""
        with self._lock:
            if language not in self._choices:
                self._choices[language] = self._recognisers.choose(language)
            return self._choices[language]

    def id(self, language: str | None) -> dict[str, Any]:
        """What results in a language depend on, but for the sound."""
        return recogniser_id(self.choice(language), self._versions)

    def transcribe(self, film: FilmId, heard: Heard, samples: Callable[[], Samples]) -> Recognised:
        """All pieces of a film, in their order.

        Args:
            samples: gives the film's sound; only asked where something is to be recognised.

        Raises:
            Cancelled: the run stops.
            DiffasrError: a piece failed.
        """
        main = self.choice(heard.asked_language)
        if not heard.pieces:
            return Recognised((), main.spec.name, main.call_options)
        keys = [
            transcript_key(film.audio, film.stream, piece, self._task, self.id(piece.language))
            for piece in heard.pieces
        ]
        found = self._known(keys)
        missing = [index for index, key in enumerate(keys) if key not in found]
        if missing:
            sound = samples()
            found |= self._recognise(
                [
                    Request(
                        self._lane(heard.pieces[index].language),
                        film.number,
                        heard.pieces[index],
                        keys[index],
                        film.audio,
                        sound,
                    )
                    for index in missing
                ]
            )
        name = self._name(heard.asked_language)
        return Recognised(tuple(found[key] for key in keys), name, main.call_options)

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Transcript]:
        found = {}
        for key, data in self._journal.look_up(keys).items():
            try:
                found[key] = from_bytes(Transcript, data)
            except NotReadable as error:
                logger.warning("a transcript in the journal cannot be read, and is made anew: %s", error)
        return found

    def _lane(self, language: str | None) -> str:
        loaded = self._recognisers.get(language)
        name = loaded.model.spec.name
        with self._lock:
            self._loaded[name] = loaded
        return name

    def _name(self, language: str | None) -> str:
        """The name of the weights, from the journal where nothing had to be loaded."""
        key = name_key(self.id(language))
        known = self._journal.look_up([key]).get(key)
        if known is not None:
            return known.decode()
        name = self._recognisers.get(language).model.status.model
        self._journal.keep([Result(key, b"", name.encode())])
        return name

    def _recognise(self, requests: Sequence[Request]) -> dict[bytes, Transcript]:
        try:
            self.packer.submit(requests)
            answers = [request.answer for request in requests]
            wait(answers, return_when=FIRST_EXCEPTION)
            for answer in answers:
                if answer.done():
                    answer.result()
            return {request.key: request.answer.result() for request in requests}
        except CancelledError:
            raise self.fatal or Cancelled() from None
        finally:
            self.packer.withdraw(requests[0].film)

    def _serve(self) -> None:
        while batch := self.packer.next_batch():
            try:
                self._run(batch)
            except Exception as error:  # whatever it is, those who wait must hear of it
                self._failed(batch, error)

    def _run(self, batch: Sequence[Request]) -> None:
        loaded = self._loaded[batch[0].lane]
        options = TranscribeOptions(None, self._task, model_options=loaded.call_options)
        utterances = [to_utterance(request.piece, request.samples) for request in batch]
        transcripts = recognise(loaded.model, utterances, options)
        # As bytes and back, so that a film has the same words whether or not the run was ended in between.
        kept = [to_bytes(transcript) for transcript in transcripts]
        self._journal.keep(
            [Result(request.key, request.audio, data) for request, data in zip(batch, kept, strict=True)]
        )
        self._deaths = 0
        for request, data in zip(batch, kept, strict=True):
            request.answer.set_result(from_bytes(Transcript, data))
        self._on_done(sum(request.piece.duration_s for request in batch))

    def _failed(self, batch: Sequence[Request], error: Exception) -> None:
        """Try smaller batches, to find the piece at fault; alone, it fails its film."""
        if isinstance(error, JournalError):
            self._end(error)
        if isinstance(error, RecogniserDied):
            self._deaths += 1
            for request in batch:
                request.deaths += request.alone
            if self._deaths >= DEATHS_IN_A_ROW:
                self._end(LibraryError(f"{error}; {self._deaths} times in a row, so the run ends here"))
        died_once = isinstance(error, RecogniserDied) and batch[0].deaths < DEATHS_A_PIECE
        if self.fatal is None and (len(batch) > 1 or died_once):
            logger.warning("%s; going on with smaller batches", str(error).splitlines()[0])
            self.packer.again(batch, alone=not isinstance(error, OutOfMemory))
            return
        for request in batch:
            request.answer.set_exception(self.fatal or error)

    def _end(self, error: LibraryError) -> None:
        self.fatal = error
        self.packer.stop()
