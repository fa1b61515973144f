"""Many films: found, divided among processes, recognised in full batches, and never done twice.

Files in the order of the data: `finding` (arguments to films), `fingerprint` (a film's content), `journal`
(what is known, and who works on what), `executor` (where the work is done), `packing` (pieces of many films
to batches), `run` (a library, start to end).
"""
