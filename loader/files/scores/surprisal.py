"""Surprisal scorers: how much less a text surprises a model that was told the explanation."""

from .shapes import NUMBER, TEXT, shaped_family

FAMILY = shaped_family(
    "surprisal",
    shape={
        "text": TEXT,
        "distance": NUMBER,
        "no_explanation": [NUMBER],
        "explanation": [NUMBER],
        "activations": [NUMBER],
    },
    keys=[frozenset({"no_explanation", "explanation"})],
    table="surprisal_facts",
    columns=[
        "e.text",
        "e.distance",
        "list_avg(e.no_explanation)",
        "list_avg(e.explanation)",
        "len(e.explanation)",
    ],
)
