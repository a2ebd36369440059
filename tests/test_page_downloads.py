"""Tables and figures that the page hands out as files."""

import csv
import io
from pathlib import Path

import duckdb
import pytest
from opened_page import Opened, build_page, open_page
from playwright.sync_api import Browser
from run_files import examples, write_run

from loader.load import Settings, load

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def opened(browser: Browser, demo_page: Path) -> Opened:
    return open_page(browser, demo_page, fragment="#exhibit-accuracy_bar-2-fuzz")


def downloaded(opened: Opened, button: str) -> tuple[str, bytes]:
    with opened.page.expect_download() as waiting:
        opened.page.locator(button).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_a_table_comes_as_csv_with_its_numbers_in_full(opened: Opened, demo_warehouse: Path) -> None:
    name, data = downloaded(opened, '[data-csv="accuracy_bar_fuzz"]')
    assert name == "accuracy_bar_fuzz.csv"
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    with duckdb.connect(demo_warehouse, read_only=True) as connection:
        ranking = connection.execute(
            "select run_label, accuracy from model_ranking where score_type = 'fuzz' order by rank, run_name"
        ).fetchall()
    assert [(row["Run"], float(row["Accuracy"])) for row in rows] == ranking
    assert rows[0]["Accuracy, interval"] == "0.621\N{EN DASH}0.652"


def test_a_figure_comes_as_png(opened: Opened) -> None:
    name, data = downloaded(opened, '[data-png="accuracy_bar_fuzz"]')
    assert name == "accuracy_bar_fuzz.png"
    assert data.startswith(PNG)
    assert opened.complaints == []


def test_no_cell_of_a_csv_is_a_formula(browser: Browser, tmp_path: Path) -> None:
    write_run(tmp_path / "results" / '=1+2",x', {"fuzz": {"layers.1_latent1": examples(tp=3, tn=2, fn=1)}})
    load(tmp_path / "w.duckdb", [tmp_path / "results"], Settings())
    page = open_page(browser, build_page(tmp_path / "w.duckdb", tmp_path / "out"))
    _, data = downloaded(page, '[data-csv="coverage"]')
    (row,) = csv.DictReader(io.StringIO(data.decode()))
    assert row["Run"] == """'=1+2",x"""
