"""`python -m subtitle_cli` is `diffsub`."""

from .cli import main

try:
    main()
finally:
    # Python remembers an interrupt that fell into code made from text, as dataclasses are, until more
    # such code runs: `python -m` would end as killed by it, and not with the exit code.
    eval("0")
