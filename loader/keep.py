"""Keep what is slow to work out and changes only with the files; views work out what is not kept."""

from .rows import Connection, transaction


def keep_estimates(connection: Connection) -> None:
    """Work out the areas under ROC curves of runs that are new or changed, and forget those of others."""
    with transaction(connection):
        connection.execute("insert into kept_auc_estimates from new_auc_estimates")
        connection.execute(
            """
            delete from kept_auc_estimates k
            where not exists (
                from scorers s
                where
                    s.run_id = k.run_id
                    and s.score_type = k.score_type
                    and s.fingerprint = k.fingerprint
            )
            """
        )
