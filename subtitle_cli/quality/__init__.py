"""Subtitles -> what is wrong with them, how far they are from others, and where in the film they belong.

Behind the commands `diffsub check`, `diffsub score` and `diffsub retime`; each stands on pure functions.
"""
