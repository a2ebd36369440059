"""What the loader keeps equals what the views work out, and goes when the files change."""

from small_warehouse import SmallWarehouse
from test_auc import made

from loader.keep import keep_estimates


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
    keep_estimates(warehouse.connection)
    assert warehouse.rows("from new_auc_estimates") == []
    assert warehouse.rows("from auc_estimates order by all") == worked_out


def test_a_changed_file_counts_at_once_and_is_kept_next() -> None:
    warehouse = filled()
    keep_estimates(warehouse.connection)
    warehouse.examples("a", "fuzz", 3, [(True, True, 0.9), (False, False, 0.1)], content_hash="changed")
    assert warehouse.rows("select run_id from new_auc_estimates") == [("a",)]
    changed = warehouse.rows("from auc_estimates order by all")
    keep_estimates(warehouse.connection)
    assert warehouse.rows("from auc_estimates order by all") == changed
    assert warehouse.row("select count(*) from kept_auc_estimates") == (3,)
    warehouse.connection.execute("delete from kept_auc_estimates")
    assert warehouse.rows("from auc_estimates order by all") == changed


def test_what_is_gone_is_forgotten() -> None:
    warehouse = filled()
    keep_estimates(warehouse.connection)
    warehouse.connection.execute("delete from source_files where run_id = 'a'")
    assert [row[0] for row in warehouse.rows("from auc_estimates")] == ["b"]
    keep_estimates(warehouse.connection)
    assert warehouse.row("select count(*) from kept_auc_estimates") == (2,)


def test_the_same_files_moved_to_other_latents_are_not_the_same() -> None:
    warehouse = filled()
    before = warehouse.rows("select fingerprint from scorers order by run_id")
    warehouse.connection.execute("update source_files set latent_idx = latent_idx + 1 where run_id = 'a'")
    after = warehouse.rows("select fingerprint from scorers order by run_id")
    assert (before[0] != after[0], before[1:] == after[1:]) == (True, True)
