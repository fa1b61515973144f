"""What the README says is so: its tree, its example plugin, its options, its test command."""

import re
import tomllib
from pathlib import Path

import pytest

from diffasr_plugin.asr import build_registry
from diffasr_plugin.asr.testing import BackendContract
from subtitle_cli.cli import caption, cli
from tests.support.fake_models import make_point

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", README, re.DOTALL)


def block_with(text):
    (block,) = [block for _, block in BLOCKS if text in block]
    return block


def tree_paths():
    """Paths out of the annotated tree: a folder ends in a slash, and its indent holds what is in it."""
    folders = []
    for line in block_with("pyproject.toml  ").splitlines():
        entry = re.match(r"( *)(\S+)", line)
        if entry is None:
            continue
        depth = len(entry[1]) // 2
        del folders[depth:]
        yield Path(*folders, entry[2])
        if entry[2].endswith("/"):
            folders.append(entry[2])


def test_the_tree_names_what_is_there():
    missing = [str(path) for path in tree_paths() if not (ROOT / path).exists()]
    assert missing == []


def test_every_module_has_its_line_in_the_tree():
    named = set(tree_paths())
    modules = {
        file.relative_to(ROOT)
        for package in ("diffasr_plugin", "subtitle_cli")
        for file in (ROOT / package).rglob("*.py")
    }
    # A folder whose files have no lines of their own stands for all of them.
    opened = {path.parent for path in named}
    lacking = {
        str(module)
        for module in modules
        if module not in named
        and not (module.name.startswith("__") and module.parent in named)
        and not any(folder in named and folder not in opened for folder in module.parents)
    }
    assert lacking == set()


class TestTheExamplePlugin(BackendContract):
    @pytest.fixture(scope="class")
    @classmethod
    def model(cls):
        source = block_with("class LoudnessModel(AsrModel)")
        assert len(source.splitlines()) <= 35
        namespace = {}
        exec(compile(source, "README.md", "exec"), namespace)
        plugin = type("Plugin", (), {"register_asr_models": staticmethod(namespace["register_asr_models"])})
        return build_registry(points=[make_point("loudness", plugin)]).load("loudness")

    # The README's thirty lines leave out what only long work needs; tests/example_plugin has it.
    test_progress_reaches_the_end = None
    test_a_call_can_be_stopped = None


def test_options_in_the_examples_exist():
    options = {name for option in caption.params for name in (*option.opts, *option.secondary_opts)}
    used = {
        word.partition("=")[0]
        for language, block in BLOCKS
        if language == "bash"
        for line in block.splitlines()
        if line.startswith("diffsub ") and line.split()[1] not in cli.commands
        for word in line.partition(" #")[0].split()
        if re.match(r"--?[a-z]", word)
    }
    assert used
    assert used <= options


def test_ci_runs_the_commands_of_the_readme():
    _, test_command = block_with('".[test]" && pytest').strip().splitlines()
    install, run = test_command.split(" && ")
    script = (ROOT / ".ci" / "run").read_text()
    assert install.removeprefix("pip install ") in script
    assert run in script.splitlines()


def test_constraints_pin_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.match(r"[\w.-]+", requirement)[0] for requirement in wanted}
    pinned = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}

    def same(name):
        return re.sub(r"[-_.]+", "-", name).lower()

    assert {same(name) for name in names} <= {same(name) for name in pinned}
