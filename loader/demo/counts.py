"""Spread a run's confusion counts over latents, so that they sum to the totals exactly.

Everything here is whole numbers, square roots and correctly rounded sums: the same result on every machine.
"""

import math
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from .models import Counts

PROMPT_SIZE = 5


class Yes(NamedTuple):
    """To how many of a latent's examples the scorer says yes, by their label."""

    activating: int
    other: int


def bell(rng: Random) -> float:
    """Return a draw of mean 0 and variance 1, near to normal: twelve uniform draws, added."""
    return math.fsum(rng.random() for _ in range(12)) - 6


def fail_prompts(totals: Counts, prompts: Sequence[Sequence[int]], rng: Random) -> list[set[int]]:
    """Choose the prompts that fail, a set of prompt numbers for each latent.

    `prompts[latent][prompt]` is how many of the prompt's five examples are activating. The prompts chosen
    hold `failed` examples, of which `failed_activating` are activating. Some latents fail more than others.
    """
    brittle = [0.1 + rng.random() for _ in prompts]
    places = [(latent, prompt) for latent, row in enumerate(prompts) for prompt in range(len(row))]
    places.sort(key=lambda place: rng.random() * brittle[place[0]])
    n_failed = totals.failed // PROMPT_SIZE
    chosen, spare = places[:n_failed], places[n_failed:]

    def held(place: tuple[int, int]) -> int:
        return prompts[place[0]][place[1]]

    while missing := totals.failed_activating - sum(held(place) for place in chosen):
        step = 1 if missing > 0 else -1
        out, back = next((a, b) for a in chosen for b in spare if held(b) == held(a) + step)
        chosen.remove(out)
        spare.remove(back)
        # At the end, so that the next swap falls on another latent.
        chosen.append(back)
        spare.append(out)
    failed: list[set[int]] = [set() for _ in prompts]
    for latent, prompt in chosen:
        failed[latent].add(prompt)
    return failed


def spread(totals: Counts, ease: Sequence[float], valid: Sequence[tuple[int, int]], rng: Random) -> list[Yes]:
    """Share a run's answers out over its latents; the result sums to `tp` and `fp`.

    `ease` is how well the run explains a latent, beside its others (mean 0, variance 1); the better the run,
    the more it counts. `valid[latent]` is how many activating and other examples have a prediction.
    """
    n_valid = totals.tp + totals.fn + totals.fp + totals.tn
    skill = 0.15 + 1.2 * max(0.0, (totals.tp + totals.tn) / n_valid - 0.5)
    bias = [0.2 * bell(rng) for _ in ease]
    hit = [skill * e + b + 0.2 * bell(rng) for e, b in zip(ease, bias, strict=True)]
    false_alarm = [b - skill * e + 0.2 * bell(rng) for e, b in zip(ease, bias, strict=True)]
    tp = apportion(totals.tp, [activating for activating, _ in valid], hit)
    fp = apportion(totals.fp, [other for _, other in valid], false_alarm)
    return [Yes(*pair) for pair in zip(tp, fp, strict=True)]


def apportion(total: int, capacity: Sequence[int], lean: Sequence[float]) -> list[int]:
    """Split `total` into whole parts within `capacity`, larger where `lean` is, by largest remainder."""
    if not 0 <= total <= sum(capacity):
        raise ValueError(f"cannot place {total} into {len(capacity)} parts that hold {sum(capacity)}")

    def ideal(shift: float) -> list[float]:
        return [_share(size, x + shift) for size, x in zip(capacity, lean, strict=True)]

    low, high = -1000.0, 1000.0
    for _ in range(80):
        middle = (low + high) / 2
        if math.fsum(ideal(middle)) < total:
            low = middle
        else:
            high = middle
    shares = ideal(high)
    parts = [int(share) for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    open_parts = [i for i in by_remainder if parts[i] < capacity[i]]
    for i in open_parts[: total - sum(parts)]:
        parts[i] += 1
    return parts


def _share(size: int, x: float) -> float:
    """Return a part of `size` that grows with `x`, from none to all; half at 0."""
    return size * (1 + x / math.sqrt(1 + x * x)) / 2
