"""Keep what is slow to work out and changes only with the files; views work out what is not kept."""

from .rows import Connection, transaction

STATEMENTS = (
    "insert into kept_auc_estimates from new_auc_estimates",
    """
    delete from kept_auc_estimates k
    where not exists (
        from scorers s
        where
            s.run_id = k.run_id
            and s.score_type = k.score_type
            and s.fingerprint = k.fingerprint
    )
    """,
    "insert into kept_pair_estimates from new_pair_estimates",
    """
    delete from kept_pair_estimates k
    where
        not exists (
            from scorers a
            where
                a.run_id = k.run_id_a
                and a.score_type = k.score_type
                and a.fingerprint = k.fingerprint_a
        )
        or not exists (
            from scorers b
            where
                b.run_id = k.run_id_b
                and b.score_type = k.score_type
                and b.fingerprint = k.fingerprint_b
        )
    """,
)


def keep_estimates(connection: Connection) -> None:
    """Work out areas under ROC curves and differences of runs that are new or changed; forget others'."""
    with transaction(connection):
        for statement in STATEMENTS:
            connection.execute(statement)
