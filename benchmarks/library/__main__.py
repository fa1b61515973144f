"""The campaigns by name:

fuzz      broken media files, made by a seeded fuzzer
journal   how long each operation of the journal takes at 100,000 films
kill      random kill -9 moments over a library of short films
memory    how much memory a run over 1,000 films takes, after 100 of them and after all
packing   pieces of many films in one batch, against one film after the other
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from . import fuzz, journal, kill, memory, packing

CAMPAIGNS = {"fuzz": fuzz, "journal": journal, "kill": kill, "memory": memory, "packing": packing}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = parser.add_subparsers(dest="name", required=True)
    for name, campaign in CAMPAIGNS.items():
        campaign.add_options(names.add_parser(name, description=campaign.__doc__))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="diffsub-benchmark-") as folder:
        CAMPAIGNS[given.name].main(given, Path(folder))


if __name__ == "__main__":
    main()
