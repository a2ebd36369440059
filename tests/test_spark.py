"""The views in Spark, over what `loader export --spark` writes: equal numbers, and which cannot."""

import math
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import odd_warehouse
import pytest
from commands import answer
from small_warehouse import SmallWarehouse
from sqlglot.errors import SqlglotError

from loader.schema.headers import relations
from loader.spark.rewrite import name_in_spark, rewrite
from loader.spark.unfold import parse
from loader.spark.views import CANNOT, spark_view, spark_views, view_queries
from loader.views.keep import keep_rows

pytestmark = pytest.mark.spark

# What intervals rest on may differ in the last bits: Spark and DuckDB round decimals of doubles differently.
CLOSE = 1e-12
# Where such differences go through a chain of views.
CLOSE_AFTER_ALL = 1e-11
MEASURES = (
    "accuracy", "precision", "recall", "specificity", "f1", "balanced_accuracy", "mcc", "accuracy_strict",
    "recall_strict", "f1_strict", "auc", "brier",
)  # fmt: skip
COUNTS = (
    "tp", "fp", "tn", "fn", "n_failed", "n_failed_activating", "n_examples", "n_valid", "n_activating",
    "n_latents",
    *(f"{measure}_n_latents" for measure in MEASURES),
)  # fmt: skip
BOUNDS = ("coverage", "accuracy_lowest", "accuracy_highest", "f1_lowest", "f1_highest")
EXACT = (*COUNTS, *MEASURES, *BOUNDS)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Start Spark on this machine alone, in a directory of its own."""
    sql = pytest.importorskip("pyspark.sql", reason="there is no Spark: make test-spark has one")
    if not shutil.which("java"):
        pytest.skip("there is no Java: ask for the package default-jre-headless")
    scratch = tmp_path_factory.mktemp("spark")
    # Else Spark looks this machine's name up.
    patch = pytest.MonkeyPatch()
    patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(scratch / "local"),
        "spark.log.level": "OFF",
        # Making plans and compiling them takes longer than these few rows.
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = sql.SparkSession.builder.master("local[2]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    yield session
    session.stop()
    patch.undo()


def plain(value: Any) -> Any:
    """Return a value as both engines give it."""
    if isinstance(value, dict):
        return tuple(map(plain, value.values()))
    return tuple(map(plain, value)) if isinstance(value, list | tuple) else value


def place(row: tuple[Any, ...]) -> list[tuple[bool, str]]:
    """Order rows alike although numbers differ in their last bits."""
    return [
        (value is None, f"{value:.9e}" if isinstance(value, float | Decimal) else str(value)) for value in row
    ]


def are_close(a: Any, b: Any, close: float) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(are_close(x, y, close) for x, y in zip(a, b, strict=True))
    if isinstance(a, float | Decimal) and isinstance(b, float | Decimal):
        return math.isclose(a, b, rel_tol=close, abs_tol=close)
    return type(a) is type(b) and a == b


def difference(
    columns: list[str],
    here: list[tuple[Any, ...]],
    there: list[tuple[Any, ...]],
    exact: Sequence[str],
    close: float = CLOSE,
) -> str | None:
    """Return the first value that differs, or None; of columns that are to be exact, in the last bit."""
    if len(here) != len(there):
        return f"{len(here)} rows, wanted {len(there)}"
    for row, wanted in zip(sorted(here, key=place), sorted(there, key=place), strict=True):
        for column, a, b in zip(columns, row, wanted, strict=True):
            if not (a == b if column in exact else are_close(a, b, close)):
                return f"{column}: {a!r}, wanted {b!r}"
    return None


def of_spark(spark: Any, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    frame = spark.sql(query)
    return frame.columns, [plain(tuple(row)) for row in frame.collect()]


def of_duckdb(warehouse: Path, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    with duckdb.connect(warehouse, read_only=True) as connection:
        done = connection.execute(query)
        return [column[0] for column in done.description], [plain(row) for row in done.fetchall()]


def export(warehouse: SmallWarehouse, into: Path) -> tuple[Path, Path]:
    """Export a warehouse for Spark, as loading leaves it; return the places of both."""
    keep_rows(warehouse.connection)
    warehouse.connection.close()
    answer("loader", "export", "out", "--spark", "-w", warehouse.path, cwd=into)
    return warehouse.path, into / "out"


def run(spark: Any, out: Path, only_for: str | None = None) -> None:
    """Run an export's spark.sql, or of it what one view needs, from another directory."""
    sql = re.sub(r"\b(path|directory) '", rf"\1 '{out}/", (out / "spark.sql").read_text(encoding="utf-8"))
    made = [statement for statement in sql.split(";\n") if statement.strip()]
    names = [re.findall(r"temporary view (\w+)|/(\w+)' using", statement)[0] for statement in made]
    needed = {only_for}
    for view in reversed(list(spark_views())):
        if name_in_spark(view.name) in needed:
            needed |= view.reads
    for (temporary, saved), statement in zip(names, made, strict=True):
        if only_for is None or (temporary or saved) in needed:
            spark.sql(statement)


