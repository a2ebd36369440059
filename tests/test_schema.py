"""The header comments of sql/ are read rightly, agree with the database and feed the docs."""

from pathlib import Path

import pytest
from small_warehouse import SmallWarehouse

from explainer_warehouse.sql_files import name_in_sql, sql_files, sql_hash
from loader.schema import docs
from loader.schema.headers import Column, Kept, SqlError, everywhere, read_relations, relations

ROOT = Path(__file__).resolve().parent.parent

GOOD = """-- speeds: How fast.
-- One row per bird.
-- Kept: yes
--   bird: its name
create view speeds as
select 1 as bird;
"""


KEPT = Kept("behind_the_views.kept_speeds", False, ())


def test_headers_describe_every_relation_and_column_in_order() -> None:
    warehouse = SmallWarehouse()
    found: dict[str, list[str]] = {}
    for name, column in warehouse.rows(
        "select if(schema_name = 'main', '', schema_name || '.') || table_name, column_name"
        " from duckdb_columns() where not internal order by 1, column_index"
    ):
        found.setdefault(name, []).append(column)
    described = {relation.name: [column.name for column in relation.columns] for relation in relations()}
    assert described == found


def test_kinds_agree_with_the_database() -> None:
    warehouse = SmallWarehouse()
    views = {
        name
        for (name,) in warehouse.rows(
            "select if(schema_name = 'main', '', schema_name || '.') || view_name"
            " from duckdb_views() where not internal"
        )
    }
    assert {relation.name for relation in relations() if relation.kind == "view"} == views


def test_docs_are_up_to_date() -> None:
    written = (ROOT / "docs" / "relations.md").read_text(encoding="utf-8")
    assert written == docs.render(relations()), "run `python -m loader.schema.docs`"


def test_docs_escape_what_markdown_would_eat() -> None:
    assert docs.cell("a | b <c>") == "a \\| b &lt;c>"


def test_reads_a_header() -> None:
    (relation,) = read_relations("x.sql", GOOD)
    assert relation == ("speeds", "view", "How fast.", "bird.", (Column("bird", "its name"),), KEPT)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("yes, unless prices", KEPT._replace(unless=("prices",))),
        ("all runs, unless same_latents, prices", Kept(KEPT.table, True, ("same_latents", "prices"))),
        ("no, since it is small", None),
    ],
)
def test_a_view_says_how_its_rows_are_kept(line: str, kept: Kept | None) -> None:
    (relation,) = read_relations("x.sql", GOOD.replace("Kept: yes", f"Kept: {line}"))
    assert relation.kept == kept
    table = GOOD.replace("-- Kept: yes\n", "").replace("create view", "create table")
    assert next(read_relations("x.sql", table)).kept is None


def test_a_word_in_braces_stands_for_several_columns() -> None:
    sql = GOOD.replace(
        "--   bird: its name",
        "-- {m}: wing, tail\n--   bird: its name\n--   {m}: beats of {m}\n--   {m}_low: least {m}\n"
        "--   n: birds",
    )
    (relation,) = read_relations("x.sql", sql)
    assert relation.columns == (
        ("bird", "its name"),
        ("wing", "beats of wing"),
        ("wing_low", "least wing"),
        ("tail", "beats of tail"),
        ("tail_low", "least tail"),
        ("n", "birds"),
    )


def test_words_together_stand_for_every_pair_the_first_word_outermost() -> None:
    sql = GOOD.replace(
        "--   bird: its name",
        "-- {how}: '', _strict\n-- {m}: wing, tail\n--   {m}{how}: {m}\n--   {m}{how}_low: least",
    )
    (relation,) = read_relations("x.sql", sql)
    assert [column.name for column in relation.columns] == [
        f"{m}{how}{low}" for how in ("", "_strict") for m in ("wing", "tail") for low in ("", "_low")
    ]
    assert relation.columns[4].description == "wing"


def test_what_columns_mean_everywhere_stands_in_one_place() -> None:
    sql = GOOD.replace("--   bird: its name", "-- As everywhere: run_id, model\n--   bird: its name")
    (relation,) = read_relations("x.sql", sql)
    assert relation.columns == (
        ("run_id", "the run"),
        ("model", "display name of the explainer model"),
        ("bird", "its name"),
    )
    described = {column for relation in relations() for column in relation.columns}
    lines = "".join(path.read_text(encoding="utf-8") for path in sql_files()).splitlines()
    for column in everywhere().items():
        assert column in described
        assert lines.count("--   {}: {}".format(*column)) == 1, column


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "-- speeds: How fast.\n",
            "",
            "x.sql:1: found `-- One row per bird.`; wanted `-- speeds: what it is`",
        ),
        ("-- speeds: How", "-- speed: How", "x.sql:1: found `-- speed: How fast.`; wanted `-- speeds:"),
        ("-- One row per bird.\n", "", "x.sql:2: found `-- Kept: yes`; wanted `-- One row per ...`"),
        ("Kept: yes", "Kept: yes, but", "x.sql:3: found `-- Kept: yes, but`; wanted `-- Kept: yes` or"),
        (
            "--   bird: its name",
            "-- bird: its name",
            "x.sql:4: found `-- bird: its name`; wanted `--   column",
        ),
        (
            "--   bird: its name\n",
            "",
            "x.sql:3: found `-- Kept: yes`; wanted `--   column: description`",
        ),
        (
            "--   bird: its name",
            "-- As everywhere: model, bird",
            "x.sql:4: found `-- As everywhere: model, bird`; wanted a description of bird, here or in",
        ),
        ("bird: its", "{m}_low: its", "wanted a line `-- {m}: value, value` before it"),
        (
            "-- speeds: How fast.\n-- One row per bird.\n-- Kept: yes\n--   bird: its name\n",
            "",
            "x.sql:1: found no comment",
        ),
    ],
)
def test_a_malformed_header_is_an_error_that_names_its_line(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(SqlError) as error:
        list(read_relations("x.sql", GOOD.replace(old, new)))
    assert message in str(error.value)


def test_files_are_sorted_and_hashed() -> None:
    names = [name_in_sql(path) for path in sql_files()]
    assert names == sorted(names)
    assert names[0] == "00_tables/00_columns.sql"
    assert len(sql_hash()) == 64
