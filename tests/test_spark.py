"""The views in Spark, over what `loader export --spark` writes: equal numbers, and which cannot."""

import math
import shutil
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from commands import answer
from odd_warehouse import fill_oddly
from small_warehouse import SmallWarehouse

from loader.schema.headers import relations
from loader.spark.rewrite import name_in_spark
from loader.spark.views import spark_views

pytestmark = pytest.mark.spark

# What intervals rest on may differ in the last bits: Spark and DuckDB round decimals of doubles differently.
CLOSE = 1e-12
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
    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(scratch / "local"),
        "spark.log.level": "OFF",
        # Plans take longer than these few rows.
        "spark.sql.adaptive.enabled": "false",
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


def are_close(a: Any, b: Any) -> bool:
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(are_close, a, b))
    if isinstance(a, float | Decimal) and isinstance(b, float | Decimal):
        return math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE)
    return type(a) is type(b) and a == b


def difference(
    columns: list[str], here: list[tuple[Any, ...]], there: list[tuple[Any, ...]], exact: Sequence[str]
) -> str | None:
    """Return the first value that differs, or None; of columns that are to be exact, in the last bit."""
    if len(here) != len(there):
        return f"{len(here)} rows, wanted {len(there)}"
    for row, wanted in zip(sorted(here, key=place), sorted(there, key=place), strict=True):
        for column, a, b in zip(columns, row, wanted, strict=True):
            if not (a == b if column in exact else are_close(a, b)):
                return f"{column}: {a!r}, wanted {b!r}"
    return None


def of_spark(spark: Any, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    frame = spark.sql(query)
    return frame.columns, [plain(tuple(row)) for row in frame.collect()]


def of_duckdb(warehouse: Path, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    with duckdb.connect(warehouse, read_only=True) as connection:
        done = connection.execute(query)
        return [column[0] for column in done.description], [plain(row) for row in done.fetchall()]


@pytest.fixture(scope="module")
def odd(new_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Export results with failures, nulls, single classes, copies and every family; return both places."""
    warehouse = SmallWarehouse(new_warehouse)
    fill_oddly(warehouse)
    warehouse.connection.close()
    directory = tmp_path_factory.mktemp("odd")
    answer("loader", "export", "out", "--spark", "-w", warehouse.path, cwd=directory)
    return warehouse.path, directory / "out"


def test_each_view_is_equal_over_those_below_it(spark: Any, odd: tuple[Path, Path], tmp_path: Path) -> None:
    """Ask each view's SQL of the tables and the rows of other views: whole chains would plan for minutes."""
    warehouse, out = odd
    for relation in relations():
        file = out / "tables" / f"{relation.name}.parquet"
        if relation.kind == "view":
            file = tmp_path / file.name
            with duckdb.connect(warehouse, read_only=True) as connection:
                connection.execute(f"copy (select * from {relation.name}) to '{file}' (format parquet)")
        spark.read.parquet(str(file)).createOrReplaceTempView(name_in_spark(relation.name))
    found = {}
    for view, query in spark_views():
        wanted_columns, wanted = of_duckdb(warehouse, f"from {view}")
        columns, rows = of_spark(spark, query)
        assert columns == wanted_columns, view
        exact = EXACT if view == "run_metrics" else ()
        if differs := difference(columns, rows, wanted, exact):
            found[view] = differs
    assert found == {}


def test_spark_reads_every_file_of_an_export(spark: Any, odd: tuple[Path, Path]) -> None:
    warehouse, out = odd
    files = sorted(out.glob("*.parquet"))
    assert len(files) > 40
    for file in files:
        frame = spark.read.parquet(str(file))
        [(n_rows,)] = of_duckdb(warehouse, f"select count(*) from {file.stem}")[1]
        assert frame.count() == n_rows, file.stem
