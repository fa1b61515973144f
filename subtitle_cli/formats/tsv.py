"""Cues -> a table of start, end, text and speaker with tabs between them, for spreadsheets and programs.

Times are milliseconds. It holds no line breaks: a cue's lines are joined, and labels are left out, as the
speaker has a column.
"""

from __future__ import annotations

import csv
import io

from ..speakers import speaker_label
from ..types import Cue
from .lines import flat, one_line, shown_lines
from .subtitles import Subtitles

__all__ = ["to_tsv"]

# The first three are those of Whisper's own tables.
HEADER = ("start", "end", "text", "speaker")


def to_tsv(subtitles: Subtitles) -> str:
    """One row a cue; two speakers in a dialogue have a semicolon between them."""
    table = io.StringIO()
    # A cell that begins with a quotation mark is quoted, else it would swallow the rows after it.
    writer = csv.writer(table, csv.excel_tab, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(_row(cue) for cue in subtitles.cues)
    return table.getvalue()


def _row(cue: Cue) -> tuple[int, int, str, str]:
    lines = shown_lines(cue)
    speakers = dict.fromkeys(one_line(speaker_label(line.speaker)) for line in lines if line.speaker)
    text = flat([line.unlabelled for line in lines if line.unlabelled])
    return cue.start_ms, cue.end_ms, text, "; ".join(speakers)
