"""Speech recognition behind a generic interface, with diffusion recognisers as its reason to be.

Importing this package imports nothing else: start at `diffasr_plugin.asr`.
"""

__version__ = "0.1.0"
