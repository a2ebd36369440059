"""Say in SQL what a user groups runs by: a column of `runs_enriched`, or a setting of their configs."""

from collections.abc import Sequence

from explainer_warehouse.nearest import did_you_mean

# The temporary view of what each run's group is called.
GROUPS = "run_groups"


class GroupingError(ValueError):
    """Say that nothing, or more than one thing, is called so, and what there is."""


def grouping_sql(name: str, columns: Sequence[str], settings: Sequence[str]) -> str:
    """Return the statement that makes the view GROUPS: run_id, group_name.

    name: a column or setting, or the end of one: `gpu_hours` for `experiments_gpu_hours`, `n_quantiles` for
        `sampler_cfg.n_quantiles`
    columns: of runs_enriched; settings: of run_settings
    Raises GroupingError.
    """
    found = [name] if name in columns else [column for column in columns if column.endswith(f"_{name}")]
    if len(found) == 1:
        quoted = found[0].replace('"', '""')
        query = f'select\n    run_id,\n    cast("{quoted}" as varchar) as group_name\nfrom runs_enriched'
        return f"create or replace temporary view {GROUPS} as\n{query};\n"
    among = [name] if name in settings else [each for each in settings if each.endswith(f".{name}")]
    if not found and len(among) == 1:
        literal = among[0].replace("'", "''")
        query = (
            "select\n    r.run_id,\n    s.value as group_name\nfrom runs r\n"
            f"left join run_settings s on s.run_id = r.run_id and s.setting = '{literal}'"
        )
        return f"create or replace temporary view {GROUPS} as\n{query};\n"
    if found or among:
        raise GroupingError(f"{name!r} is any of {', '.join([*found, *among])}; say which")
    known = [*columns, *settings]
    ends = [column.partition("_")[2] for column in columns] + [each.rpartition(".")[2] for each in settings]
    hint = did_you_mean(name, [*known, *ends]) or f"; there are {', '.join(known)}"
    raise GroupingError(f"no column of runs_enriched and no setting is called {name!r}{hint}")
