"""The page of a library: every film, failures by their causes, and no name that is more than a name."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from subtitle_cli.errors import OutputError
from subtitle_cli.library.journal import DONE, FAILED, SKIPPED, WAITING, Entry
from subtitle_cli.library.report import report_page, write_report
from tests.support.libraries import make_library

HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}\udce9\n.mkv"
ENTRIES = [
    Entry(Path("b.mkv"), DONE, language="de", cues=30, duration_s=7200.0, elapsed_s=100.0),
    Entry(Path("a.mkv"), DONE, language="en", cues=200, duration_s=60.0, elapsed_s=2.0),
    Entry(Path("empty.mkv"), FAILED, "MediaError", "'empty.mkv' is empty (0 bytes)"),
    Entry(Path(HOSTILE), FAILED, "MediaError", f"'{HOSTILE}' cannot be read"),
    Entry(Path("short.mkv"), SKIPPED, reason="it is 2 s long"),
    Entry(Path("later.mkv"), WAITING),
]


class Page(HTMLParser):
    """The texts of a page's cells, by row, and the names of all elements."""

    def __init__(self, page):
        super().__init__()
        self.rows, self.names, self._in_cell = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.names.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self.rows[-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag):
        self._in_cell = self._in_cell and tag != "td"

    def handle_data(self, data):
        if self._in_cell:
            self.rows[-1][-1] += data


def test_every_film_has_a_row():
    rows = Page(report_page("de,en, srt", ENTRIES)).rows[1:]
    assert rows[0] == ["b.mkv", "done", "de", "2 h 00 min", "30", "72.0", ""]
    assert rows[4] == ["short.mkv", "skipped", "", "", "", "", "it is 2 s long"]
    assert [row[0] for row in rows] == [
        *("b.mkv", "a.mkv", "empty.mkv"),
        HOSTILE.replace("\udce9", "\ufffd"),
        *("short.mkv", "later.mkv"),
    ]


def test_totals_and_causes_are_told():
    page = report_page("de,en, srt", ENTRIES)
    assert re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page)[:-1] == [
        ("asked for", "de,en, srt"),
        ("films", "6"),
        *(("waiting", "1"), ("done", "2"), ("skipped", "1"), ("failed", "2")),
        ("of film done", "2 h 01 min"),
    ]
    assert page.count("<details>") == 2


def test_a_hostile_name_is_text_and_nothing_is_fetched():
    page = report_page("srt", ENTRIES)
    assert Page(page).names.count("script") == 1
    assert "{{ 7*7 }}" in page
    assert not re.search(r"src=|href=|@import|url\(|https?:", page)


def test_a_page_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(OutputError, match="cannot write"):
        write_report(tmp_path / "gone" / "library.html", "srt", ENTRIES)


def test_a_run_writes_it_with_films_of_runs_before(caption, tmp_path):
    library = make_library(tmp_path / "library", 2)
    caption(library)
    (library / "bad.mp4").write_text("no film")
    report = tmp_path / "library.html"
    assert caption(library, "--report", report)[0] == 1
    rows = Page(report.read_text()).rows[1:]
    assert [row[:3] for row in rows] == [
        ["bad.mp4", "failed", ""],
        ["film001.wav", "done", "en"],
        ["series 0/film000.wav", "done", "en"],
    ]
    assert "it is no mp4" in rows[0][6]


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no chromium to click in")
def test_a_click_on_a_heading_sorts_by_it(tmp_path):
    browser = ["chromium", "--headless", "--no-sandbox", f"--user-data-dir={tmp_path / 'user'}", "--dump-dom"]

    def films_after(clicks):
        """Names of the films in their order, after clicks on headings of these numbers."""
        click = f'{clicks}.forEach(n => document.querySelectorAll("th button")[n].click())'
        path = tmp_path / "page.html"
        path.write_text(report_page("srt", ENTRIES).replace("</body>", f"<script>{click}</script></body>"))
        done = subprocess.run([*browser, path.as_uri()], capture_output=True, text=True, timeout=60)
        return [row[0] for row in Page(done.stdout).rows[1:]]

    assert films_after([3])[:3] == ["a.mkv", "b.mkv", "empty.mkv"]
    assert films_after([3, 3])[:3] == ["b.mkv", "a.mkv", "empty.mkv"]
    assert films_after([4])[:2] == ["b.mkv", "a.mkv"]
