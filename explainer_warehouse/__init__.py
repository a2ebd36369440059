"""Load, ask and report from Python: `explainer_warehouse.open("warehouse.duckdb")`.

Importing this is instant; what is slow is imported when it is used. Beside this, the package holds what the
loader and the reports share.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loader.load import Summary

    from .api.warehouse import Warehouse

__all__ = ["load", "open"]


def open(
    path: str | Path = "warehouse.duckdb",
    *,
    runs: str | Sequence[str] = (),
    models: str | Sequence[str] = (),
    hookpoints: str | Sequence[str] = (),
    score_types: str | Sequence[str] = (),
) -> "Warehouse":
    """Open a warehouse, a file or a lake, to read, limited to some of its runs, hookpoints or score types.

    While it is open, nothing else can write to a file: close it, or use it in a `with` block.

    runs, models: globs of run names (or labels, or directories) and display names
    hookpoints: globs; only latents that lie there, while costs stay those of whole runs
    score_types: names; every rank, tie and adjusted p-value follows what is selected
    Raises reports.warehouse.WarehouseError, which says what is wrong and what to do.
    """
    from .api.lakes import local_file
    from .api.warehouse import Warehouse

    return Warehouse(
        local_file(path),
        runs=_several(runs),
        models=_several(models),
        hookpoints=_several(hookpoints),
        score_types=_several(score_types),
    )


def load(*results: str | Path, into: str | Path = "warehouse.duckdb", follow: bool = False) -> "Summary":
    """Load the runs at and below directories into a warehouse, made if there is none.

    follow: also follow links and paths in configs that lead out of the directories
    What could not be loaded is counted, and stands in the view `load_problems`. Raises
    loader.errors.LoaderError.
    """
    from loader.address import read_address
    from loader.load import Settings, load

    return load(read_address(str(into)), [Path(root) for root in results], Settings(follow=follow))


def _several(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
