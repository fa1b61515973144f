"""The soft costs of a film's cues: what makes one cut of the words better than another.

Numbers only; `breaks` looks up the places, `candidates` adds up. Hard limits are no costs: they are in
`Rules`, and never broken. The cost of a film is the sum over its cues of

    CUE
    CUE_BREAK     x badness of the place where it ends, less if there is a pause
    HELD_SENTENCE x sentence ends inside it
    HELD_PAUSE    x (pause / longest pause allowed)^2, for each pause inside it
    FULLNESS      x (text / room for text)^2
    TOO_FAST      x share of the reading time that is missing
    BRIEF         x share of twice the minimum duration that is missing
    TOO_SHORT     x share of the minimum duration that is missing
    APART         if it ends between two who speak at once

and of those with two lines, if one speaker's,

    LINE_BREAK    x badness of the place where the upper line ends
    MID_LINE      x sentence ends that are not there
    BALANCE       x (difference of the lines / longest line)^2, TOP_HEAVY times if the upper one is longer

or if two speakers', DIALOGUE, and OPEN_DIALOGUE for each of them who does not get a whole sentence.
"""

from __future__ import annotations

# --- Badness of places; 1 is that between two plain words. ---

TURN = 0.0
"""Where the speaker changes."""
SENTENCE = 0.08
"""After the end of a sentence."""
CLAUSE = 0.15
"""After a comma, a dash, a colon; before a bracket or quote that opens."""
CONJUNCTION = 0.35
"""Before a word that begins a clause."""
PREPOSITION = 0.8
"""Before a word that begins a phrase."""
PLAIN = 1.0
"""Between two words that we know nothing of."""
LOOSE = 2.0
"""Between two words that belong together, the second of which begins a phrase: "it was / the last day"."""
BOUND = 2.5
"""Between two words that belong together: article and noun, number and unit, first and last name."""
INSIDE = 5.0
"""Inside a word of a script without spaces, as far as a segmenter can tell."""
STRANDED = 0.7
"""What a break costs more if it leaves one word of a clause alone: "if you / will, I"."""
SHORT_PHRASE = 0.3
"""What a break between plain words costs more right after two that belong together, for a third may: "the
last / day of", "has not / come"."""
GLUED = 100.0
"""Where no line may be broken unless a line would be too wide: inside a word, before a closing mark."""

# --- Weights, in cues. Tuned by reading cues of six languages aloud; HELD_SENTENCE, BRIEF and MID_LINE also
# by comparing with the cues made by hand in benchmarks/cutting. ---

CUE = 1.0
"""Fewer, fuller cues are less to follow."""
CUE_BREAK = 5.0
"""Readers lose the thread between cues much more than between lines."""
HELD_SENTENCE = 1.5
"""Short sentences may share a cue, but rather not."""
HELD_PAUSE = 6.0
"""Text that stands through a pause gives away what is said after it."""
FULLNESS = 0.5
"""Of equal ways, the one that shares text evenly among neighbours."""
TOO_FAST = 6.0
"""Growing into a pause helps reading: so cues end where pauses are."""
BRIEF = 1.5
"""Less than twice the minimum is soon over: short sentences better share a cue."""
TOO_SHORT = 8.0
"""Flashes are worse than anything but a torn phrase."""

LINE_BREAK = 1.25
"""Lines break by grammar first,"""
BALANCE = 1.0
"""then by length."""
TOP_HEAVY = 1.5
"""A pyramid hides less of the picture and is quicker to read."""
MID_LINE = 1.5
"""Where a sentence ends inside a cue, the line should too."""

DIALOGUE = 0.6
"""Dearer than a plain cue, cheaper than two: exchanges share a cue where they are short."""
OPEN_DIALOGUE = 1.5
"""But not half a sentence with another's words."""
APART = 4.0
"""What is said at once is best read at once: a cue of its own would keep the second speaker waiting."""

PAUSE_HELPS = 0.6
"""Share of a place's badness that a long pause takes away."""
LONG_PAUSE_MS = 500
"""From this length on, a pause makes a place no better."""
