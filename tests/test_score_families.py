"""The score families beside classifiers: told by shape, read alike on both ways, measured as others do."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import both_ways
import duckdb
import numpy as np
import pytest
from both_ways import scratch
from conftest import Load, Query
from hypothesis import given, settings
from hypothesis import strategies as st
from run_files import dump, write_run
from score_files import (
    FILES,
    embedded,
    embedded_pair,
    group,
    intruder_set,
    sequence,
    steered,
    surprised,
)
from sklearn.metrics import roc_auc_score

from loader.files.scores import classifier
from loader.files.scores.families import FAMILIES, by_family, read_scores
from loader.files.scores.family import Family, ScoreError
from loader.store import files as store

BY_NAME = {family.name: family for family in FAMILIES}
FILE = "layers.1_latent1"
Rows = list[tuple[Any, ...]]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a database with the tables of the warehouse; what is written is rolled back."""
    with scratch() as connection:
        yield connection


def insert(connection: duckdb.DuckDBPyConnection, family: Family, *texts: str) -> set[int]:
    assert family.fast.read is None
    return both_ways.insert(connection, *texts, family=family)


def insert_exact(connection: duckdb.DuckDBPyConnection, family: Family, file_id: int, text: str) -> list[str]:
    """Write a file the exact way; return the kinds of what is odd about it."""
    both_ways.insert_exact(connection, file_id, text, family)
    return [finding.kind for finding in read_scores(text.encode()).findings]


def rows(connection: duckdb.DuckDBPyConnection, family: Family, file_id: int) -> Rows:
    found = both_ways.rows(connection, family)
    return [tuple(row.values())[1:] for row in found if row["file_id"] == file_id]


def measures(connection: duckdb.DuckDBPyConnection, family: Family, text: str) -> dict[Any, float]:
    """Return a file's measures: of all by name, of a quantile by name and quantile."""
    insert_exact(connection, family, 1, text)
    store.insert_sums(connection, *family.sums, [1])
    found = connection.execute(
        "select measure, quantile, a / b from measure_facts where file_id = 1"
    ).fetchall()
    return {measure if quantile is None else (measure, quantile): value for measure, quantile, value in found}


@pytest.mark.parametrize("name", FILES)
def test_a_family_is_told_by_its_shape_and_read_alike_on_both_ways(
    connection: duckdb.DuckDBPyConnection, name: str
) -> None:
    family, text = BY_NAME[name], dump(FILES[name])
    assert by_family({7: text.encode()}) == {family: {7: text.encode()}}
    spaced = json.dumps(FILES[name], indent=1)
    assert insert(connection, family, text, spaced) == {1, 2}
    assert insert_exact(connection, family, 3, text) == []
    assert rows(connection, family, 1) == rows(connection, family, 2) == rows(connection, family, 3) != []


def test_every_family_keeps_its_sums_in_a_view_and_a_table(connection: duckdb.DuckDBPyConnection) -> None:
    for family in FAMILIES:
        view, table = family.sums
        columns = [connection.execute(f"select * from {name} limit 0").description for name in (view, table)]
        assert [column[0] for column in columns[0]] == [column[0] for column in columns[1]]


