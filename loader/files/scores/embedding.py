"""Embedding scorers: how similar each text is to the explanation."""

from .shapes import NUMBER, TEXT, shaped_family

FAMILY = shaped_family(
    "embedding",
    shape={"text": TEXT, "distance": NUMBER, "similarity": NUMBER},
    table="embedding_facts",
    columns=["e.text", "e.distance", "e.similarity"],
)
