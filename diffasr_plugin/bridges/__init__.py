"""Registered models -> what other speech toolkits expect of theirs: one module a toolkit.

They know the generic interface only, never a model. Importing this package imports no toolkit.
"""

__all__: list[str] = []
