"""python -m diffasr_plugin: the command `diffasr`, also for launchers of many processes."""

from .cli import main

if __name__ == "__main__":
    try:
        main()
    finally:
        # Python remembers an interrupt that fell into code made from text, as dataclasses are, until more
        # such code runs: `python -m` would end as killed by it, and not with the exit code.
        eval("0")
