"""Embedding scorers without explanations: whether texts are more like activating ones than like others."""

from .shapes import NUMBER, TEXT, Shape, shaped_family

_BATCH: dict[str, Shape] = {
    "negative_examples": [TEXT],
    "positive_examples": [TEXT],
    "positive_query": TEXT,
    "negative_query": TEXT,
    "quantile_positive_query": NUMBER,
    "distance_negative_query": NUMBER,
}

FAMILY = shaped_family(
    "example_embedding",
    shape={"batch": _BATCH, "delta_plus": NUMBER, "delta_minus": NUMBER},
    keys=[frozenset({"delta_plus", "delta_minus"})],
    table="example_embedding_facts",
    columns=[
        "e.batch.positive_query",
        "e.batch.negative_query",
        "e.batch.quantile_positive_query",
        "e.batch.distance_negative_query",
        "len(e.batch.positive_examples)",
        "len(e.batch.negative_examples)",
        "e.delta_plus",
        "e.delta_minus",
    ],
)
