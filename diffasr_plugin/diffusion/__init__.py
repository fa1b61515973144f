"""Discrete diffusion as tensor maths: from a canvas of random tokens to the transcript's tokens.

Knows no model: what predicts the tokens comes in as a function.
"""
