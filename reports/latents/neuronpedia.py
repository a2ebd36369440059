"""Where Neuronpedia shows a latent, for sparse models that are called as they are there.

A source there is `<layer>-<set>` of a model, as in gemma-2-2b and 12-gemmascope-res-16k; its latents have the
addresses https://www.neuronpedia.org/<model>/<source>/<index>. Its exports name both, and so does SAE Lens,
whose `neuronpedia_id` is `<model>/<source>`. Other names are not guessed at: one release has several sources.
"""

import re

SITE = "https://www.neuronpedia.org"
# What stands for a hookpoint and an index.
HOOKPOINT, LATENT = "{hookpoint}", "{latent}"
_MODEL = re.compile(r"[\w.-]+", re.ASCII)
_SOURCE = re.compile(r"\d+-[\w.-]+", re.ASCII)


def address(subject_model: str | None, sparse_model: str | None) -> str | None:
    """Return the address of a run's latents, with HOOKPOINT and LATENT in it; None if it is not known.

    A run of several sources, as in an export, has them for hookpoints.
    """
    model, slash, source = (sparse_model or "").rpartition("/")
    if not _SOURCE.fullmatch(source):
        return None
    if slash:
        return f"{SITE}/{model}/{source}/{LATENT}" if _MODEL.fullmatch(model) else None
    is_model = subject_model is not None and _MODEL.fullmatch(subject_model)
    return f"{SITE}/{subject_model}/{HOOKPOINT}/{LATENT}" if is_model else None
