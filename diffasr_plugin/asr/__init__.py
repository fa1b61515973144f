"""The generic speech recognition interface and its plugin host.

Needs the standard library, numpy and pluggy only. It imports no other part of the project.

    from diffasr_plugin.asr import load_model

    with load_model("whisper") as model:
        transcript = model.transcribe(samples, language="de")
"""

from .errors import (
    AssetError,
    Cancelled,
    ContractViolation,
    DiffasrError,
    DuplicateModel,
    InvalidAudio,
    InvalidOption,
    InvalidPlugin,
    ModelUnavailable,
    OutOfMemory,
    PluginError,
    UnknownModel,
    UnknownPlugin,
    UnsupportedLanguage,
    UnsupportedTask,
    did_you_mean,
)
from .hookspecs import hookimpl
from .model import AsrModel, LanguageDetector, Progress, ShouldStop, Traceable, recognise
from .registry import PluginInfo, Registry, build_registry, list_models, load_model
from .spec import API_VERSION, ModelSpec, Option, Readiness, parse_settings
from .types import SAMPLE_RATE, ModelStatus, TranscribeOptions, Transcript, Utterance, Word, as_samples

__all__ = [
    "API_VERSION",
    "SAMPLE_RATE",
    "AsrModel",
    "AssetError",
    "Cancelled",
    "ContractViolation",
    "DiffasrError",
    "DuplicateModel",
    "InvalidAudio",
    "InvalidOption",
    "InvalidPlugin",
    "LanguageDetector",
    "ModelSpec",
    "ModelStatus",
    "ModelUnavailable",
    "Option",
    "OutOfMemory",
    "PluginError",
    "PluginInfo",
    "Progress",
    "Readiness",
    "Registry",
    "ShouldStop",
    "Traceable",
    "TranscribeOptions",
    "Transcript",
    "UnknownModel",
    "UnknownPlugin",
    "UnsupportedLanguage",
    "UnsupportedTask",
    "Utterance",
    "Word",
    "as_samples",
    "build_registry",
    "did_you_mean",
    "hookimpl",
    "list_models",
    "load_model",
    "parse_settings",
    "recognise",
]
