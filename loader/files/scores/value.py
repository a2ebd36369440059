"""Scores of which only the values are known: what other programs and people say of a latent's explanation."""

from .shapes import NUMBER, shaped_family

FAMILY = shaped_family(
    "value",
    shape={"value": NUMBER},
    table="value_facts",
    columns=["e.value"],
)
