"""Recognisers behind the generic interface, a package each.

Importing this package imports none of them: a module `spec` describes a model, `model` runs it.
"""
