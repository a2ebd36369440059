"""Untrusted text stays text: in figures, in spreadsheets, in scripts, in SQL and in a terminal."""

import html
import json
import unicodedata
from collections.abc import Iterator

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.labels import (
    LONGEST_LABEL,
    axis_label,
    in_figure,
    in_id,
    in_terminal,
    is_missing,
    one_decimal,
    percent,
    ratio,
    whole,
    words,
)
from reports.render.page import json_in_script
from reports.warehouse import literal


@given(st.text())
def test_a_figure_gets_no_markup_and_loses_no_letter(text: str) -> None:
    shown = in_figure(text)
    assert not {"<", ">"} & set(shown)
    # plotly reads entities back, as html.unescape does
    assert [a for a, b in zip(html.unescape(shown), text, strict=True) if a != b and a != " "] == []


@given(st.text())
def test_an_axis_label_is_short(text: str) -> None:
    assert len(html.unescape(axis_label(text))) <= LONGEST_LABEL


def test_a_long_label_keeps_both_ends() -> None:
    label = axis_label("gemma_3_12b_it_quantized_w4a16_explanation_comparison")
    assert label.startswith("gemma_3")
    assert label.endswith("comparison")
    assert "…" in label


@given(st.text())
def test_a_terminal_gets_no_control_character(text: str) -> None:
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in in_terminal(text))


@given(st.recursive(st.text() | st.floats(allow_nan=False, allow_infinity=False) | st.none(), st.lists))
def test_json_in_a_script_cannot_end_it(value: object) -> None:
    text = json_in_script({"names": value, "payload": "</script><!--<script>&"})
    assert not {"<", ">", "&"} & set(text)
    assert json.loads(text) == {"names": value, "payload": "</script><!--<script>&"}


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@given(texts=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))))
def test_a_literal_is_read_back_as_it_was(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    assert connection.execute(f"select {literal(texts)}::varchar[]").fetchone() == (texts,)


@given(st.text())
def test_an_id_is_plain(text: str) -> None:
    assert set(in_id(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert in_id(text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.00001, "< 0.1 %"), (0.99999, "> 99.9 %"), (0.374, "37.4 %")],
)
def test_a_share_reads_as_all_or_nothing_only_if_it_is(value: float, shown: str) -> None:
    assert percent(value) == shown


@pytest.mark.parametrize("show", [ratio, whole, one_decimal, percent])
def test_what_is_undefined_is_a_dash(show: type[str]) -> None:
    assert show(None) == show(float("nan")) == "\N{EN DASH}"


def test_numbers_have_their_printed_precision() -> None:
    assert (ratio(0.6365384), whole(1234567.0), one_decimal(1234.56)) == ("0.637", "1,234,567", "1,234.6")


def test_zero_is_not_missing() -> None:
    assert [is_missing(value) for value in (0, 0.0, "", None, float("nan"))] == [False] * 3 + [True] * 2


def test_a_text_that_reads_like_a_null_is_not_missing() -> None:
    nulls = pd.Series([1, None], dtype="Int64")[1], pd.to_datetime(pd.Series([None]))[0]
    assert [str(value) for value in nulls] == ["<NA>", "NaT"]
    assert all(is_missing(value) for value in nulls)
    assert [words(text) for text in ("<NA>", "NaT")] == ["<NA>", "NaT"]
