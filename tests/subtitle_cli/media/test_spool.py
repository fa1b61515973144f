import io
import os
import stat

import pytest

from subtitle_cli.errors import MediaError, UsageError
from subtitle_cli.media import spool
from tests.support.films import film, hear, onsets


def test_a_piped_film_is_read_like_any_other(tmp_path):
    # An mp4 has its index at the end: it cannot be read from a pipe itself.
    whole = film(tmp_path / "a.mp4", 1.0, codec="aac")
    with whole.open("rb") as pipe:
        copy = spool(pipe, tmp_path)
    assert copy.read_bytes() == whole.read_bytes()
    assert onsets(hear(copy, tmp_path)) == pytest.approx([1.0], abs=0.02)


def test_only_this_user_can_read_the_copy(tmp_path):
    copy = spool(io.BytesIO(b"film"), tmp_path)
    assert copy.parent == tmp_path
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_an_empty_pipe_is_told(tmp_path):
    with pytest.raises(MediaError, match="nothing came through the pipe"):
        spool(io.BytesIO(), tmp_path)


def test_a_pipe_that_ends_in_an_error_is_told(tmp_path):
    class Full(io.BytesIO):
        def read(self, size=-1):
            raise OSError(28, "No space left on device")

    with pytest.raises(MediaError, match=r"cannot be kept in .*: No space left on device"):
        spool(Full(), tmp_path)


def test_a_terminal_is_no_film(tmp_path):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0), os.fdopen(theirs, "rb", buffering=0) as terminal:
        with pytest.raises(UsageError, match="nothing is piped in"):
            spool(terminal, tmp_path)
    assert list(tmp_path.iterdir()) == []
