"""What README.md and docs/ say is so: the tree, the example plugin, commands, options, links."""

import ast
import json
import re
import shlex
import tomllib
from importlib import import_module
from pathlib import Path

import click
import pytest

from diffasr_plugin.asr import build_registry
from diffasr_plugin.asr.testing import BackendContract
from diffasr_plugin.cli import cli as diffasr
from subtitle_cli.cli import caption
from subtitle_cli.cli import cli as diffsub
from subtitle_cli.config import long_options, read_config
from subtitle_cli.profiles import load_profile
from subtitle_cli.speaker_names import read_speaker_names
from tests.support.fake_models import make_point
from tests.support.pages import PAGES, ROOT, anchors, block_with, blocks, links


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
    modules = {file.relative_to(ROOT) for package in OURS for file in (ROOT / package).rglob("*.py")}
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
        exec(compile(source, "the example", "exec"), namespace)
        plugin = type("Plugin", (), {"register_asr_models": staticmethod(namespace["register_asr_models"])})
        return build_registry(points=[make_point("loudness", plugin)]).load("loudness")

    # The page's thirty lines leave out what only long work needs; tests/example_plugin has it.
    test_progress_reaches_the_end = None
    test_a_call_can_be_stopped = None


OURS = ("diffasr_plugin", "subtitle_cli")


def commands_typed():
    """Each call of our two programs in the pages' shell examples, as its words."""
    for line in "".join(blocks("bash")).splitlines():
        for call in re.split(r" && | \| ", line.partition(" #")[0].strip()):
            words = shlex.split(call)
            if words[0] in ("diffsub", "diffasr"):
                yield words


def command_of(words):
    """The click command that these words call; `diffsub FILM` is the one without a name."""
    command = {"diffsub": diffsub, "diffasr": diffasr}[words[0]]
    for word in words[1:]:
        if not isinstance(command, click.Group):
            break
        command = command.commands.get(word, caption)
    return command


def test_commands_and_options_in_the_examples_exist():
    unknown = []
    for words in commands_typed():
        options = {
            name for option in command_of(words).params for name in (*option.opts, *option.secondary_opts)
        }
        used = {word.partition("=")[0] for word in words[1:] if re.match(r"--?[a-z]", word)}
        unknown += [(*words[:2], option) for option in used - options]
        assert words[0] == "diffsub" or words[1] in diffasr.commands
    assert unknown == []


def test_the_examples_show_the_commands_that_matter():
    shown = {" ".join(words[:2]) for words in commands_typed()}
    assert {"diffsub demo", "diffsub status", "diffsub check", "diffsub retime", "diffasr train"} <= shown


def test_the_examples_in_python_import_what_there_is():
    for block in blocks("python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] in OURS:
                module = import_module(node.module)
                assert [each.name for each in node.names if not hasattr(module, each.name)] == []


@pytest.mark.parametrize(
    ("example", "read"),
    [
        ('lang = "de"', lambda file: read_config([file], long_options(caption))),
        ('SPEAKER_00 = "Anna"', read_speaker_names),
        ('extends = "netflix"', load_profile),
    ],
    ids=["diffsub.toml", "speakers", "profile"],
)
def test_the_examples_of_files_are_read_by_who_reads_them(example, read, tmp_path):
    file = tmp_path / "example.toml"
    file.write_text(block_with(example), encoding="utf-8")
    read(file)


def test_the_example_for_openvoiceos_names_a_recogniser_and_its_options():
    stt = json.loads(block_with("ovos-stt-plugin-diffasr"))["stt"]
    given = stt[stt["module"]]
    spec = build_registry().get(given["backend"])
    assert spec.check_options({"model": given["model"], **given["options"]}, "load")


def test_benchmarks_that_are_named_are_there():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = {name.replace(".", "/") for name in re.findall(r"python -m (benchmarks\.\w+)", text)}
    named |= {name.removesuffix(".py") for name in re.findall(r"python (benchmarks/\w+\.py)", text)}
    assert "benchmarks/captioning" in named
    assert [
        n for n in named if not (ROOT / f"{n}.py").exists() and not (ROOT / n / "__main__.py").exists()
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    dead = []
    for target in links(page):
        path, _, anchor = target.partition("#")
        if path.startswith("https:"):
            continue
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            dead.append(target)
    assert dead == []


def test_every_page_can_be_reached_from_the_readme():
    readme, *others = PAGES
    reached = {(readme.parent / target.partition("#")[0]).resolve() for target in links(readme)}
    assert [page.name for page in others if page not in reached] == []


def test_the_readme_s_figures_are_those_of_the_page_with_all_results():
    readme, *_ = PAGES
    table = readme.read_text(encoding="utf-8").partition("\n## Results\n")[2].partition("\n## ")[0]
    measured = [row.split(" | ")[1].rstrip(" |") for row in table.splitlines() if row.startswith("| ")][1:]
    all_results = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert len(measured) > 5
    assert [figure for figure in measured if f"| {figure} |" not in all_results] == []


def test_headings_become_anchors(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# Check, score: *both*\n```bash\n# no heading\n```\n## `ttml` & IMSC\n## Twice\n## Twice\n"
    )
    assert anchors(page) == {"check-score-both", "ttml--imsc", "twice", "twice-1"}


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
