"""Make the demo's texts: each latent's examples, as delphi stores them, and explainers' words for it."""

import json
import re
from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

from .themes import NEUTRAL, Theme

CTX_LEN = 8
N_QUANTILES = 10
N_EACH = 50  # activating examples per latent, and as many that are not
N_WORDS = 5  # of its theme's, to which a latent responds

TOKEN = re.compile(r" ?[^\W\d_]+| ?\d+| ?[^\w\s]")


class Example(NamedTuple):
    """One example as every run sees it."""

    head: str
    """Its JSON, up to and with the label."""
    activating: bool
    pull: float
    """How readily a scorer says yes to it: about 0 to 1."""


def shuffled(items: Sequence[Any], rng: Random) -> list[Any]:
    """Return the items in another order; Python promises `random`, not `shuffle`, to stay the same."""
    return sorted(items, key=lambda _: rng.random())


def narrow(theme: Theme, rng: Random) -> Theme:
    """Return the theme with the words alone to which a latent responds, strongest first."""
    return theme._replace(words=tuple(shuffled(theme.words, rng)[:N_WORDS]))


def make_examples(theme: Theme, others: Sequence[Theme], rng: Random) -> list[Example]:
    """Return a latent's activating and other examples, in the mixed order in which prompts show them."""
    peak = 3 + 11 * rng.random()
    examples = []
    for quantile in range(N_QUANTILES):
        for _ in range(N_EACH // N_QUANTILES):
            # Weak activations are often on something else.
            stray = rng.random() < quantile / 30
            tokens, hit = _window(_pick(others, rng) if stray else theme, rng)
            top = peak * (1 - quantile / (N_QUANTILES + 1)) * (0.9 + 0.1 * rng.random())
            activations = [_bfloat16(top if i == hit else _faint(top, rng)) for i in range(CTX_LEN)]
            pull = 0.6 * (1 - quantile / N_QUANTILES) + 0.4 * rng.random() - 0.3 * stray
            examples.append(Example(_head(tokens, activations, quantile, True), True, pull))
    for _ in range(N_EACH):
        tokens, _ = _window(_pick(others, rng), rng)
        # delphi writes whole zeros and a distance of -1.0 for examples drawn at random.
        examples.append(Example(_head(tokens, [0] * CTX_LEN, -1.0, False), False, rng.random()))
    return shuffled(examples, rng)


def explain(theme: Theme, skill: int) -> str:
    """Return an explanation of a latent in the words of a model of `skill` 0 (vague) to 4 (exact)."""
    first, second, *_, last = (f'"{word}"' for word in theme.words)
    exact = theme.exact[0].upper() + theme.exact[1:]
    match skill:
        case 0:
            return f"Text about {theme.broad}."
        case 1:
            return f"Words related to {theme.broad}, for example {first}."
        case 2:
            return f"{exact}, mostly the tokens {first} and {second}."
        case 3:
            return f"{exact} such as {first}, {second} and {last}, {theme.where}."
        case _:
            return f"{exact}, typically {theme.where}. Strongest on {first} and {second}, weaker on {last}."


def _pick(items: Sequence[Any], rng: Random) -> Any:
    return items[int(rng.random() * len(items))]


def _window(theme: Theme, rng: Random) -> tuple[list[str], int]:
    """Return CTX_LEN tokens around one of the theme's words, and the place of the word among them."""
    word = _pick(theme.words, rng)
    head, tail = _pick(theme.sentences, rng).split("{}")
    lead = f"{_pick(NEUTRAL, rng)} {head}"
    text = f"{lead}{word}{tail} {_pick(NEUTRAL, rng)}"
    matches = list(TOKEN.finditer(text))
    at = next(i for i, match in enumerate(matches) if match.end() > len(lead))
    left = max(0, min(at - int(rng.random() * CTX_LEN), len(matches) - CTX_LEN))
    return [match.group() for match in matches[left : left + CTX_LEN]], at - left


def _faint(top: float, rng: Random) -> float:
    """Return the activation of a token beside the word: most often 0."""
    return top / 5 * rng.random() if rng.random() < 0.1 else 0.0


def _bfloat16(activation: float) -> float:
    """Round an activation below 16 down to one that bfloat16, in which models run, holds exactly."""
    step = 32 if activation < 8 else 16
    return int(activation * step) / step


def _head(tokens: Sequence[str], activations: Sequence[float], distance: float, activating: bool) -> str:
    values = {
        "str_tokens": tokens,
        "activations": activations,
        "distance": distance,
        "activating": activating,
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))[:-1]
