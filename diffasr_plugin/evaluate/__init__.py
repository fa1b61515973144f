"""Recordings with transcripts -> how well and how fast any registered recogniser does on them.

Knows the generic interface and scoring only, no model. Modules in the order of the data:

    manifest.py     JSON lines -> clips
    audio.py        a clip -> samples
    loaders/        public test sets and local folders -> clips
    run.py          clips -> transcripts and the time they took
    script.py       text -> one way of writing it, where a script has several
    intervals.py    error counts -> confidence interval
    alignment.py    two texts -> their words side by side
    timing.py       word times -> how far they are off
    evaluation.py   the above joined: a model and its sets -> measurements
    sweep.py        the same over values of an option
    rivals.py       what a user would pick instead, behind the same interface
    bench.py        models and rivals side by side
    published.py    figures that others published, beside ours
    report.py       measurements -> tables and JSON
    pages.py        measurements -> HTML; chart.py draws the curves
"""