@pytest.fixture(scope="module")
def small(new_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Export two runs of two score types with failures and firing counts, and one of one class."""
    warehouse = SmallWarehouse(new_warehouse)
    rng = Random(18)
    for name in ("one", "two"):
        warehouse.run(name, {**odd_warehouse.CONFIG, "explainer_model": f"org/{name}"})
        for latent in range(8):
            warehouse.examples(name, "fuzz", latent, odd_warehouse.rows(rng, 10))
            warehouse.examples(name, "detection", latent, odd_warehouse.rows(rng, 10, probability=False))
    warehouse.firing(["one", "two"], {("layers.1", latent): 10**latent for latent in range(8)})
    warehouse.run("bare")
    warehouse.examples("bare", "fuzz", 1, [(True, True, 0.5), (True, False, 0.5), (True, None, None)])
    return export(warehouse, tmp_path_factory.mktemp("small"))


def test_run_metrics_follows_from_the_tables(spark: Any, small: tuple[Path, Path]) -> None:
    """Run the chain of views that run_metrics ends, each over what Spark itself saved of those below."""
    warehouse, out = small
    run(spark, out, only_for="run_metrics")
    wanted_columns, wanted = of_duckdb(warehouse, "from run_metrics")
    columns, rows = of_spark(spark, "select * from run_metrics")
    assert columns == wanted_columns
    assert len(rows) == 5
    assert difference(columns, rows, wanted, EXACT) is None


def test_none_of_those_listed_can(spark: Any, small: tuple[Path, Path], tmp_path: Path) -> None:
    """Ask each listed view's SQL of the rows that DuckDB gives for what is below it."""
    from pyspark.errors import PySparkException

    warehouse, _ = small
    names = {name_in_spark(relation.name): relation.name for relation in relations()}
    queries = view_queries()
    can = []
    for view, reason in CANNOT.items():
        try:
            written = spark_view(view, queries[view])
            below = [names[name] for name in sorted(written.reads & names.keys())]
            if rests_on := re.fullmatch(r"rests on `(.+)`", reason):
                assert rests_on[1] in below
                assert rests_on[1] in CANNOT
                continue
            put_below(spark, warehouse, below, tmp_path)
            columns, rows = of_spark(spark, written.query)
        # A KeyError: of a function in the place of a table.
        except (SqlglotError, KeyError, PySparkException):
            continue
        if difference(columns, rows, of_duckdb(warehouse, f"from {view}")[1], ()) is None:
            can.append(view)
    assert can == []


def test_the_first_of_a_sorted_list_is_that_of_duckdb(spark: Any) -> None:
    query = """
        select g, (list(x order by k desc nulls last, x asc) filter (keep))[1] as first
        from (
            values (1, 'a', 1, true), (1, 'c', 2, true), (1, 'b', 2, true), (1, 'd', null, true),
                (1, 'e', 3, false), (2, 'f', 1, false), (3, 'h', null, true), (3, 'g', null, true)
        ) as t(g, x, k, keep)
        group by g
        order by g asc
    """
    assert of_spark(spark, rewrite(parse(query), {}).sql("spark"))[1] == [(1, "b"), (2, None), (3, "g")]
    assert duckdb.execute(query).fetchall() == [(1, "b"), (2, None), (3, "g")]


@pytest.fixture(scope="module")
def odd(new_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Export results with failures, nulls, single classes, copies and every family."""
    warehouse = SmallWarehouse(new_warehouse)
    odd_warehouse.fill_oddly(warehouse)
    return export(warehouse, tmp_path_factory.mktemp("odd"))


def put_below(spark: Any, warehouse: Path, relation_names: Iterable[str], directory: Path) -> None:
    """Let Spark read the rows that DuckDB gives for relations."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        for name in relation_names:
            file = directory / f"{name}.parquet"
            connection.execute(f"copy (from {name}) to '{file}' (format parquet)")
            spark.read.parquet(str(file)).createOrReplaceTempView(name_in_spark(name))


@pytest.mark.soak
def test_each_view_is_equal_over_those_below_it(spark: Any, odd: tuple[Path, Path], tmp_path: Path) -> None:
    """Ask each view's SQL of the rows that DuckDB gives for tables and other views."""
    warehouse, _ = odd
    put_below(spark, warehouse, (relation.name for relation in relations()), tmp_path)
    found = {}
    for view, query, _ in spark_views():
        wanted_columns, wanted = of_duckdb(warehouse, f"from {view}")
        columns, rows = of_spark(spark, query)
        assert columns == wanted_columns, view
        exact = EXACT if view == "run_metrics" else ()
        if differs := difference(columns, rows, wanted, exact):
            found[view] = differs
    assert found == {}


@pytest.mark.soak
def test_every_view_follows_from_the_tables(spark: Any, odd: tuple[Path, Path]) -> None:
    warehouse, out = odd
    run(spark, out)
    found = {}
    for view, _, _ in spark_views():
        wanted_columns, wanted = of_duckdb(warehouse, f"from {view}")
        columns, rows = of_spark(spark, f"select * from {name_in_spark(view)}")
        assert columns == wanted_columns, view
        exact = EXACT if view == "run_metrics" else ()
        if differs := difference(columns, rows, wanted, exact, CLOSE_AFTER_ALL):
            found[view] = differs
    assert found == {}


@pytest.mark.soak
def test_spark_reads_every_file_of_an_export(spark: Any, odd: tuple[Path, Path]) -> None:
    warehouse, out = odd
    files = sorted(out.glob("*.parquet"))
    assert len(files) > 40
    for file in files:
        frame = spark.read.parquet(str(file))
        [(n_rows,)] = of_duckdb(warehouse, f"select count(*) from {file.stem}")[1]
        assert frame.count() == n_rows, file.stem
