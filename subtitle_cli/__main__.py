"""`python -m subtitle_cli` is `diffsub`."""

from .cli import main

main()
