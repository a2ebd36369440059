"""What a score file holds: the two ways in agree, and every schema and family is told by its shape."""

import json
import math
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from both_ways import insert, insert_exact, is_taken_alike, read_examples, rows, scratch
from hypothesis import given, settings
from hypothesis import strategies as st
from run_files import dump, example

from loader.files.scores.classifier import FAMILY
from loader.files.scores.families import read_scores
from loader.files.scores.family import ScoreError

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=6)
NUMBER = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 1e308]),
)
EXAMPLE = st.builds(
    lambda pairs, **labels: example(
        tokens=[token for token, _ in pairs], activations=[number for _, number in pairs], **labels
    ),
    st.lists(st.tuples(TEXT, NUMBER), max_size=4),
    activating=st.booleans(),
    prediction=st.sampled_from([True, False, None]),
    probability=st.one_of(st.none(), st.floats(0, 1)),
    distance=NUMBER,
)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a database with the tables of the warehouse."""
    with scratch() as connection:
        yield connection


def stored(row: dict[str, Any]) -> dict[str, Any]:
    """Return an example as delphi writes it, from what is stored of it."""
    tokens, at = [], 0
    for length in row["token_lengths"]:
        tokens.append(row["text"][at : at + length])
        at += length
    assert at == len(row["text"])
    activations = row["activations"] if row["wide_activations"] is None else row["wide_activations"]
    labels = {key: row[key] for key in ("distance", "activating", "prediction", "probability", "correct")}
    return {"str_tokens": tokens, "activations": activations} | labels


@settings(max_examples=60)
@given(st.lists(EXAMPLE, min_size=1, max_size=3))
def test_every_value_is_recoverable_and_both_ways_agree(examples: list[dict[str, Any]]) -> None:
    text = dump(examples)
    # A whole number of more than 53 bits is JSON's nearest double.
    expected = [
        {**e, "activations": [float(a) for a in e["activations"]], "distance": float(e["distance"])}
        for e in examples
    ]
    assert is_taken_alike(text)
    with scratch() as connection:
        assert insert_exact(connection, 2, text) == {2}
        assert [stored(row) for row in rows(connection)] == expected


def test_activations_that_32_bits_hold_take_32_bits(connection: duckdb.DuckDBPyConnection) -> None:
    narrow, wide = example(activations=[0.734375, -1e-30]), example(activations=[0.1, 1e300])
    narrow["activations"][1] = math.ldexp(1, -120)
    assert insert(connection, dump([narrow, wide])) == {1}
    assert [(r["activations"], r["wide_activations"]) for r in rows(connection)] == [
        ([0.734375, math.ldexp(1, -120)], None),
        (None, [0.1, 1e300]),
    ]


def broken(key: str, value: Any) -> str:
    return dump([example(), example() | {key: value}])


REFUSED = [
    ("", "not JSON", "an empty file"),
    ("   ", "not JSON", "an empty file"),
    ("[", "not JSON", "cut short"),
    (dump([example()])[:-20], "not JSON", "cut short"),
    ('{"a": 1', "not JSON", "cut short"),
    ('[{"str_tokens":["a"', "not JSON", "cut short"),
    ("[1,]", "not JSON", "no JSON"),
    ("nonsense", "not JSON", "no JSON"),
    ("[" * 100_000, "not JSON", "nested too deep"),
    (dump([example(tokens=["a", "\\ud800"])]).replace("\\\\", "\\"), "not JSON", "surrogate"),
    (dump([example()])[:-2] + ',"correct":true}]', "not JSON", "twice"),
    (dump([example(tokens=["a", "b"])]).replace('"b"', '"\x1f"'), "not JSON", "control character"),
    (dump([example(tokens=["a", "b"])]).replace('"b"', '"\\x"'), "not JSON", "escape"),
    (dump([example()]).replace('],"distance"', ',],"distance"'), "not JSON", "no JSON"),
    (dump([example()]).replace("0.5", "05"), "not JSON", "no JSON"),
    (dump([example()]).replace("0.5", "-"), "not JSON", "no JSON"),
    (dump([example()]).replace(":true,", ":true5,"), "not JSON", "no JSON"),
    (dump([example()]).replace(":true,", ":true,,"), "not JSON", "no JSON"),
    (dump([example()]).replace('"distance":0', '"distance":0,1'), "not JSON", "no JSON"),
    (dump([example()])[:-1] + ",]", "not JSON", "no JSON"),
    ("[]", "no examples", "no examples"),
    ("{}", "wrong shape", "an object"),
    ('"text"', "wrong shape", "the string 'text'"),
    ("null", "wrong shape", "null"),
    ("[null]", "wrong shape", "null"),
    ("[[]]", "wrong shape", "a list"),
    (broken("activating", 1), "wrong type", "example 1, activating: found the number 1"),
    (broken("activating", None), "wrong type", "found null"),
    (broken("prediction", "true"), "wrong type", "found the string 'true'"),
    (broken("prediction", 2), "wrong type", "found the number 2"),
    (broken("correct", 0.5), "wrong type", "found the number 0.5"),
    (broken("probability", 1.5), "wrong type", "found the number 1.5"),
    (broken("probability", True), "wrong type", "found true"),
    (broken("distance", "1"), "wrong type", "found the string '1'"),
    (broken("str_tokens", ["a", 1]), "wrong type", "a list of the string 'a', the number 1"),
    (broken("str_tokens", "ab"), "wrong type", "found the string 'ab'"),
    (broken("activations", ["1", 2]), "wrong type", "a list of the string '1'"),
    (broken("activations", [True, 2]), "wrong type", "a list of true"),
    (broken("activations", [[1], 2]), "wrong type", "a list of a list"),
    (broken("activations", [1]), "lengths differ", "2 str_tokens and 1 activations"),
    (broken("activations", []), "lengths differ", "2 str_tokens and 0 activations"),
    (dump([example()]).replace("0.5", "NaN"), "wrong type", "a list of NaN"),
    (dump([example()]).replace("0.5", "-Infinity"), "wrong type", "a list of -Infinity"),
    (dump([example()]).replace("0.5", "1e400"), "wrong type", "a list of 1e400"),
    (dump([example()]).replace("0.5", "9" * 400), "wrong type", "a list of 9999"),
    (dump([example()]).replace('"distance":0', '"distance":NaN'), "wrong type", "found NaN"),
    (dump([example()]).replace('"distance":0', '"distance":1e999'), "wrong type", "found 1e999"),
]


@pytest.mark.parametrize(("text", "kind", "found"), REFUSED)
def test_what_cannot_be_used_is_refused_with_its_reason_on_both_ways(
    connection: duckdb.DuckDBPyConnection, text: str, kind: str, found: str
) -> None:
    with pytest.raises(ScoreError) as error:
        read_examples(text.encode())
    assert error.value.kind == kind
    assert found in str(error.value)
    assert "wanted" in str(error.value)
    assert insert(connection, text) == set()
    assert rows(connection) == []


@pytest.mark.parametrize("key", list(example()))
def test_a_missing_key_is_named(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    example_without = example()
    del example_without[key]
    with pytest.raises(ScoreError, match=f"wanted {key} too"):
        read_examples(dump([example_without]).encode())
    assert insert(connection, dump([example_without])) == set()


def test_bytes_that_are_not_utf8_are_located() -> None:
    with pytest.raises(ScoreError, match="0xff at offset 3, wanted UTF-8"):
        read_examples(b'["a\xff"]')


def test_bytes_that_are_not_utf8_are_not_recognised(connection: duckdb.DuckDBPyConnection) -> None:
    good, bad = (dump([example(tokens=["a", last])]).encode() for last in ("b", "é"))
    assert insert(connection, good, bad.replace("é".encode(), b"\xc3"), good) == {1, 3}


def test_a_file_is_taken_whole_or_not_at_all(connection: duckdb.DuckDBPyConnection) -> None:
    good, bad = dump([example()]), broken("activations", [1])
    assert insert(connection, bad, good, bad) == {2}
    assert [row["file_id"] for row in rows(connection)] == [2]


def test_tokens_may_hold_anything(connection: duckdb.DuckDBPyConnection) -> None:
    tokens = [
        "",
        "\ufffd",
        "\x07",
        "\x1f\x7f",
        "NaN",
        '",]}',
        "🦆é",
        "\\",
        "\\\\n",
        "\n",
        '"activations":[NaN]',
        "",
    ]
    text = dump([example(tokens=tokens, activations=[0] * len(tokens))])
    assert insert(connection, text) == {1}
    (row,) = rows(connection)
    assert stored(row)["str_tokens"] == tokens


class TestOlderSchemas:
    """What delphi and its predecessor wrote before is brought to the present schema."""

    def read(self, *examples: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
        scores = read_scores(dump(examples).encode())
        assert scores.family is FAMILY
        is_taken_alike(dump(examples))
        return json.loads(scores.examples), [finding.kind for finding in scores.findings]

    def read_one(self, **changes: Any) -> dict[str, Any]:
        old = {key: value for key, value in (example() | changes).items() if value is not ...}
        ((read,), _) = self.read(old)
        return read

    def test_ground_truth_is_the_label(self) -> None:
        assert self.read_one(activating=..., ground_truth=True)["activating"] is True

    @pytest.mark.parametrize("label", ["activating", "ground_truth"])
    @pytest.mark.parametrize(("stored", "prediction"), [(1, True), (0, False), (-1, None), (1.0, True)])
    def test_whole_numbers_are_answers(self, label: str, stored: float, prediction: bool | None) -> None:
        old = {"activating": ..., label: False, "prediction": stored, "correct": stored == 0}
        read = self.read_one(**old)
        assert (read["prediction"], read["correct"]) == (prediction, None if stored == -1 else stored == 0)

    def test_minus_one_is_a_failure_and_correct_is_then_unknown(self) -> None:
        read = self.read_one(activating=..., ground_truth=False, prediction=-1, probability=-1, correct=-1)
        assert (read["prediction"], read["probability"], read["correct"]) == (None, None, None)

    @pytest.mark.parametrize("answer", [2, 0.5, "1", "yes"])
    def test_what_the_scorer_said_beside_the_question_is_a_failure_in_old_files(self, answer: Any) -> None:
        old = {"text": "a", "distance": 1, "ground_truth": True, "prediction": answer, "correct": False}
        assert self.read(old) == (
            [
                {"activating": True, "prediction": None, "correct": None, "probability": None}
                | {"distance": 1, "text": "a", "str_tokens": None, "activations": None}
            ],
            ["odd answer"],
        )

    @pytest.mark.parametrize(
        ("label", "was_right", "prediction"),
        [(True, True, True), (True, False, False), (False, True, False), (False, False, True)],
    )
    def test_in_july_2024_the_prediction_said_whether_the_answer_was_right(
        self, label: bool, was_right: bool, prediction: bool
    ) -> None:
        old = {"id": -7, "distance": 1, "ground_truth": label, "prediction": was_right, "highlighted": True}
        ((read,), kinds) = self.read(old | {"text": "<<so>>"})
        assert (read["activating"], read["prediction"], read["correct"]) == (label, prediction, None)
        assert (read["text"], kinds) == ("<<so>>", [])

    @pytest.mark.parametrize(
        "answers",
        [{"prediction": 1}, {"predicted": True}, {"marked": True}, {"prediction": True, "predicted": False}],
    )
    @pytest.mark.parametrize("label", [{"ground_truth": False}, {"activates": False}])
    def test_other_answers_without_correct_are_the_scorers_own(
        self, label: dict[str, bool], answers: dict[str, Any]
    ) -> None:
        ((read,), _) = self.read({"text": "a", "quantile": -1} | label | answers)
        assert (read["activating"], read["prediction"], read["distance"]) == (False, True, -1)

    def test_an_answer_may_stand_as_right_or_wrong_alone(self) -> None:
        read, kinds = self.read(
            *({"text": "a", "activating": False, "correct": correct} for correct in (True, False, None))
        )
        assert [row["prediction"] for row in read] == [False, True, None]
        assert kinds == ["no distance"]

    def test_probabilities_of_0_alone_are_unknown_in_old_files(self) -> None:
        old = [
            {**example(activating, True), "probability": 0.0, "ground_truth": activating}
            for activating in (True, False)
        ]
        for row in old:
            del row["activating"]
        read, kinds = self.read(*old)
        assert ([row["probability"] for row in read], kinds) == ([None, None], ["no probability"])
        old[0]["probability"] = 0.25
        read, kinds = self.read(*old)
        assert ([row["probability"] for row in read], kinds) == ([0.25, 0.0], [])

    def test_what_is_no_number_is_null_and_found(self, connection: duckdb.DuckDBPyConnection) -> None:
        odd = [example(distance=1), example(False, activations=[1, 0.5])]
        odd[0]["distance"], odd[1]["activations"][0] = None, None
        text = dump(odd)
        assert self.read(*odd)[1] == ["no distance", "null activation"]
        assert insert(connection, text) == set()
        assert insert_exact(connection, 1, text) == {1}
        first, second = rows(connection)
        assert (first["distance"], first["activations"]) == (None, [0.5, -1.25])
        assert (second["distance"], second["activations"]) == (-1, [None, 0.5])
        assert (second["wide_activations"], second["prediction"]) == (None, True)

    def test_text_takes_the_place_of_tokens(self, connection: duckdb.DuckDBPyConnection) -> None:
        old = {"text": "a b", "distance": 1, "ground_truth": True, "prediction": 1, "correct": True}
        assert insert_exact(connection, 1, dump([old])) == {1}
        (row,) = rows(connection)
        assert (row["text"], row["token_lengths"], row["activations"], row["wide_activations"]) == (
            "a b", None, None, None,
        )  # fmt: skip

    def test_scores_without_texts_are_loaded(self, connection: duckdb.DuckDBPyConnection) -> None:
        old = {"id": 1, "distance": 1, "ground_truth": True, "prediction": True, "highlighted": True}
        assert self.read(old)[1] == ["no text"]
        assert insert_exact(connection, 1, dump([old])) == {1}

    def test_keys_in_another_order_and_further_keys_are_no_hindrance(self) -> None:
        shuffled = dict(reversed(example().items())) | {"more": [1]}
        assert self.read(shuffled) == self.read(example())

    def test_a_byte_order_mark_is_no_hindrance(self, connection: duckdb.DuckDBPyConnection) -> None:
        assert read_examples(b"\xef\xbb\xbf" + dump([example()]).encode()) == read_examples(
            dump([example()]).encode()
        )


PIECES = [
    *'0159eE+-.,:"[]{} \\ntfau\x00é',
    *(
        "null",
        "true",
        "false",
        "NaN",
        "1e400",
        "\\u0041",
        "\\u001F",
        "\\u0000",
        "\\u00e9",
        "\\n",
        '""',
        ",,",
        "[]",
        "{}",
        "],[",
        "},{",
        "][",
        '"a",',
    ),
    *('"correct":true', '"distance":0,', '{"str_tokens":["a"],'),
]


@settings(max_examples=500)
@given(st.data())
def test_a_changed_file_gets_the_same_verdict_on_both_ways(data: st.DataObject) -> None:
    """Whatever takes the place of whatever: what the fast way takes, the exact way takes alike."""
    examples = [example(probability=0.25), example(False, None)]
    text = data.draw(st.sampled_from([dump(examples), json.dumps(examples, indent=1)]))
    begin = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(begin, min(begin + 20, len(text))))
    changed = text[:begin] + data.draw(st.sampled_from([*PIECES, ""])) + text[end:]
    assert is_taken_alike(text)
    is_taken_alike(changed)


@settings(max_examples=100)
@given(st.data())
def test_values_that_change_places_get_the_same_verdict_on_both_ways(data: st.DataObject) -> None:
    """Neither is fooled where what is missing here stands there: quotes, brackets, and types of values."""
    values = st.sampled_from(
        ["1", '"1"', "true", "null", "[1]", '["1"]', '["a","b"]', "[1,2]", "[]", "{}", "-0.5e1"]
    )
    drawn = [
        ",".join(f'"{key}":{data.draw(values)}' for key in data.draw(st.permutations(list(example()))))
        if data.draw(st.booleans())
        else dump(example())[1:-1].replace("0.5", data.draw(values))
        for _ in range(2)
    ]
    changed = "[{" + "},{".join(drawn) + "}]"
    is_taken_alike(changed)


def test_white_space_about_a_file_is_no_hindrance(connection: duckdb.DuckDBPyConnection) -> None:
    text = dump([example()])
    assert insert(connection, text, f" {text}\r\n", f"{text}\x0b", f"{text}\u00a0") == {1, 2}


@pytest.mark.parametrize("indent", [None, 2])
def test_white_space_between_values_is_no_hindrance(
    connection: duckdb.DuckDBPyConnection, indent: int | None
) -> None:
    examples = [example(tokens=[" a ", '\\" ', ' "{ ', "\n\t"], activations=[1, 2, 3, 0.5]), example()]
    spaced = json.dumps(examples, indent=indent)
    assert spaced != dump(examples)
    assert insert(connection, spaced, dump(examples)) == {1, 2}
    first, second = ([stored(row) for row in rows(connection) if row["file_id"] == i] for i in (1, 2))
    assert first == second == examples


@pytest.mark.parametrize(
    ("whole", "parted"), [("12.5", "1 2.5"), ("-1", "- 1"), ("true", "tr\nue"), ("1e5", "1e\t5")]
)
def test_white_space_within_a_value_is_refused(
    connection: duckdb.DuckDBPyConnection, whole: str, parted: str
) -> None:
    text = json.dumps([example(activations=[12.5, -1], distance=1e5)]).replace("100000.0", "1e5")
    assert whole in text
    assert insert(connection, text, text.replace(whole, parted)) == {1}
    with pytest.raises(ScoreError):
        read_examples(text.replace(whole, parted).encode())
