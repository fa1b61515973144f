"""How libraries hold out: `python -m benchmarks.library NAME`, each with a seed and a printed summary."""
