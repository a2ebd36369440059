"""The page that answers SQL: in a real browser, from a file, without a network, and as the warehouse does."""

import csv
import io
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from accessible import serious
from click.testing import CliRunner
from opened_page import Opened, build_page, open_page
from playwright.sync_api import Browser, Page, expect

from reports.answers.cookbook import cookbook
from reports.answers.copies import TABLES, VIEWS
from reports.cli import cli

GUIDE = Path(__file__).parent.parent / "docs" / "sql.md"
# More than anybody waits for.
ENDLESS = "select count(*) from range(1000000000) a, range(1000000000) b where a.range + b.range = 7"
# Each of 655,360 rows has its share in these sums.
ALL_FIRING_COUNTS = """
select
    columns(* exclude (latent_idx, firing_count)),
    count(*) as n,
    sum(latent_idx) as latents,
    sum(firing_count) as firings,
    sum(latent_idx * firing_count) as products
from firing_counts
group by all
"""
ASK = """async (sql) => {
  const { names, rows } = await database.ask(sql);
  return [names, ...rows];
}"""

Texts = list[list[str | None]]


@pytest.fixture(scope="module")
def asked(browser: Browser, demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    page = build_page(demo_warehouse, tmp_path_factory.mktemp("asked"), "--sql")
    return open_page(browser, page)


@pytest.fixture(scope="module")
def native(demo_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(demo_warehouse, read_only=True) as connection:
        yield connection


def as_texts(connection: duckdb.DuckDBPyConnection, sql: str) -> Texts:
    """Ask the warehouse itself; give names and rows as texts, as the page does."""
    found = connection.execute(f"select cast(columns(*) as varchar) from (\n{sql}\n)")
    names = [name for name, *_ in found.description or ()]
    return [names, *map(list, found.fetchall())]


def is_same(one: str | None, other: str | None) -> bool:
    """Compare values; sums of doubles may differ in their last digits between two versions of DuckDB."""
    if one == other:
        return True
    try:
        return math.isclose(float(one or ""), float(other or ""), rel_tol=1e-9)
    except ValueError:
        return False


def differences(page: Texts, native: Texts) -> list[Any]:
    """List where two answers differ, whatever the order of rows that their queries leave open."""
    if page[0] != native[0] or len(page) != len(native):
        return [(page[0], len(page)), (native[0], len(native))]
    key = lambda row: [value if value is not None else "\0" for value in row]  # noqa: E731
    pairs = zip(sorted(page[1:], key=key), sorted(native[1:], key=key), strict=True)
    return [(a, b) for a, b in pairs if not all(map(is_same, a, b))]


def show(page: Page, sql: str) -> str:
    """Type a query and run it; return what the page says of its answer."""
    page.locator("#ask-sql").fill(sql)
    page.locator("#ask-form [type=submit]").click()
    expect(page.locator("#ask-form [name=stop]")).to_be_disabled()
    return page.locator("#ask-said").inner_text()


def test_every_view_has_the_rows_of_the_warehouse(asked: Opened, native: duckdb.DuckDBPyConnection) -> None:
    views = [name for name, _ in native.execute(VIEWS).fetchall()]
    assert len(views) > 40
    shown = asked.page.evaluate(ASK, "select name from (show tables)")
    assert [name for (name,) in shown[1:]] == sorted({*views, *TABLES})
    for name in {*views, *TABLES} - {"examples"}:
        query = ALL_FIRING_COUNTS if name == "firing_counts" else f"from {name}"
        assert differences(asked.page.evaluate(ASK, query), as_texts(native, query)) == [], name


def test_the_examples_are_those_that_the_page_shows(asked: Opened, native: duckdb.DuckDBPyConnection) -> None:
    """Each of the warehouse's rows whose text the latent's view shows, and no other."""
    shown = asked.page.evaluate(
        """async () => {
          const data = await latentData.ready;
          const texts = [];
          for (let place = 0; place < data.n; place += 1) {
            const { examples } = await data.examples(place);
            texts.push(...examples.map(({ activating, text }) =>
              [data.hookpoint(place), String(data.latent(place)), String(activating), text]));
          }
          return texts;
        }"""
    )
    keys = set(map(tuple, shown))
    names, *rows = as_texts(native, "from examples")
    places = [names.index(name) for name in ("hookpoint", "latent_idx", "activating", "text")]
    expected = [row for row in rows if tuple(row[place] for place in places) in keys]
    assert len(shown) == 1560
    assert differences(asked.page.evaluate(ASK, "from examples"), [names, *expected]) == []


def test_edit_asks_the_query_of_each_exhibit(asked: Opened, native: duckdb.DuckDBPyConnection) -> None:
    page = asked.page
    queries = page.locator(".query code").all_text_contents()
    assert len(queries) > 30
    for text in queries:
        # They differ in the version of DuckDB, which one of them asks for.
        sql = text.replace("version()", "'this'")
        assert differences(page.evaluate(ASK, sql), as_texts(native, sql)) == [], sql
    article = page.locator("#exhibit-accuracy_bar-1-detection")
    article.locator("summary", has_text="SQL").click()
    article.get_by_role("button", name="Edit").click()
    expect(page.locator("#ask-said")).to_have_text("5 rows.")
    assert page.locator("#ask-sql").input_value() == article.locator("pre").inner_text().strip()
    expect(page.locator("#ask-answer tbody tr")).to_have_count(5)


def test_the_queries_that_are_ready_are_those_of_the_guide_and_answer_as_it_says(
    asked: Opened, native: duckdb.DuckDBPyConnection
) -> None:
    in_guide = re.findall(r"```sql\n([^`]*)```", GUIDE.read_text(encoding="utf-8"))
    assert [ready.sql for ready in cookbook()] == [sql.strip() for sql in in_guide]
    for title, sql in cookbook():
        page, here = asked.page.evaluate(ASK, sql), as_texts(native, sql)
        if "from examples" in sql:
            assert page[0] == here[0], title
        else:
            assert differences(page, here) == [], title


def test_a_ready_query_is_shown_as_a_table_and_comes_as_csv(
    asked: Opened, native: duckdb.DuckDBPyConnection
) -> None:
    page = asked.page
    (ranking,) = [ready for ready in cookbook() if ready.title.startswith("The ranking")]
    page.get_by_label("Ready queries").select_option(label=ranking.title)
    expect(page.locator("#ask-said")).to_have_text("5 rows.")
    names, *rows = as_texts(native, ranking.sql)
    assert page.locator("#ask-answer th").all_inner_texts() == names
    assert page.locator("#ask-answer tbody tr").first.locator("td").all_inner_texts() == rows[0]
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the answer as CSV").click()
    found = list(csv.reader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert found == [names, *rows]
    assert waiting.value.suggested_filename == "answer.csv"


def test_answers_are_texts_and_null_is_none(asked: Opened) -> None:
    attack = "<img src=x onerror='window.hacked = 1'>"
    sql = f"""
        set variable word = 'a;b'; -- not; cut; here
        select getvariable('word') as word, '' as empty, null as nothing, e'x\\ny, "z"' as lines,
            '{attack.replace("'", "''")}' as attack, [1, 2] as list;
    """
    assert show(asked.page, sql) == "1 row."
    cells = asked.page.locator("#ask-answer td").all_text_contents()
    assert cells == ["a;b", "", "null", 'x\ny, "z"', attack, "[1, 2]"]
    assert asked.page.evaluate("window.hacked") is None
    assert (
        show(asked.page, "create temp table mine as select 1 as one")
        == "Done: the last statement gives no rows."
    )
    assert asked.page.evaluate(ASK, "from mine") == [["one"], ["1"]]
    many = show(asked.page, "from range(1234)")
    assert many == "1,234 rows, of which the first 500 are shown; the CSV has all."


def test_what_cannot_be_answered_says_so_and_reaches_nothing(asked: Opened) -> None:
    page = asked.page
    assert show(page, "select one,\n  tow").startswith('Binder Error: Referenced column "one" was not')
    assert "LINE 1: select one" in page.locator("#ask-said").inner_text()
    assert page.locator("#ask-answer").is_hidden()
    for sql in (
        "from 'https://example.com/a.csv'",
        "from read_parquet('https://example.com/a.parquet')",
        "copy runs to 'other.csv'",
        "load json",
        "attach 'https://example.com/a.duckdb'",
        "set enable_external_access = true",
        "drop table runs",
    ):
        assert " Error: " in show(page, sql), sql
    requests = [url for url in asked.requests if not url.startswith("blob:null/")]
    assert [url[:5] for url in requests] == ["file:"]


def test_what_takes_long_can_be_stopped(asked: Opened) -> None:
    page = asked.page
    page.locator("#ask-sql").fill(ENDLESS)
    page.locator("#ask-sql").press("Control+Enter")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#ask-said")).to_have_text("Stopped.")
    assert show(page, "from range(3)") == "3 rows."


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(asked: Opened, theme: str) -> None:
    assert show(asked.page, "from model_ranking") == "10 rows."
    asked.page.evaluate("(name) => theme.show(name)", theme)
    assert serious(asked.page, "#ask") == []


def test_no_wider_than_a_phone(asked: Opened) -> None:
    asked.page.set_viewport_size({"width": 390, "height": 900})
    assert show(asked.page, "from run_metrics") == "10 rows."
    assert asked.page.evaluate("document.documentElement.scrollWidth") <= 390
    asked.page.set_viewport_size({"width": 1440, "height": 900})


def test_sql_is_about_the_page(demo_warehouse: Path, tmp_path: Path) -> None:
    arguments = ["build", "-w", str(demo_warehouse), "-o", str(tmp_path), "--format", "csv", "--sql"]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert "--sql is about the page: add html to --format" in result.output
