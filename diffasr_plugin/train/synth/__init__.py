"""Texts in six languages -> speech to train on, by the speech synthesisers that are installed."""
