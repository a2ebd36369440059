"""Spreading the demo's counts: whole parts that fit and sum, whatever the numbers."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.demo.counts import apportion, fail_prompts, spread
from loader.demo.models import Counts


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(-5, 5)), min_size=1, max_size=30), st.floats(0, 1))
def test_parts_fit_and_sum(parts: list[tuple[int, float]], share: float) -> None:
    capacity, lean = [size for size, _ in parts], [x for _, x in parts]
    total = round(share * sum(capacity))
    whole = apportion(total, capacity, lean)
    assert sum(whole) == total
    assert all(0 <= part <= size for part, size in zip(whole, capacity, strict=True))


def test_larger_lean_gets_more() -> None:
    assert apportion(30, [20, 20, 20], [0.0, 0.0, 0.0]) == [10, 10, 10]
    few, some, many = apportion(30, [20, 20, 20], [-1.0, 0.0, 1.0])
    assert few < some < many


def test_more_than_fits_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot place 5 into 2 parts that hold 4"):
        apportion(5, [2, 2], [0.0, 0.0])


@pytest.mark.parametrize("n_activating", [1, 2, 3, 4, 5, 6, 7, 8, 9])
def test_failed_prompts_hold_the_examples_wanted(n_activating: int) -> None:
    prompts = [[3, 2], [1, 4], [5, 0]]
    totals = Counts(0, 0, 0, 0, failed=10, failed_activating=n_activating)
    failed = fail_prompts(totals, prompts, Random(1))
    held = [prompts[latent][prompt] for latent, numbers in enumerate(failed) for prompt in numbers]
    assert (len(held), sum(held)) == (2, n_activating)


def test_easy_latents_do_better() -> None:
    totals = Counts(tp=600, fn=400, fp=400, tn=600)
    ease = [-2.0] * 10 + [2.0] * 10
    yes = spread(totals, ease, [(50, 50)] * 20, Random(1))
    assert sum(each.activating for each in yes) == 600
    assert sum(each.other for each in yes) == 400
    hard, easy = yes[:10], yes[10:]
    assert sum(each.activating for each in easy) > sum(each.activating for each in hard)
    assert sum(each.other for each in easy) < sum(each.other for each in hard)