class TestSimulation:
    """What the explanation says of activations, against the true ones."""

    FAMILY = BY_NAME["simulation"]

    def test_correlations_are_of_all_tokens_together_and_by_quantile(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        found = measures(connection, self.FAMILY, dump(FILES["simulation"]))
        expected = {
            "correlation": np.corrcoef([1, 2, 3, 0, 4, 0], [1, 2.5, 2, 1, 0.5, 0.5])[0, 1],
            ("correlation", 0): np.corrcoef([1, 2, 3], [1, 2.5, 2])[0, 1],
            ("correlation", 1): -1,
        }
        assert found == pytest.approx(expected, abs=1e-12)

    def test_a_sequence_counts_as_often_as_it_was_simulated(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        one, other, silent = sequence([1, 2], [3, 5]), sequence([4, 2], [1, 5], 1), sequence([0], [9], -1)
        # Two copies in one group are two; as many in the group of all are the same ones.
        groups = [group(1, [one, one]), group(2, [other]), group(0, [one, one, other, silent])]
        insert_exact(connection, self.FAMILY, 1, dump(groups))
        assert [row[1] for row in rows(connection, self.FAMILY, 1)] == [0, 0, 1, None]
        # Of two groups of all the one that has more of it; of the same text, cut otherwise, another one.
        cut = [sequence([1, 2], [3, 5], tokens=tokens) for tokens in (["ab", "c"], ["a", "bc"])]
        insert_exact(
            connection, self.FAMILY, 2, dump([group(-1, [silent]), group(0, [silent, *cut, silent])])
        )
        found = [row[2:4] for row in rows(connection, self.FAMILY, 2)]
        assert found == [("t0", [2]), ("t0", [2]), ("abc", [2, 1]), ("abc", [1, 2])]

    @pytest.mark.parametrize(
        "groups",
        [
            # 2024: those that do not activate are a group of their own
            lambda one, other, silent: [
                group(1, [one]), group(2, [other]), group(-1, [silent]), group(0, [one, other, silent]),
            ],
            # early 2025: all that activate, and all
            lambda one, other, silent: [
                group(1, [one]), group(2, [other]), group(0, [one, other]), group(-1, [one, other, silent]),
            ],
            # since then
            lambda one, other, silent: [group(1, [one]), group(2, [other]), group(0, [one, other, silent])],
        ],
    )  # fmt: skip
    def test_groups_of_all_versions_hold_the_same_sequences(
        self, connection: duckdb.DuckDBPyConnection, groups: Any
    ) -> None:
        text = dump(groups(sequence([1, 2], [3, 5]), sequence([4, 2], [1, 5], 1), sequence([0], [9], -1)))
        assert insert(connection, self.FAMILY, text) == {1}
        assert [row[1] for row in rows(connection, self.FAMILY, 1)] == [0, 1, None]

    def test_flat_sequences_of_2024_are_read(self, connection: duckdb.DuckDBPyConnection) -> None:
        flat = {
            "tokens": ["a", " b"],
            "true_activations": [0.5, 2],
            "predicted_activations": [1.0, 3.0],
            "ev_correlation_score": 1.0,
            "rsquared_score": 0,
            "absolute_dev_explained_score": 0,
        }
        text = dump([group(1, [flat]), group(0, [flat])])
        assert insert(connection, self.FAMILY, text) == set()
        assert insert_exact(connection, self.FAMILY, 1, text) == []
        assert rows(connection, self.FAMILY, 1) == [(0, 0, "a b", [1, 2], [0.5, 2.0], [1.0, 3.0])]

    def test_one_object_of_all_sequences_is_read(self, connection: duckdb.DuckDBPyConnection) -> None:
        """OpenAI's own code writes no groups."""
        whole = group(0, [sequence([1, 2], [3, 5]), sequence([4, 2], [1, 5])])
        del whole["distance"]
        assert insert_exact(connection, self.FAMILY, 1, dump(whole)) == []
        assert [row[1] for row in rows(connection, self.FAMILY, 1)] == [None, None]

    def test_sequences_that_were_not_simulated_are_found(self, connection: duckdb.DuckDBPyConnection) -> None:
        text = dump([group(1, [sequence([1, 2], [3, 5])]), group(0, [sequence([1, 2], [3, 5]), None, None])])
        assert insert(connection, self.FAMILY, text) == set()
        assert insert_exact(connection, self.FAMILY, 1, text) == ["no simulation"]
        assert len(rows(connection, self.FAMILY, 1)) == 1

    def test_what_does_not_vary_has_no_correlation(self, connection: duckdb.DuckDBPyConnection) -> None:
        assert measures(connection, self.FAMILY, dump([group(1, [sequence([1, 1], [3, 5])])])) == {}
        connection.execute("delete from simulation_facts")
        assert measures(connection, self.FAMILY, dump([group(1, [sequence([1, 2], [0.1, 0.1])])])) == {}
        connection.execute("delete from simulation_facts")
        # The mean of some times 0.1 is not 0.1.
        constant = [sequence([1, 2, 4], [0.1] * 3), sequence([4, 2, 1, 3, 2, 5, 1], [0.1] * 7)]
        assert measures(connection, self.FAMILY, dump([group(1, constant)])) == {}

    def test_tokens_without_a_number_are_left_out(self, connection: duckdb.DuckDBPyConnection) -> None:
        odd = sequence([1, 2, 3, 9], [1.0, 3.0, 2.0, 0.0])
        odd["true_activations"][3] = None
        assert insert(connection, self.FAMILY, dump([group(1, [odd])])) == set()
        found = measures(connection, self.FAMILY, dump([group(1, [odd])]))
        assert found["correlation"] == pytest.approx(np.corrcoef([1, 2, 3], [1, 3, 2])[0, 1], abs=1e-12)

    @pytest.mark.parametrize(
        ("true", "expected", "tokens"), [([1], [1, 2], 1), ([1, 2], [1], 2), ([1], [1], 2)]
    )
    def test_each_token_has_both_activations(
        self, connection: duckdb.DuckDBPyConnection, true: list[float], expected: list[float], tokens: int
    ) -> None:
        text = dump([group(1, [sequence(true, expected, tokens=["a"] * tokens)])])
        assert insert(connection, self.FAMILY, text) == set()
        with pytest.raises(ScoreError, match=r"example 0, sequence 0: found . tokens, . expected and . true"):
            read_scores(text.encode())


class TestIntruder:
    """How often the text that does not belong is found."""

    FAMILY = BY_NAME["intruder"]

    def test_failures_stand_apart_and_guessing_has_its_own_accuracy(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        sets = [
            intruder_set(0, 0, n=4, quantile=0),
            intruder_set(1, 2, n=4, quantile=0),
            intruder_set(1, 1, n=5, quantile=1),
            intruder_set(None),
        ]
        expected = {
            "accuracy": 2 / 3,
            "accuracy_strict": 2 / 4,
            "chance": (1 / 4 + 1 / 4 + 1 / 5) / 3,
            ("accuracy", 0): 1 / 2,
            ("accuracy", 1): 1,
            ("chance", 0): 1 / 4,
            ("chance", 1): 1 / 5,
        }
        assert measures(connection, self.FAMILY, dump(sets)) == pytest.approx(expected, abs=1e-12)

    def test_where_all_failed_only_the_strict_accuracy_is_known(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        text = dump([intruder_set(None), intruder_set(None)])
        assert measures(connection, self.FAMILY, text) == {"accuracy_strict": 0}

    @pytest.mark.parametrize(("prediction", "intruder"), [(4, 0), (-1, 0), (0, 4), (0.5, 0)])
    def test_only_places_of_texts_are_answers(
        self, connection: duckdb.DuckDBPyConnection, prediction: int, intruder: int
    ) -> None:
        text = dump([intruder_set(prediction, intruder)])
        assert insert(connection, self.FAMILY, text) == set()
        with pytest.raises(ScoreError, match="wanted the place of one of 4 examples"):
            read_scores(text.encode())


class TestEmbedding:
    """How well similarity tells activating texts from others."""

    @settings(max_examples=50)
    @given(
        st.lists(st.tuples(st.sampled_from([0, 3, -1, -0.25]), st.integers(-3, 3)), min_size=2, max_size=12)
    )
    def test_the_area_is_scikit_learns(self, texts: list[tuple[float, int]]) -> None:
        with scratch() as connection:
            text = dump([embedded(distance, similarity / 4) for distance, similarity in texts])
            found = measures(connection, BY_NAME["embedding"], text)
        labels = [distance >= 0 for distance, _ in texts]
        if len(set(labels)) == 1:
            assert found == {}
        else:
            area = roc_auc_score(labels, [similarity for _, similarity in texts])
            assert found == {"auc": pytest.approx(area, abs=1e-12)}

    @settings(max_examples=50)
    @given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=8))
    def test_the_area_over_pairs_is_scikit_learns(self, pairs: list[tuple[int, int]]) -> None:
        with scratch() as connection:
            text = dump([embedded_pair(plus / 4, minus / 4) for plus, minus in pairs])
            found = measures(connection, BY_NAME["example_embedding"], text)
        scores = [value for pair in pairs for value in pair]
        assert found == {"auc": pytest.approx(roc_auc_score([1, 0] * len(pairs), scores), abs=1e-12)}

    def test_a_similarity_that_is_no_number_is_unknown(self, connection: duckdb.DuckDBPyConnection) -> None:
        odd = embedded(0, 0) | {"similarity": None}
        text = dump([odd, embedded(0, 0.5), embedded(-1, 0.25)])
        assert insert(connection, BY_NAME["embedding"], text) == set()
        assert insert_exact(connection, BY_NAME["embedding"], 2, text) == ["null number"]
        assert measures(connection, BY_NAME["embedding"], text) == {"auc": 1}


class TestSurprisal:
    """What the explanation takes off a text's surprisal."""

    def test_the_gain_is_the_mean_over_texts_of_the_difference_of_mean_losses(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        texts = [
            # gains 1, 0.5, 0 and -0.5
            surprised(0, [3.0, 1.0], [1.0, 1.0]),
            surprised(2, [2.0], [1.5]),
            surprised(-1, [1.0], [1.0]),
            surprised(-0.5, [1.0, 2.0], [2.0, 2.0]),
        ]
        expected = {
            "gain": 0.25,
            "gain_activating": 0.75,
            "gain_other": -0.25,
            ("gain", 0): 1,
            ("gain", 2): 0.5,
            "auc": 1,
        }
        assert measures(connection, BY_NAME["surprisal"], dump(texts)) == pytest.approx(expected, abs=1e-12)

    def test_a_text_without_losses_has_no_gain(self, connection: duckdb.DuckDBPyConnection) -> None:
        texts = [surprised(0, [], []), surprised(-1, [1.0], [0.5])]
        expected = {"gain": 0.5, "gain_other": 0.5}
        assert measures(connection, BY_NAME["surprisal"], dump(texts)) == pytest.approx(expected)


class TestSurprisalIntervention:
    """What steering does to how likely the explanation is."""

    FAMILY = BY_NAME["surprisal_intervention"]

    def test_the_score_is_the_files(self, connection: duckdb.DuckDBPyConnection) -> None:
        found = measures(connection, self.FAMILY, dump([steered(0.1, 0.7)] * 3))
        assert found == pytest.approx({"final_score": 0.1, "avg_kl_divergence": 0.7}, abs=1e-12)

    def test_the_keys_of_its_first_version_are_understood(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        text = dump([{"score": 0.5, "avg_kl": 0.25, "explanation": "a"}])
        assert measures(connection, self.FAMILY, text) == {"final_score": 0.5, "avg_kl_divergence": 0.25}

    def test_nought_for_want_of_prompts_is_unknown(self, connection: duckdb.DuckDBPyConnection) -> None:
        text = dump([{"score": 0.0, "avg_kl": 0.0, "explanation": "a"}])
        assert insert_exact(connection, self.FAMILY, 2, text) == ["no prompts"]
        assert measures(connection, self.FAMILY, text) == {}


REFUSED = [
    ("embedding", "similarity", "0.5", "wrong type", "found the string '0.5', wanted a number"),
    ("embedding", "similarity", True, "wrong type", "found true, wanted a number"),
    ("embedding", "text", None, "wrong type", "found null, wanted a string"),
    ("surprisal", "explanation", [1.0, "2"], "wrong type", "found the string '2', wanted a number"),
    ("surprisal", "explanation", 0, "wrong type", "found the number 0, wanted a list"),
    ("intruder", "sample", [], "wrong type", "found a list of , wanted an object"),
    ("example_embedding", "batch", {}, "missing key", "found the keys none, wanted negative_examples too"),
    ("simulation", "scored_sequence_simulations", [1], "wrong type", "found the number 1, wanted an object"),
]


@pytest.mark.parametrize(("name", "key", "value", "kind", "found"), REFUSED)
def test_what_cannot_be_used_is_refused_with_its_reason_on_both_ways(
    connection: duckdb.DuckDBPyConnection, name: str, key: str, value: Any, kind: str, found: str
) -> None:
    broken = copy.deepcopy(FILES[name])
    broken[1][key] = value
    with pytest.raises(ScoreError) as error:
        read_scores(dump(broken).encode())
    assert (error.value.kind, "example 1" in str(error.value)) == (kind, True)
    assert found in str(error.value)
    assert insert(connection, BY_NAME[name], dump(broken)) == set()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("]", ",]"),
        ("}", ",}"),
        ("0.4", "1e400"),
        ("0.2", '"0.2"'),
        ("[{", "[[{"),
        ("}]", "}] x"),
        (":", ":NaN,"),
    ],
)
def test_nothing_but_json_of_the_shape_is_taken(
    connection: duckdb.DuckDBPyConnection, name: str, before: str, after: str
) -> None:
    text = dump(FILES[name])
    changed = text.replace(before, after)
    if changed != text:
        assert insert(connection, BY_NAME[name], changed) == set()


NOTHING = object()
VALUES = [None, True, 0, -1, 2.5, "", "nan", "a", [], [1], ["a"], [None], {}, NOTHING]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to everything inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*path, key)
        yield from places(item, (*path, key))


@settings(max_examples=300)
@given(st.data())
def test_a_changed_file_gets_the_same_verdict_on_both_ways(data: st.DataObject) -> None:
    """Whatever takes the place of whatever: what the fast way takes, the exact way takes alike."""
    name = data.draw(st.sampled_from(sorted(FILES)))
    changed = copy.deepcopy(FILES[name])
    *way, last = data.draw(st.sampled_from(list(places(changed))))
    inner: Any = changed
    for key in way:
        inner = inner[key]
    value = data.draw(st.sampled_from(VALUES))
    if value is NOTHING:
        del inner[last]
    else:
        inner[last] = value
    family = BY_NAME[name]
    with scratch() as connection:
        if insert(connection, family, dump(changed)):
            insert_exact(connection, family, 2, dump(changed))
            assert rows(connection, family, 1) == rows(connection, family, 2)


def test_all_families_load_beside_each_other(tmp_path: Path, load_into: Load, query: Query) -> None:
    scores = {f"my_{name}": {FILE: examples} for name, examples in FILES.items()}
    write_run(tmp_path / "run", scores)
    summary = load_into(tmp_path)
    assert (summary.n_loaded, summary.n_failed, summary.n_unsupported) == (len(FILES), 0, 0)
    # Once more is the same, and what is gone is gone.
    assert load_into(tmp_path).n_loaded == 0
    found = query(
        "select score_type, count(*) from measure_facts join current_files using (file_id) group by all"
    )
    assert dict(found) == {
        "my_simulation": 3,
        "my_intruder": 5,
        "my_embedding": 1,
        "my_example_embedding": 1,
        "my_surprisal": 5,
        "my_surprisal_intervention": 2,
        "my_value": 1,
    }
    for name in FILES:
        (tmp_path / "run" / "scores" / f"my_{name}" / f"{FILE}.txt").write_text(dump([FILES[name][0]] * 3))
    assert load_into(tmp_path).n_loaded == len(FILES)
    for family in FAMILIES:
        if family is not classifier.FAMILY:
            assert query(f"select count(distinct file_id) from {family.table}") == [(1,)]
