"""Find the SQL that makes a warehouse; opens no database."""

import hashlib
from functools import cache
from pathlib import Path


def sql_directory() -> Path:
    """Find sql/: inside the package when installed, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    installed = package / "sql"
    return installed if installed.is_dir() else package.parent / "sql"


def sql_files() -> list[Path]:
    """List the files of sql/ in the order in which they build, that of their folders and names."""
    return sorted(sql_directory().rglob("*.sql"))


def name_in_sql(path: Path) -> str:
    """Return the name of a file of sql/ with its folder, as in `50_runs/02_run_measures.sql`."""
    return path.relative_to(sql_directory()).as_posix()


@cache
def sql_hash() -> str:
    """Hash the names and contents of sql/, SHA-256 in hexadecimal.

    A warehouse holds that of the files that made its views: reports compares it with its own.
    """
    digest = hashlib.sha256()
    for path in sql_files():
        digest.update(name_in_sql(path).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
