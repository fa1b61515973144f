"""Checkpoints of a diffusion recogniser on disk: our own folders, and foreign files understand."""
