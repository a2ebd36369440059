"""What configs, explanations, stats and timings mean, and that no secret of theirs is kept."""

import json
from typing import Any

import pytest
from run_files import dump

from loader.files.parse import (
    ParseError,
    parse_config,
    parse_explanation,
    parse_firing_counts,
    parse_stats,
    parse_timing,
)

TOTALS = {"total_time": 12.5, "prompt_tokens": 100, "completion_tokens": 20, "count": 10}


def test_stats_hold_a_row_an_explainer() -> None:
    parsed = parse_stats(dump({"DefaultExplainer": TOTALS}).encode())
    assert (parsed.table, parsed.rows, parsed.findings) == (
        "stats_facts", [("DefaultExplainer", 12.5, 100, 20, 10)], [],
    )  # fmt: skip


def test_tokens_of_zero_are_unknown() -> None:
    parsed = parse_stats(dump({"fuzz": TOTALS | {"prompt_tokens": 0, "completion_tokens": 0}}).encode())
    assert parsed.rows == [("fuzz", 12.5, None, None, 10)]


@pytest.mark.parametrize("number", ["Infinity", "-Infinity", "NaN", "1e999"])
def test_a_number_that_is_not_finite_is_unknown_and_a_finding(number: str) -> None:
    parsed = parse_stats(dump({"fuzz": TOTALS}).replace("12.5", number).encode())
    assert parsed.rows == [("fuzz", None, 100, 20, 10)]
    assert [(f.kind, f.detail) for f in parsed.findings] == [
        ("not finite", f"fuzz, total_time: found {number}, taken as unknown")
    ]


def test_a_number_that_nobody_can_mean_is_unknown_and_a_finding() -> None:
    parsed = parse_stats(dump({"fuzz": TOTALS | {"total_time": 1.7e308, "count": 2**63 - 1}}).encode())
    assert parsed.rows == [("fuzz", None, 100, 20, None)]
    assert [(f.kind, f.detail) for f in parsed.findings] == [
        ("too large", "fuzz, total_time: found the number 1.7e+308, taken as unknown"),
        ("too large", "fuzz, count: found the number 9223372036854775807, taken as unknown"),
    ]
    parsed = parse_timing(dump({"total_time_seconds": 2**53 + 1}).encode())
    assert parsed.rows == [("total", None)]
    assert [f.kind for f in parsed.findings] == ["too large"]
    assert parse_timing(dump({"total_time_seconds": 2**53}).encode()) == (
        "timing_facts", [("total", 2**53)], [],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stats", "kind", "found"),
    [
        ({}, "missing key", "an empty object"),
        ([], "wrong shape", "a list"),
        ({"fuzz": 3}, "wrong shape", "fuzz: found the number 3, wanted an object"),
        ({"fuzz": {"total_time": 1}}, "missing key", "found the keys total_time, wanted prompt_tokens too"),
        ({"fuzz": TOTALS | {"count": "10"}}, "wrong type", "fuzz, count: found the string '10'"),
        ({"fuzz": TOTALS | {"count": 1.5}}, "wrong type", "found the number 1.5, wanted a whole number"),
        ({"fuzz": TOTALS | {"count": -1}}, "wrong type", "found the number -1"),
        ({"fuzz": TOTALS | {"count": 10**30}}, "wrong type", "found a long number"),
        ({"fuzz": TOTALS | {"total_time": True}}, "wrong type", "found true"),
        ({"fuzz": TOTALS | {"total_time": None}}, "wrong type", "found null"),
    ],
)
def test_stats_that_cannot_be_used_are_refused(stats: Any, kind: str, found: str) -> None:
    with pytest.raises(ParseError) as error:
        parse_stats(dump(stats).encode())
    assert error.value.kind == kind
    assert found in str(error.value)


def test_a_timing_holds_a_row_a_stage_that_it_times() -> None:
    timing = {"explanation_time_seconds": 1.5, "scoring_time_seconds": 2, "scorers_used": ["fuzz"]}
    assert parse_timing(dump(timing).encode()).rows == [("explainer", 1.5), ("scoring", 2.0)]
    with pytest.raises(
        ParseError, match="found the keys scorers_used, wanted one of explanation_time_seconds"
    ):
        parse_timing(dump({"scorers_used": []}).encode())


def test_an_explanation_is_a_string() -> None:
    assert parse_explanation(b'"years \\u00e9"').rows == [("years é",)]
    with pytest.raises(ParseError, match="found a list, wanted a string"):
        parse_explanation(b'["years"]')
    with pytest.raises(ParseError, match="cut short"):
        parse_explanation(b'"years')


@pytest.mark.parametrize(
    "found", [{"explanation": "years"}, {"generation_prompt": "p", "response": "r", "explanation": "years"}]
)
def test_an_explanation_may_stand_in_an_object(found: dict[str, str]) -> None:
    assert parse_explanation(dump(found).encode()).rows == [("years",)]
    with pytest.raises(ParseError, match="found null, wanted a string"):
        parse_explanation(dump(found | {"explanation": None}).encode())
    with pytest.raises(ParseError, match="found an object, wanted a string"):
        parse_explanation(b'{"response": "years"}')


def test_a_config_is_kept_whole() -> None:
    config = {
        "model": "org/m",
        "cache_cfg": {"n_tokens": 10_000_000, "ids": [1, 2.5, None, True]},
        "max_tokens": 5,
    }
    parsed = parse_config(json.dumps(config, indent=4).encode())
    assert [json.loads(text) for (text,) in parsed.rows] == [config]


def test_a_config_may_hold_numbers_that_json_has_not() -> None:
    parsed = parse_config(b'{"a": {"b": [NaN]}}')
    assert [json.loads(text) for (text,) in parsed.rows] == [{"a": {"b": [None]}}]
    assert [f.detail for f in parsed.findings] == ["a.b[0]: found NaN, stored as null"]


def test_a_config_that_is_no_object_is_refused() -> None:
    with pytest.raises(ParseError, match="found a list, wanted an object"):
        parse_config(b"[]")


def test_firing_counts_that_are_no_zip_are_refused() -> None:
    with pytest.raises(ParseError, match="wanted"):
        parse_firing_counts(b"nothing")


# Made up; the looks and the keys of secrets are in test_secrets.py.
SECRET = "hf_" + "ABCDEFGHijklmnop0123"


def test_secrets_in_a_config_are_taken_out() -> None:
    config = {"a": [{"hf_token": "x"}, SECRET], "n_tokens": 5}
    parsed = parse_config(dump(config).encode())
    assert [json.loads(text) for (text,) in parsed.rows] == [
        {"a": [{"hf_token": "[redacted]"}, "[redacted]"], "n_tokens": 5}
    ]


def test_an_explanation_that_quotes_a_header_loses_the_secret() -> None:
    parsed = parse_explanation(
        dump(f"Explanation generation failed (Authorization: Bearer {SECRET})").encode()
    )
    ((text,),) = parsed.rows
    assert SECRET not in text
    assert [finding.kind for finding in parsed.findings] == ["redacted"]
