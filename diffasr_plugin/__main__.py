"""python -m diffasr_plugin: the command `diffasr`, also for launchers of many processes."""

from .cli import main

if __name__ == "__main__":
    main()
