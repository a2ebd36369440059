"""`report.pdf`: the page on paper, printed by a real browser: its text, links, outline, numbers and dates."""

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pypdf
import pytest
from chromium import chromium
from conftest import Load
from opened_page import open_page
from playwright.sync_api import Browser

from reports.assemble.filled import Report, Shown
from reports.assemble.report import assemble, silent
from reports.exhibit import Column, Exhibit
from reports.render.chrome import BrowserError, Order, Printing, draw
from reports.render.files import PRINTED, write_images
from reports.render.in_chrome import PART
from reports.render.page import write_page
from reports.sections.contents import SECTIONS
from reports.warehouse import open_warehouse

# What Chrome prints of a page does not know which DuckDB filled it.
pytestmark = pytest.mark.once

TITLE = "Scored <b>& sorted"


@pytest.fixture
def report(tiny_run: Path, load_into: Load, warehouse: Path) -> Report:
    """Assemble a report of a run of two latents."""
    load_into(tiny_run)
    with open_warehouse(warehouse) as opened:
        return assemble(opened, TITLE)


def bookmarks(outline: list[Any]) -> list[str]:
    """Give the titles of an outline, in order, whatever their depth."""
    return [
        title
        for item in outline
        for title in (bookmarks(item) if isinstance(item, list) else [str(item.title).strip()])
    ]


def test_the_page_is_printed_with_contents_bookmarks_and_numbered_pages(
    report: Report, tmp_path: Path
) -> None:
    chromium()
    out = tmp_path / "out"
    written = write_images(report, out, ("pdf",))
    assert written[-1] == out / PRINTED
    assert sorted(out.iterdir()) == sorted(written)
    reader = pypdf.PdfReader(written[-1])
    pages = [page.extract_text() for page in reader.pages]
    assert len(pages) > 3
    for number, text in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in " ".join(text.split())
        assert TITLE in text
    text = " ".join(" ".join(pages).split())

    # A section of which nothing is shown is left out: controls where none is named, who judged whom where one
    # scorer judged all, scorers that are no classifiers.
    titles = [filled.section.title for filled in report.sections if filled.shown]
    assert len(titles) >= len(SECTIONS) - 3
    marked = bookmarks(reader.outline)
    assert [title for title in marked if title in titles] == titles
    assert "Accuracy under fuzz" in marked
    links = [
        annotation.get_object()["/Dest"]
        for annotation in reader.pages[0].annotations or ()
        if "/Dest" in annotation.get_object()
    ]
    to_words = [link for link in links if link.startswith("/word-")]
    assert to_words
    assert [link for link in links if link not in to_words] == [
        f"/{name}"
        for name in (
            "headline",
            *(filled.section.name for filled in report.sections if filled.shown),
            "words",
        )
    ]
    assert {link.removeprefix("/") for link in links} <= {n.lstrip("/") for n in reader.named_destinations}

    assert "share without an answer" in text  # an axis: figures are drawn, those far down too
    assert "The latents with their examples" in text
    for only_on_screen in ("Dark", "Copy", "set variable", "every latent with what was said of it"):
        assert only_on_screen not in text
    said = dict(reader.metadata or {})
    dates = [str(said[name])[:16] for name in ("/CreationDate", "/ModDate")]
    assert dates == ["D:19700101000000"] * 2


def test_an_error_of_the_page_is_one_of_the_browser(tmp_path: Path) -> None:
    chromium()
    page = tmp_path / "page.html"
    page.write_text("<p>paper")
    with pytest.raises(BrowserError, match="not there"):
        draw([Printing(page, tmp_path / "x.pdf", "throw new Error('not there')", "")], silent)
    with pytest.raises(BrowserError, match="not kept"):
        draw([Printing(page, tmp_path / "x.pdf", "Promise.reject(new Error('not kept'))", "")], silent)
    assert list(tmp_path.iterdir()) == [page]


def test_the_page_that_is_printed_carries_no_latent(report: Report, tmp_path: Path) -> None:
    """Paper shows none, and reading ten thousand takes seconds."""
    pages = []

    def take(orders: Sequence[Order], progress: Callable[[int, int], None]) -> None:
        for order in orders:
            if isinstance(order, Printing):
                pages.append(order.page.read_text(encoding="utf-8"))
            order.path.touch()

    write_images(report, tmp_path / "out", ("pdf",), draw=take)
    assert report.latents.overview["latents"]["index"] != []
    [packed] = re.findall(r'id="latent-index">([^<]*)<', pages[0])
    carried = json.loads(gzip.decompress(b64decode(packed)))
    assert carried["latents"] == {"group": [], "hookpoint": [], "index": []}
    assert (carried["runs"], carried["slots"]) == ([], [])
    assert carried.keys() == report.latents.overview.keys()


def test_tables_of_many_columns_or_long_values_are_no_wider_than_the_paper(
    browser: Browser, report: Report, tmp_path: Path
) -> None:
    """Chrome would print every page smaller, and cut off what even so does not fit."""
    first, *others = report.sections
    columns = tuple(Column(f"constructor_cfg.setting_{n}", f"constructor_cfg.setting_{n}") for n in range(18))
    path = "/results/" + 40 * "directory_"
    wide = Exhibit("wide", "Wide", "runs", "", lambda frame: "", "", columns=columns)
    long = Exhibit("long", "Long", "runs", "", lambda frame: "", "", columns=columns[:2])
    frame = pd.DataFrame([{column.name: path[:60] for column in columns}])
    shown = [
        Shown(wide, None, "wide", "exhibit-wide", "Wide", "", frame, None, ""),
        Shown(
            long, None, "long", "exhibit-long", "Long", "", frame.assign(**{columns[1].name: path}), None, ""
        ),
    ]
    page = tmp_path / "report.html"
    page.write_text(write_page(report._replace(sections=[first._replace(shown=shown), *others])))
    # A4 less its margins
    opened = open_page(browser, page, width=673).page
    opened.emulate_media(media="print")
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert opened.locator("#exhibit-wide th").count() == 18
    assert opened.evaluate("document.documentElement.scrollWidth") <= 673
    widths = opened.locator("table").evaluate_all("all => all.map((table) => table.offsetWidth)")
    assert max(widths) <= 673


def test_a_long_print_is_read_whole(tmp_path: Path) -> None:
    """It comes in parts: here noise, which no PDF makes shorter, of several."""
    chromium()
    page = tmp_path / "page.html"
    page.write_text("<canvas width=700 height=700></canvas>")
    noise = """
        const draw = document.querySelector("canvas").getContext("2d");
        const pixels = draw.createImageData(700, 700);
        let seed = 1;
        for (let at = 0; at < pixels.data.length; at++) {
            seed = (seed * 48271) % 2147483647;
            pixels.data[at] = at % 4 === 3 ? 255 : seed & 255;
        }
        draw.putImageData(pixels, 0, 0);
    """
    draw([Printing(page, tmp_path / "x.pdf", noise, "")], silent)
    written = (tmp_path / "x.pdf").read_bytes()
    assert len(written) > 3 * PART
    assert written.rstrip().endswith(b"%%EOF")
    assert len(pypdf.PdfReader(tmp_path / "x.pdf").pages) == 1
