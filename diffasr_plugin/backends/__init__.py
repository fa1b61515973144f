"""Recognisers behind the generic interface, one module (and its siblings) each.

Importing this package imports none of them: a `*_spec` module describes a model, the others run it.
"""
