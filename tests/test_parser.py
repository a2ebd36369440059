"""The parser of score files: what it takes, that numbers and texts are exact, and who holds its memory."""

import gc
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from both_ways import insert, is_taken_alike, rows, scratch
from hypothesis import given, settings
from hypothesis import strategies as st
from run_files import dump, example

from loader.files.scores import native

TODAY = example(probability=0.5)
OCTOBER_2024 = {"ground_truth" if key == "activating" else key: value for key, value in TODAY.items()}
AUGUST_2024 = {"text": "a", "distance": 3, "ground_truth": True, "prediction": 1, "correct": True}
# As `classifier_examples` lists them.
SCHEMAS: dict[str, dict[str, Any]] = {
    "today": TODAY,
    "October 2024": OCTOBER_2024 | {"highlighted": True},
    "October 2024 without log probs": OCTOBER_2024 | {"probability": 0.0},
    "August 2024": AUGUST_2024,
    "August 2024, failed": AUGUST_2024 | {"prediction": -1, "correct": False},
    "July 2024": {"id": 7, "distance": -1, "ground_truth": False, "prediction": False, "text": "<<so>>"},
    "June 2024": {"text": "a", "quantile": 2, "highlighted": True, "activates": True, "marked": False},
    "June 2024, otherwise": {"text": "a", "quantile": 2, "ground_truth": False, "predicted": True},
}
EVERY_KEY = (
    SCHEMAS["July 2024"] | SCHEMAS["June 2024"] | SCHEMAS["October 2024"] | TODAY | {"predicted": True}
)


def is_taken(text: str | bytes) -> bool:
    with scratch() as connection:
        return bool(insert(connection, text))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_every_schema_is_taken(schema: str) -> None:
    assert is_taken_alike(dump([SCHEMAS[schema]] * 2))


def test_every_real_file_is_taken(shared_data: Path) -> None:
    files = sorted(shared_data.glob("real-results/**/scores/*/*.txt"))
    assert len(files) == 210
    assert len(native.read({i: file.read_bytes() for i, file in enumerate(files)}).n_examples) == 210


@settings(max_examples=200)
@given(st.data())
def test_no_mix_of_schemas_is_taken_otherwise_than_by_the_judge(data: st.DataObject) -> None:
    values = st.sampled_from([True, False, None, 1, 0, -1, -1.0, 0.0, 1.0, 2, "a", [], ["a"], [0.5]])
    examples = []
    for _ in range(data.draw(st.integers(1, 2))):
        mixed = dict(data.draw(st.sampled_from(list(SCHEMAS.values()))))
        for key in data.draw(st.lists(st.sampled_from(list(EVERY_KEY)), max_size=3)):
            if not data.draw(st.booleans()):
                mixed.pop(key, None)
            else:
                mixed[key] = data.draw(values) if data.draw(st.booleans()) else EVERY_KEY[key]
        examples.append({key: mixed[key] for key in data.draw(st.permutations(list(mixed)))})
    is_taken_alike(dump(examples))


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_key_that_stands_twice_is_not_taken(schema: str) -> None:
    for key, value in SCHEMAS[schema].items():
        twice = dump([SCHEMAS[schema]])[:-2] + f',"{key}":{dump(value)}}}]'
        assert not is_taken(twice)


DIGITS = st.text("0123456789", min_size=1, max_size=22)
EXPONENTS = st.one_of(st.integers(-330, 310), st.integers(-30, 30)).map(lambda n: f"e{n}")
NUMBERS = st.one_of(
    st.builds(
        lambda sign, whole, fraction, exponent: f"{sign}{int(whole)}{fraction}{exponent}",
        st.sampled_from(["", "-"]),
        DIGITS,
        st.one_of(st.just(""), DIGITS.map(lambda digits: f".{digits}")),
        st.one_of(st.just(""), EXPONENTS),
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(repr),
    # Halfway between two doubles, and just beside.
    st.builds(
        lambda whole, more: f"{2 * whole + 1}{more}",
        st.integers(2**53, 2**60),
        st.sampled_from(["", ".0", ".000000000000000001", "e3", "e-20", "0000000000e-10"]),
    ),
)


@settings(max_examples=1000)
@given(st.lists(NUMBERS, min_size=1, max_size=20))
def test_a_number_is_the_nearest_double_to_the_last_bit(numbers: list[str]) -> None:
    """Python's own reading is the independent source, and NumPy's of what 32 bits hold."""
    wanted = np.array([float(json.loads(number)) for number in numbers])
    text = dump([example(tokens=["a"] * len(numbers), activations=[0.5] * len(numbers))])
    text = text.replace(dump([0.5] * len(numbers)), f"[{','.join(numbers)}]")
    with scratch() as connection:
        assert bool(insert(connection, text)) == np.isfinite(wanted).all()
        for row in rows(connection):
            found = row["activations"] or row["wide_activations"]
            # DuckDB 1.5 does not keep the sign of a zero.
            assert (np.array(found) + 0.0).tobytes() == (wanted + 0.0).tobytes()
            with np.errstate(over="ignore"):
                is_narrow = (wanted.astype(np.float32) == wanted).all()
            assert (row["wide_activations"] is None) == is_narrow


@pytest.mark.parametrize(
    "number",
    ["01", "+1", ".5", "1.", "1.e5", "1e", "1e+", "-", "--1", "0x1", "1_0", "Infinity", "1e309", "-1e400"],
)
def test_what_is_no_number_is_not_taken(number: str) -> None:
    text = dump([example()])
    assert is_taken(text.replace("0.5", "1"))
    assert not is_taken(text.replace("0.5", number))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"\"\\\/\b\f\n\r\t", '"\\/\b\f\n\r\t'),
        (r"\u0041\u00e9\u20aC\u001F\u007f", "Aé€\x1f\x7f"),
        (r"\ud83e\udD86", "🦆"),
        (r"\udbff\udfff\ud800\udc00", "\U0010ffff\U00010000"),
        ("\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff", "\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff"),
        ("\U00010000\U0010ffff", "\U00010000\U0010ffff"),
    ],
)
def test_characters_are_what_they_were_written_for(written: str, meant: str) -> None:
    text = dump([example(tokens=["a", "b"])]).replace('"b"', f'"{written}"')
    assert is_taken_alike(text)
    with scratch() as connection:
        insert(connection, text)
        (row,) = rows(connection)
    assert (row["text"], row["token_lengths"]) == ("a" + meant, [1, len(meant)])


