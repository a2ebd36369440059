"""What the loader keeps equals what the views work out, and goes when the files change."""

from small_warehouse import SmallWarehouse
from test_auc import made
from test_uncertainty import made as counts

from loader.views.keep import TABLES, keep_estimates


def keep(warehouse: SmallWarehouse) -> None:
    """Keep what is new, as the end of a load does."""
    for view in TABLES:
        keep_estimates(warehouse.connection, view, f"from {view}")


def filled() -> SmallWarehouse:
    warehouse = SmallWarehouse()
    for seed, run in enumerate(("a", "b")):
        warehouse.run(run)
        for latent, rows in enumerate(made(seed, 12, 20)):
            warehouse.examples(run, "fuzz", latent, rows, content_hash=f"{run} {latent}")
    warehouse.run("silent")
    warehouse.examples("silent", "fuzz", 1, [(True, True, None), (False, False, None)])
    return warehouse


def test_kept_estimates_are_those_worked_out() -> None:
    warehouse = filled()
    worked_out = warehouse.rows("from auc_estimates order by all")
    assert len(worked_out) == 2
    assert len(warehouse.rows("from new_auc_estimates")) == 3
    keep(warehouse)
    assert warehouse.rows("from new_auc_estimates") == []
    assert warehouse.rows("from auc_estimates order by all") == worked_out


def test_a_changed_file_counts_at_once_and_is_kept_next() -> None:
    warehouse = filled()
    keep(warehouse)
    warehouse.examples("a", "fuzz", 3, [(True, True, 0.9), (False, False, 0.1)], content_hash="changed")
    assert warehouse.rows("select run_id from new_auc_estimates") == [("a",)]
    changed = warehouse.rows("from auc_estimates order by all")
    keep(warehouse)
    assert warehouse.rows("from auc_estimates order by all") == changed
    assert warehouse.row("select count(*) from kept_auc_estimates") == (3,)
    warehouse.connection.execute("delete from kept_auc_estimates")
    assert warehouse.rows("from auc_estimates order by all") == changed


def test_what_is_gone_is_forgotten() -> None:
    warehouse = filled()
    keep(warehouse)
    warehouse.connection.execute("delete from source_files where run_id = 'a'")
    assert [row[0] for row in warehouse.rows("from auc_estimates")] == ["b"]
    keep(warehouse)
    assert warehouse.row("select count(*) from kept_auc_estimates") == (2,)


def test_the_same_files_moved_to_other_latents_are_not_the_same() -> None:
    warehouse = filled()
    before = warehouse.rows("select fingerprint from scorers order by run_id")
    warehouse.connection.execute("update source_files set latent_idx = latent_idx + 1 where run_id = 'a'")
    after = warehouse.rows("select fingerprint from scorers order by run_id")
    assert (before[0] != after[0], before[1:] == after[1:]) == (True, True)


def paired() -> SmallWarehouse:
    warehouse = SmallWarehouse()
    for seed, run in enumerate(("a", "b", "c")):
        warehouse.run(run, {"model": "subject", "sparse_model": "sae"})
        warehouse.many_counts(run, "fuzz", counts(seed, 30).T.tolist())
    warehouse.run("elsewhere", {"model": "subject", "sparse_model": "sae"})
    warehouse.counts("elsewhere", "fuzz", 1, (1, 1, 1, 1), "layers.10")
    return warehouse


def test_kept_differences_are_those_worked_out() -> None:
    warehouse = paired()
    worked_out = warehouse.rows("from pair_estimates order by all")
    assert len(worked_out) == 3 * 9
    comparison = warehouse.rows("from model_comparison order by all")
    keep(warehouse)
    assert warehouse.rows("from new_pair_estimates") == []
    assert warehouse.rows("from pair_estimates order by all") == worked_out
    assert warehouse.rows("from model_comparison order by all") == comparison


def test_a_changed_run_changes_its_pairs_only() -> None:
    warehouse = paired()
    keep(warehouse)
    warehouse.counts("c", "fuzz", 3, (9, 9, 9, 9))
    due = warehouse.rows("select distinct run_id_a, run_id_b from new_pair_estimates order by all")
    assert due == [("a", "c"), ("b", "c"), ("c", "elsewhere")]
    changed = warehouse.rows("from pair_estimates order by all")
    keep(warehouse)
    assert warehouse.rows("from pair_estimates order by all") == changed
    warehouse.connection.execute("delete from kept_pair_estimates")
    assert warehouse.rows("from pair_estimates order by all") == changed


def test_a_kept_pair_is_not_compared_once_the_configs_differ() -> None:
    warehouse = paired()
    keep(warehouse)
    file_id = warehouse.file("b", "/r/b/run_config.json", "config")
    warehouse.insert("config_facts", [[file_id, '{"model": "subject", "sparse_model": "another"}']])
    query = "select distinct reason, value_a from model_comparison where run_id_a = 'a' and run_id_b = 'b'"
    assert warehouse.rows(query) == [("different or unknown latents", None)]
