"""Keep estimates that are slow to work out and change only with a run's files, from load to load."""

from ..store.rows import Connection

# A view of the estimates that are not kept -> the table beside it, which then holds all of them.
TABLES = {"new_auc_estimates": "kept_auc_estimates", "new_pair_estimates": "kept_pair_estimates"}
# Planning what pairs need takes as long as ten other views, also where there is none.
_MAY_BE_NEW = {
    "new_auc_estimates": "select true",
    "new_pair_estimates": "select exists (from latent_identity where same_latents)",
}
_FORGET = {
    "kept_auc_estimates": """
        delete from kept_auc_estimates k
        where not exists (
            from scorers s
            where
                s.run_id = k.run_id
                and s.score_type = k.score_type
                and s.fingerprint = k.fingerprint
        )
    """,
    "kept_pair_estimates": """
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
}


def keep_estimates(connection: Connection, view: str, query: str) -> None:
    """Work out what a view of TABLES asks by `query`, add it to the table beside it; forget what files left.

    The caller holds the transaction.
    """
    if connection.execute(_MAY_BE_NEW[view]).fetchone()[0]:
        connection.execute(f"insert into {TABLES[view]}\n{query}")
    connection.execute(_FORGET[TABLES[view]])
