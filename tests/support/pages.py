"""The project's own pages for tests: README.md and docs/, their code blocks, their headings, their links."""

import re
from collections import Counter
from pathlib import Path

__all__ = ["PAGES", "ROOT", "anchors", "block_with", "blocks", "links"]

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_BLOCK = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


def blocks(*languages):
    """The code blocks of all pages in these languages, in any if none is given."""
    found = [match for page in PAGES for match in _BLOCK.finditer(page.read_text(encoding="utf-8"))]
    return [match[3] for match in found if not languages or match[2] in languages]


def block_with(text):
    """The one block, on whatever page, that holds `text`."""
    (block,) = [block for block in blocks() if text in block]
    return block


def links(page):
    """Targets of the links and pictures in a page."""
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]+`", "", _prose(page)))


def anchors(page):
    """What `#…` may name in a page: its headings as GitHub spells them, `-1` behind the second of a name."""
    seen = Counter()
    names = set()
    for heading in re.findall(r"^#+ (.+)$", _prose(page), re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        names.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return names


def _prose(page):
    """A page without its blocks of code, in which `#` begins a comment."""
    return _BLOCK.sub("", page.read_text(encoding="utf-8"))
