"""A distribution for tests of libraries: with this folder's parent on the path, it is as good as installed.

What its recogniser says is known by construction, and what goes wrong in it is asked for. Its executor hears
without a network what would take long to find.
"""
