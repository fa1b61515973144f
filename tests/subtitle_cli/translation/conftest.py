"""Translators as if plugins had been installed that offer them."""

import pytest

from subtitle_cli import captioning, commands
from subtitle_cli.extensions import build_extensions
from subtitle_cli.translation import words
from tests.support.fake_models import make_point


@pytest.fixture
def install(monkeypatch):
    """Makes this plugin the only one there is."""

    def install(plugin):
        for module in (captioning, commands, words):
            monkeypatch.setattr(
                module,
                "build_extensions",
                lambda blocked: build_extensions(blocked, [make_point("fake", plugin)]),
            )
        words._translator.cache_clear()

    yield install
    words._translator.cache_clear()
