"""The local executor, but nobody looks for speech: a film has a turn for each three seconds. No torch."""

import math
from dataclasses import replace

from diffasr_plugin.asr import SAMPLE_RATE
from subtitle_cli.hookspecs import hookimpl
from subtitle_cli.library.executor import ExecutorSpec
from subtitle_cli.library.local import LocalExecutor
from subtitle_cli.listening import Heard
from subtitle_cli.media import decode
from subtitle_cli.types import Piece, Speech, Turn

TURN_S = 3.0


class ScriptedExecutor(LocalExecutor):
    def __init__(self, setup):
        super().__init__(replace(setup, device="cpu", listeners=2))

    def listen(self, opened, folder, settings, recognisers, reporter):
        reporter.stage("reading the film")
        samples = decode(opened.film, opened.stream, folder, lambda share: reporter.progress(share, 1.0))
        duration_s = len(samples) / SAMPLE_RATE
        starts_s = [TURN_S * number for number in range(math.ceil(duration_s / TURN_S))]
        turns = tuple(
            Turn(at_s, min(at_s + TURN_S, duration_s), None, settings.language) for at_s in starts_s
        )
        pieces = tuple(Piece(turn.start_s, turn.end_s, (turn,)) for turn in turns)
        return Heard(opened.film, duration_s, settings.language, Speech(turns), pieces), samples


@hookimpl
def register_executors(register):
    register(ExecutorSpec("scripted", "For tests: hears a turn for each three seconds.", ScriptedExecutor))
