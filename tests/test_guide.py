"""docs/sql.md: its queries give what it shows, its diagram is that of the database, its commands run."""

import re
from pathlib import Path

import duckdb
import pytest
from console import run_as_shown

from loader.guide.diagram import PARENTS, draw
from loader.guide.fill import fill
from loader.schema.headers import relations

GUIDE = Path(__file__).parent.parent / "docs" / "sql.md"


def test_what_queries_show_is_what_the_demo_gives(demo: duckdb.DuckDBPyConnection) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert fill(text, demo) == text, "run python -m loader.guide.fill demo/warehouse.duckdb"


def test_the_cookbook_has_25_queries_and_run_measures_comes_first() -> None:
    before, _, cookbook = GUIDE.read_text(encoding="utf-8").partition("## Cookbook\n")
    assert "from run_measures\n" in before.partition("```sql")[2].partition("```")[0]
    assert cookbook.count("```sql\n") >= 25
    # Every query gives rows.
    assert re.findall(r"```\n\n\|.*\n\|[-| :]+\n(?!\|)", cookbook) == []


def test_commands_print_what_is_shown(tmp_path: Path, demo_warehouse: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "warehouse.duckdb").symlink_to(demo_warehouse)
    assert run_as_shown(GUIDE, tmp_path) == 3


def test_every_view_is_listed(demo: duckdb.DuckDBPyConnection) -> None:
    listed = re.findall(r"^\| \[(\w+)\]", draw(demo), re.MULTILINE)
    assert listed == sorted(r.name for r in relations() if r.kind == "view" and not r.is_plumbing)


@pytest.mark.parametrize(("view", "key"), PARENTS.items(), ids=lambda value: str(value))
def test_keys_tell_rows_apart(demo: duckdb.DuckDBPyConnection, view: str, key: tuple[str, ...]) -> None:
    columns = ", ".join(key)
    assert demo.execute(f"select {columns} from {view} group by all having count(*) > 1").fetchall() == []


def test_a_link_that_the_rows_break_is_not_drawn(demo: duckdb.DuckDBPyConnection) -> None:
    # Firing counts are of latents that nobody explained, too.
    drawn = draw(demo)
    assert '    runs ||--o{ firing_counts : "run_id"\n' in drawn
    assert "explanations ||--o{ firing_counts" not in drawn
    assert '    run_metrics ||--o{ model_comparison : "run_id_b, score_type"\n' in drawn
    assert "| [score_type_agreement](relations.md#score_type_agreement) | `explanations` |" in drawn
