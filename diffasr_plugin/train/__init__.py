"""Recordings with their texts -> trained adapters: recipes, data, one loop for all models, curves.

Knows the models and the losses, and joins them. Nothing here is needed to recognise speech.
"""
