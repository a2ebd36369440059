"""Firing counts: what torch wrote is read, what we write is read back and by torch, damage is named."""

import io
import zipfile
from array import array
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.files.firing_counts import (
    FiringCounts,
    FiringCountsError,
    read_firing_counts,
    write_firing_counts,
)

DATA = Path(__file__).parent / "data"


def read(name: str) -> dict[str, list[int]]:
    """Return what a file of tests/data holds, in the order in which it is returned."""
    return {hookpoint: list(counts) for hookpoint, counts in read_firing_counts((DATA / name).read_bytes())}


def rezip(data: bytes, **options: Any) -> bytes:
    """Write every record of a zip into a new one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", **options) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return buffer.getvalue()


def test_real_torch_file_is_read_sorted_by_hookpoint() -> None:
    counts = read_firing_counts((DATA / "plain.pt").read_bytes())
    assert counts == [
        FiringCounts("layers.10.mlp", array("q", [1, 2, 3_000_000_000])),
        FiringCounts("layers.3.mlp", array("q", [5, 0, 7])),
    ]
    assert all(each.counts.typecode == "q" for each in counts)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("single.pt", {"layers.0": [4, 2]}),
        ("empty.pt", {}),
        ("zero_width.pt", {"one": [6], "zero": []}),
        (
            "views.pt",
            {"none": [], "odd": [1, 3, 5, 7, 9], "part": [2, 3, 4], "whole": list(range(10))},
        ),
        (
            "dtypes.pt",
            {
                "int16": [0, 2**15 - 1],
                "int32": [0, 2**31 - 1],
                "int64": [0, 2**62],
                "int8": [0, 127],
                "uint8": [0, 255],
            },
        ),
        ("many.pt", {f"{i}": list(range(i % 10, 10)) for i in range(42)}),
    ],
)
def test_every_form_that_torch_gives_whole_numbers_is_read(name: str, wanted: dict[str, list[int]]) -> None:
    assert read(name) == wanted


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("legacy.pt", "torch's format from before 1.6"),
        ("float.pt", "numbers of 'torch.FloatStorage'"),
        ("uint16.pt", "torch._utils._rebuild_tensor_v3"),
        ("matrix.pt", "a 2-D tensor for 'layers.0'"),
        ("scalar.pt", "a 0-D tensor for 'layers.0'"),
        ("expanded.pt", "size 5, stride 0"),
        ("negative.pt", "a negative count for 'layers.0'"),
        ("int_key.pt", "a key of type int"),
        ("list_value.pt", "the pickle opcode EMPTY_LIST"),
        ("tensor.pt", "found a tensor, wanted a dict"),
        ("list.pt", "the pickle opcode EMPTY_LIST"),
        ("parameter.pt", "the global 'torch._utils._rebuild_parameter'"),
    ],
)
def test_what_is_no_dict_of_counts_is_refused_with_its_reason(name: str, reason: str) -> None:
    with pytest.raises(FiringCountsError) as error:
        read(name)
    assert reason in str(error.value)
    assert "wanted" in str(error.value)


def test_every_fixture_is_tried_above() -> None:
    names = {path.name for path in DATA.glob("*.pt")}
    source = Path(__file__).read_text()
    assert names
    assert {name for name in names if f'"{name}"' not in source} == set()


@given(st.dictionaries(st.text(), st.lists(st.integers(0, 2**63 - 1), max_size=9), max_size=9))
def test_written_counts_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, counts: dict[str, list[int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "written.pt"
    write_firing_counts(path, counts)
    assert read_firing_counts(path.read_bytes()) == [
        FiringCounts(hookpoint, array("q", counts[hookpoint])) for hookpoint in sorted(counts)
    ]


def test_same_counts_make_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {"layers.3.mlp": [5, 0, 7], "layers.10.mlp": [1, 2, 3_000_000_000]}
    write_firing_counts(tmp_path / "now.pt", counts)
    monkeypatch.setattr("time.time", lambda: 1_000_000_000.0)
    write_firing_counts(tmp_path / "in 2001.pt", counts)
    assert (tmp_path / "now.pt").read_bytes() == (tmp_path / "in 2001.pt").read_bytes()


@pytest.mark.peers
def test_torch_loads_what_was_written(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="torch is only in the environment of `make test-peers`")
    counts = {"layers.3.mlp": [5, 0, 7], "layers.10.mlp": [1, 2, 3_000_000_000], "none": []}
    write_firing_counts(tmp_path / "counts.pt", counts)
    loaded = torch.load(tmp_path / "counts.pt", weights_only=True)
    assert {hookpoint: tensor.tolist() for hookpoint, tensor in loaded.items()} == counts
    assert {tensor.dtype for tensor in loaded.values()} == {torch.int64}


@pytest.mark.peers
@pytest.mark.parametrize(
    "name", ["plain.pt", "views.pt", "dtypes.pt", "zero_width.pt", "many.pt", "empty.pt"]
)
def test_torch_reads_the_same(name: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is only in the environment of `make test-peers`")
    loaded = torch.load(DATA / name, weights_only=True)
    assert read(name) == {hookpoint: tensor.tolist() for hookpoint, tensor in sorted(loaded.items())}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "an empty file"),
        (b"<html>404</html>", "bytes that begin b'<html>404</h'"),
        (b"PK\x03\x04", "shortened"),
    ],
)
def test_what_is_no_zip_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(FiringCountsError, match=reason):
        read_firing_counts(data)


def test_every_shortened_file_is_refused() -> None:
    data = (DATA / "plain.pt").read_bytes()
    for size in range(len(data)):
        with pytest.raises(FiringCountsError):
            read_firing_counts(data[:size])


@given(st.sampled_from(["plain.pt", "views.pt", "many.pt"]), st.data())
def test_damage_is_refused_or_harmless_and_never_a_crash(name: str, data: st.DataObject) -> None:
    damaged = bytearray((DATA / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        counts = read_firing_counts(bytes(damaged))
    except FiringCountsError as error:
        assert "wanted" in str(error)  # noqa: PT017 - the other outcome is as good
    else:
        assert all(min(each.counts, default=0) >= 0 for each in counts)


def test_rezipped_file_is_read_when_stored_and_refused_when_compressed() -> None:
    data = (DATA / "plain.pt").read_bytes()
    assert read_firing_counts(rezip(data)) == read_firing_counts(data)
    with pytest.raises(FiringCountsError, match="compressed or encrypted"):
        read_firing_counts(rezip(data, compression=zipfile.ZIP_DEFLATED))


def test_big_endian_numbers_are_turned() -> None:
    data = (DATA / "single.pt").read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            record = old.read(name)
            if name.endswith("/byteorder"):
                record = b"big"
            if name.endswith("/data/0"):
                record = b"".join(count.to_bytes(8, "big") for count in (4, 2))
            new.writestr(name, record)
    assert read_firing_counts(buffer.getvalue()) == [FiringCounts("layers.0", array("q", [4, 2]))]
