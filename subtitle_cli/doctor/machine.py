"""The machine itself: ffmpeg, torch and its device, room for model files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile

from diffasr_plugin.assets import HOME_VARIABLE, cache_home

from ..errors import FfmpegFailed
from ..media.ffmpeg import find_ffmpeg, find_ffprobe
from .finding import Finding, fine, problem, warning

__all__ = ["check_cache", "check_ffmpeg", "check_torch"]

CODECS = {
    "aac": "AAC",
    "mp3": "MP3",
    "opus": "Opus",
    "vorbis": "Vorbis",
    "flac": "FLAC",
    "ac3": "AC-3",
    "eac3": "E-AC-3",
    "dca": "DTS",
    "truehd": "TrueHD",
    "pcm_s16le": "PCM",
}
"""ffmpeg's names of the decoders that films need, and what people call them."""

ROOM_BYTES = 1_500_000_000
"""What the default model files take while they are fetched and converted, with a margin."""

TORCH_PROBE = """
import json, os
facts = {}
import torch
facts["torch"] = torch.__version__
facts["threads"] = torch.get_num_threads()
if torch.cuda.is_available():
    facts["gpus"] = [
        [torch.cuda.get_device_name(i), torch.cuda.mem_get_info(i)] for i in range(torch.cuda.device_count())
    ]
facts["memory"] = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
try:
    import torchaudio
    facts["torchaudio"] = "sound"
except (OSError, RuntimeError) as error:
    facts["torchaudio"] = "broken"
    facts["why"] = str(error).splitlines()[0]
    for name in [name for name in __import__("sys").modules if name.startswith("torchaudio")]:
        del __import__("sys").modules[name]
    from diffasr_plugin.compat import repair_torchaudio
    repair_torchaudio()
    import torchaudio.compliance.kaldi
    facts["torchaudio"] = "repaired"
print("FACTS", json.dumps(facts))
"""
"""Run in a process of its own: importing a broken torch may take the whole process down."""

TORCH_SECONDS = 120


def check_ffmpeg() -> list[Finding]:
    try:
        path = find_ffmpeg()
    except FfmpegFailed:
        return [problem("ffmpeg", "is not on PATH, nor imageio-ffmpeg", "pip install imageio-ffmpeg")]
    banner = _output([path, "-version"]).splitlines()
    findings = [fine("ffmpeg", f"{' '.join(banner[0].split()[:3]) if banner else '?'} ({path})")]
    if find_ffprobe() is None:
        findings.append(fine("ffprobe", "none on PATH; ffmpeg itself is asked instead"))
    decoders = set(re.findall(r"^ A\S+ +(\S+)", _output([path, "-hide_banner", "-decoders"]), re.MULTILINE))
    lacking = [name for codec, name in CODECS.items() if codec not in decoders]
    if lacking:
        text = f"cannot decode {', '.join(lacking)}"
        findings.append(warning("ffmpeg", text, "install a full build, such as Debian's ffmpeg"))
    return findings


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=False)
    return done.stdout.decode(errors="replace")


def check_torch() -> list[Finding]:
    command = [sys.executable, "-c", TORCH_PROBE]
    done = subprocess.run(
        command, capture_output=True, stdin=subprocess.DEVNULL, timeout=TORCH_SECONDS, check=False
    )
    lines = [line for line in done.stdout.decode(errors="replace").splitlines() if line.startswith("FACTS ")]
    if not lines:
        last = (
            done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        )[-1]
        remedy = 'pip install --force-reinstall "torch>=2.11,<2.15" "torchaudio>=2.11,<2.12"'
        return [problem("torch", f"cannot be imported: {last}", remedy)]
    return _torch_findings(json.loads(lines[0].removeprefix("FACTS ")))


def _torch_findings(facts: dict[str, object]) -> list[Finding]:
    findings = []
    gpus = facts.get("gpus")
    if isinstance(gpus, list):
        for name, (free, total) in gpus:
            findings.append(fine("GPU", f"{name}, {free / 2**30:.0f} of {total / 2**30:.0f} GiB free"))
    else:
        findings.append(fine("GPU", "none that torch can use; the CPU does the work"))
    memory = facts["memory"]
    assert isinstance(memory, int)
    findings.append(fine("CPU", f"{facts['threads']} threads, {memory / 2**30:.0f} GiB of memory"))
    if facts["torchaudio"] == "repaired":
        text = f"its extension does not fit this torch, but it works without ({facts.get('why')})"
        findings.append(fine("torchaudio", text))
    return findings


def check_cache() -> list[Finding]:
    """Can model files be kept, and is there room?"""
    home = cache_home()
    remedy = f"export {HOME_VARIABLE}=/some/folder/with/room"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        text = f"model files cannot be kept in {home}: {error.strerror}"
        return [problem("model files", text, remedy)]
    free = shutil.disk_usage(home).free
    text = f"kept in {home}, {free / 1e9:.1f} GB free"
    if free < ROOM_BYTES:
        return [warning("model files", f"{text}: little room", remedy)]
    return [fine("model files", text)]
