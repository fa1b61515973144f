"""Broken installs of third-party libraries -> imports that work: each repair once, lazily, with its reason.

Does not know who needs the library. Importing this module imports none of them.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys

from diffasr_plugin.asr import DiffasrError

__all__ = ["repair_torchaudio"]

_LOG = logging.getLogger(__name__)


def repair_torchaudio() -> None:
    """Make `import torchaudio` work where its compiled extension does not fit the installed torch.

    Why: PyPI serves torchaudio for Linux as a CUDA build only. Beside a CPU build of torch, its import dies
    on a missing CUDA library (OSError); beside another CUDA version, on its own check (RuntimeError).
    pyannote.audio and the audio models of transformers import torchaudio, and die with it. What they
    use (mel, fbank, resampling) is plain torch and needs no extension.

    How: torchaudio has a path for builds without the extension; the second import is led down that path.
    It loses forced alignment and the fast IIR filters, for the life of the process.

    Call it before importing pyannote or the audio models of transformers. Calling it again does nothing,
    and so does calling it where torchaudio is sound or not installed.

    Raises:
        DiffasrError: torchaudio cannot be imported for another reason.
    """
    if "torchaudio" in sys.modules or importlib.util.find_spec("torchaudio") is None:
        return
    try:
        importlib.import_module("torchaudio")
    except (OSError, RuntimeError) as error:
        _import_without_extension(error)


def _import_without_extension(cause: Exception) -> None:
    # A failed import leaves the submodules that did import in sys.modules: the next attempt finds this one.
    loader = sys.modules.get("torchaudio._extension.utils")
    if loader is None:
        raise _unusable(cause) from cause
    loader._load_lib = _no_library  # type: ignore[attr-defined]
    try:
        importlib.import_module("torchaudio")
    except (OSError, RuntimeError) as error:
        raise _unusable(error) from error
    _LOG.info("torchaudio's compiled extension does not fit this torch; torchaudio runs without it")


def _no_library(lib: str) -> bool:
    """Stands in for torchaudio's loader of `lib`: says, as that one may, that there is no such file."""
    return False


def _unusable(cause: Exception) -> DiffasrError:
    return DiffasrError(
        f"torchaudio cannot be imported ({cause}); reinstall torch and torchaudio as builds that fit together"
    )
