"""Names of runs that stand side by side: short, and each told from the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.distinct import distinct

COMPARED = [f"gemma_3_{size}b_it_quantized_w4a16_explanation_comparison" for size in (4, 12, 27)]


@pytest.mark.parametrize(
    ("names", "longest", "short"),
    [
        (["Gemma-3-12B-IT", "Gemma-3-27B-IT"], 28, ["Gemma-3-12B-IT", "Gemma-3-27B-IT"]),
        # What all end with goes first, then what stands furthest behind, until all fit.
        (COMPARED, 28, [f"gemma_3_{size}b_it_quantized" for size in (4, 12, 27)]),
        (COMPARED, 16, [f"gemma_3_{size}b_it" for size in (4, 12, 27)]),
        (COMPARED, 8, ["4b", "12b", "27b"]),
        (
            ["base-of-many-words-v1", "base-of-many-words-v2", "other"],
            16,
            ["base-of-many…v1", "base-of-many…v2", "other"],
        ),
        # What few share tells them from the rest, and something is left of each.
        (
            [f"{kind}_model_layer{layer}" for kind in ("finetuned", "base") for layer in (4, 22)]
            + ["n" * 20],
            18,
            ["finetuned…layer4", "finetuned…layer22", "base…layer4", "base…layer22", "nnnnnnnnn…nnnnnnnn"],
        ),
        # What is left out twice in one place is one gap.
        (
            ["Q (llama31_8b_top10_finance_features)", "Q (nemotron_finance_news_run)", "Q (clt_layer16)"],
            22,
            ["(llama31_8b…features)", "(nemotron…news_run)", "(clt_layer16)"],
        ),
        (["of_", "of_one", "of_three"], 5, ["of", "of…ne", "of…ee"]),
        # Two runs of one label have one name, two labels never.
        (["x" * 40] * 2, 9, ["xxxx…xxxx"] * 2),
        (["x" * 40 + "a" + "y" * 40, "x" * 40 + "b" + "y" * 40], 9, ["xxx…yyy 1", "xxx…yyy 2"]),
        ([], 9, []),
    ],
)
def test_names_lose_what_they_share_first(names: list[str], longest: int, short: list[str]) -> None:
    assert distinct(names, longest) == short


@given(st.lists(st.text(), max_size=6))
def test_no_name_is_longer_than_it_may_be(names: list[str]) -> None:
    short = distinct(names, 12)
    assert max(map(len, short), default=0) <= 12
    assert len(short) == len(names)
