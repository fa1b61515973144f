"""Which way imports may point: read out of the source, so that a forbidden import fails even if never run."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "torchaudio", "transformers", "pyannote", "peft"}


def imports_of(file: Path, at_import_time: bool = False) -> set[str]:
    """Dotted names that a file imports, relative ones resolved; optionally only those outside functions."""
    package = file.relative_to(ROOT).with_suffix("").parts
    package = package[:-1]
    found = set()
    for node in _nodes(ast.parse(file.read_text()), at_import_time):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def _nodes(tree, at_import_time):
    for node in ast.iter_child_nodes(tree):
        if at_import_time and (_is_function(node) or _is_type_checking(node)):
            continue
        yield node
        yield from _nodes(node, at_import_time)


def _is_function(node):
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def _is_type_checking(node):
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def files_under(*folders):
    return [file for folder in folders for file in sorted((ROOT / folder).rglob("*.py"))]


def rooms_used(file):
    """First two parts of each import from the project itself, e.g. 'diffasr_plugin.asr'."""
    ours = (name.split(".") for name in imports_of(file))
    return {".".join(parts[:2]) for parts in ours if parts[0] in ("diffasr_plugin", "subtitle_cli")}


@pytest.mark.parametrize("file", files_under("subtitle_cli"), ids=str)
def test_the_tool_knows_the_interface_and_the_open_rooms_only(file):
    allowed = {f"diffasr_plugin.{room}" for room in ("asr", "assets", "compat", "scoring", "__version__")}
    used = {room for room in rooms_used(file) if room.startswith("diffasr_plugin.")}
    assert used <= allowed


@pytest.mark.parametrize("file", files_under("diffasr_plugin"), ids=str)
def test_the_recogniser_never_imports_the_tool(file):
    assert not {room for room in rooms_used(file) if room.startswith("subtitle_cli")}


@pytest.mark.parametrize("file", files_under("diffasr_plugin/asr"), ids=str)
def test_the_interface_needs_numpy_and_pluggy_only(file):
    allowed = {"numpy", "pluggy", "diffasr_plugin", *sys.stdlib_module_names}
    if file.name == "testing.py":
        allowed.add("pytest")
    assert {name.split(".")[0] for name in imports_of(file)} <= allowed
    assert {room for room in rooms_used(file)} <= {"diffasr_plugin.asr"}


def test_models_and_diffusion_never_import_each_other():
    for file in files_under("diffasr_plugin/models"):
        assert "diffasr_plugin.diffusion" not in rooms_used(file), file
    for file in files_under("diffasr_plugin/diffusion"):
        assert not rooms_used(file) & {"diffasr_plugin.models", "diffasr_plugin.backends"}, file


def test_only_one_file_touches_diffusion_gemma():
    users = {
        str(file.relative_to(ROOT))
        for file in files_under("diffasr_plugin", "subtitle_cli")
        if any("diffusion_gemma" in name and name.startswith("transformers") for name in imports_of(file))
        or any(name.startswith("transformers.DiffusionGemma") for name in imports_of(file))
    }
    assert users <= {"diffasr_plugin/models/gemma.py"}


def test_evaluation_knows_the_interface_and_scoring_only():
    for file in files_under("diffasr_plugin/evaluate"):
        allowed = {"diffasr_plugin.asr", "diffasr_plugin.scoring", "diffasr_plugin.evaluate"}
        assert rooms_used(file) <= allowed, file


@pytest.mark.parametrize(
    "file",
    [
        *files_under("subtitle_cli", "diffasr_plugin/assets"),
        *(ROOT / "diffasr_plugin" / name for name in ("compat.py", "scoring.py", "plugin.py")),
    ],
    ids=str,
)
def test_nothing_heavy_is_imported_before_it_is_needed(file):
    if file.is_relative_to(ROOT / "subtitle_cli" / "diarization") and file.name != "__init__.py":
        pytest.skip("the diarization room's inner modules are imported by its functions when they run")
    assert not {name.split(".")[0] for name in imports_of(file, at_import_time=True)} & HEAVY


@pytest.mark.parametrize(
    "words",
    [["--help"], ["plugins"], ["backends"], ["backends", "whisper"], ["models", "list"]],
    ids=" ".join,
)
def test_commands_that_only_tell_import_nothing_heavy(words):
    program = (
        "import sys; sys.argv = ['diffsub', *sys.argv[1:]]\n"
        "from subtitle_cli.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert end.code in (0, None), end.code\n"
        f"print('HEAVY', sorted(set(sys.modules) & {HEAVY!r}))"
    )
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_importing_the_package_imports_nothing():
    program = "import sys; before = set(sys.modules); import diffasr_plugin; print(set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "{'diffasr_plugin'}"


@pytest.mark.parametrize("module", ["diffasr_plugin.asr", "diffasr_plugin.assets", "diffasr_plugin.scoring"])
def test_what_is_public_is_said_and_is_there(module):
    program = (
        f"import {module} as m, types\n"
        "missing = [n for n in m.__all__ if not hasattr(m, n)]\n"
        "extra = [n for n, v in vars(m).items() if not n.startswith('_') and n not in m.__all__\n"
        "         and not isinstance(v, types.ModuleType) and n != 'annotations'\n"
        f"         and getattr(v, '__module__', '').startswith('{module}')]\n"
        "print(missing, extra)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[] []", done.stdout + done.stderr