@pytest.mark.parametrize(
    "written",
    [
        rb"\ud800",
        rb"\udc00",
        rb"\ud800\ud800",
        rb"\ud83ex",
        rb"\ud83e\n",
        rb"\u12",
        rb"\u12g4",
        rb"\x41",
        b"\n",
        b"\x00",
        b"\x1f",
        b"\x80",
        b"\xc0\x80",
        b"\xc1\xbf",
        b"\xc3",
        b"\xe0\x9f\xbf",
        b"\xed\xa0\x80",
        b"\xf0\x8f\xbf\xbf",
        b"\xf4\x90\x80\x80",
        b"\xf5\x80\x80\x80",
        b"\xe2\x82",
        b"\xff",
    ],
)
def test_what_is_no_character_is_not_taken(written: bytes) -> None:
    good = dump([example(tokens=["a", "b"])]).encode()
    assert is_taken(good)
    assert not is_taken(good.replace(b'"b"', b'"' + written + b'"'))


def test_a_file_is_read_to_its_end_and_no_further() -> None:
    """Two files that are whole only together, as a copy cut short and its rest, are each refused."""
    text = dump([example(), example()]).encode()
    for cut in range(1, len(text)):
        assert native.read({1: text[:cut], 2: text[cut:]}).n_examples == {}
    assert native.read({1: text, 2: text}).n_examples == {1: 2, 2: 2}
    assert native.read({1: text + b"\x00", 2: text + b"\x00" + text, 3: b"", 4: text}).n_examples == {4: 2}


def test_files_that_are_not_taken_leave_no_trace() -> None:
    """Neither rows nor texts of a file that fails in its last example, between others."""
    good = [dump([example(i % 2 == 0, i % 3 == 0, tokens=[f"{i}", "é"])]) for i in range(20)]
    late = dump([example(False, None, tokens=["no"] * 9, activations=[0.1] * 9)] * 9)[:-2]
    with scratch() as connection:
        insert(connection, *(text for pair in zip(good, [late] * 20, strict=True) for text in pair))
        mixed = [row | {"file_id": 0} for row in rows(connection)]
    with scratch() as connection:
        insert(connection, *good)
        assert mixed == [row | {"file_id": 0} for row in rows(connection)]


def test_rows_can_be_asked_for_again_and_outlive_their_holder() -> None:
    read = native.read({1: dump([example(tokens=["a", "é"])] * 3000).encode()})
    assert read.rows is not None
    with duckdb.connect() as connection:
        connection.register("files", read.rows)
        first = connection.execute("from files").fetchall()
        assert connection.execute("from files").fetchall() == first
        assert len(first) == 3000
        streams = [read.rows.__arrow_c_stream__() for _ in range(9)]
        del read
        gc.collect()
        connection.register("files", Streams(streams))
        assert connection.execute("from files").fetchall() == first
        assert 0 < len(streams) < 9


class Streams:
    """Hand out streams that were opened before."""

    def __init__(self, streams: list[Any]) -> None:
        self.streams = streams

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.streams.pop()


def test_memory_is_given_back() -> None:
    text = dump([example(tokens=["word"] * 64, activations=[0.1] * 64)] * 500).encode()
    resident = Path("/proc/self/statm")
    if not resident.exists():
        pytest.skip("only Linux tells a process's memory so")

    def megabytes() -> float:
        return int(resident.read_text().split()[1]) * 4096 / 1e6

    for _ in range(3):
        insert_once(text)
    before = megabytes()
    for _ in range(60):
        insert_once(text)
    assert megabytes() - before < 20 < 60 * len(text) / 1e6


def insert_once(text: bytes) -> None:
    with scratch() as connection:
        assert insert(connection, text)


def test_a_library_of_another_source_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert native.is_compiled()
    changed = tmp_path / "parser.cpp"
    changed.write_bytes(native.SOURCE.read_bytes() + b"\n")
    native.is_compiled.cache_clear()
    monkeypatch.setattr(native, "SOURCE", changed)
    try:
        assert not native.is_compiled()
        assert native.read({1: dump([example()]).encode()}) == (None, {}, {})
    finally:
        native.is_compiled.cache_clear()
