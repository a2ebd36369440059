"""Forged firing counts: nothing in the file is run, nothing is allocated that the file does not hold."""

import builtins
import io
import os
import pickle
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loader.files.firing_counts import FiringCountsError, read_firing_counts
from loader.files.torch_pickle import dump_tensors


def forge(data_pkl: bytes, storages: dict[str, bytes] | None = None, **options: Any) -> bytes:
    """Write a zip like torch's around any pickle."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        archive.writestr("archive/data.pkl", data_pkl)
        archive.writestr("archive/byteorder", "little")
        for key, record in (storages or {}).items():
            archive.writestr(f"archive/data/{key}", record)
    return buffer.getvalue()


def refusal(data: bytes) -> str:
    with pytest.raises(FiringCountsError) as error:
        read_firing_counts(data)
    return str(error.value)


def entry(name: str, width: int, offset: int = 0, stride: int = 1, length: int = 2) -> bytes:
    """Return the opcodes of a name and a tensor over the storage 0, true or not."""

    def text(value: str) -> bytes:
        return b"X" + len(value).to_bytes(4, "little") + value.encode()

    def number(value: int) -> bytes:
        return b"J" + value.to_bytes(4, "little", signed=True)

    storage = (
        b"(" + text("storage") + b"ctorch\nLongStorage\n" + text("0") + text("cpu") + number(length) + b"tQ"
    )
    place = number(offset) + number(width) + b"\x85" + number(stride) + b"\x85"
    hooks = b"ccollections\nOrderedDict\n)R"
    return text(name) + b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + place + b"\x89" + hooks + b"tR"


def pickle_of(*entries: bytes) -> bytes:
    return b"\x80\x02}(" + b"".join(entries) + b"u."


def refusal_within(data: bytes, n_bytes: int) -> str:
    """Return the refusal, and hold that no more than this much memory was taken."""
    tracemalloc.start()
    try:
        reason = refusal(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(data) + n_bytes
    return reason


class Call:
    """Call a function when unpickled, as an attacker's object does."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


@pytest.mark.parametrize(
    ("function", "argument"),
    [
        (os.system, "touch {}"),
        (builtins.eval, "open({!r}, 'w').close()"),
        (builtins.exec, "open({!r}, 'w').close()"),
        (os.mkdir, "{}"),
    ],
)
@pytest.mark.parametrize(
    "wrap", [lambda call: call, lambda call: {"layers.0": call}, lambda call: {"a": {"b": call}}]
)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_code_in_the_pickle_is_refused_and_not_run(
    tmp_path: Path,
    function: Callable[..., Any],
    argument: str,
    wrap: Callable[[Call], Any],
    protocol: int,
) -> None:
    trace = tmp_path / "trace"
    attack = pickle.dumps(wrap(Call(function, argument.format(str(trace)))), protocol)
    assert "nothing was run" in refusal(forge(attack))
    assert not trace.exists()
    # The attack is real: pickle runs it.
    pickle.loads(attack)
    assert trace.exists()


@pytest.mark.parametrize(
    "name",
    [
        "posix\nsystem",
        "builtins\neval",
        "builtins\ngetattr",
        "torch\nload",
        "torch.hub\nload",
        "torch.serialization\nload",
        "torch._utils\n_rebuild_tensor_v2.__globals__",
        "torch.storage\n_load_from_bytes",
        "collections\nOrderedDict.fromkeys",
        "numpy.core.multiarray\n_reconstruct",
    ],
)
def test_global_is_named_and_refused(name: str) -> None:
    reason = refusal(forge(pickle.PROTO + b"\x02c" + name.encode() + b"\n)R."))
    assert f"the global {name.replace(chr(10), '.')!r}" in reason
    assert "nothing was run" in reason


@pytest.mark.parametrize(
    ("opcodes", "found"),
    [
        (b"(S'touch x'\niposix\nsystem\n.", "STRING"),
        (b"(iposix\nsystem\n.", "INST"),
        (b"(cposix\nsystem\no.", "the global 'posix.system'"),
        (b"\x82\x01.", "EXT1"),
        (b"}}b.", "BUILD"),
        (b"ccollections\nOrderedDict\n)\x81.", "NEWOBJ"),
        (b"Pkey\n.", "PERSID"),
        (b"\x8c\x05posix\x8c\x06system\x93.", "SHORT_BINUNICODE"),
        (b"\x8d" + (1 << 40).to_bytes(8, "little") + b".", "BINUNICODE8"),
        (b"r\xff\xff\xff\xff.", "IndexError"),
        (b"X\xff\xff\xff\xffshort.", "ends early"),
        (b"j\xff\xff\xff\xff.", "KeyError"),
        (b"\xff.", "opcode b'\\xff'"),
        (b"}X\x01\x00\x00\x00a.", "found a str"),
        (b"ccollections\nOrderedDict\n.", "found a global"),
        (b"ctorch\nLongStorage\n)R.", "a call that rebuilds no plain tensor"),
        (b")Q.", "a persistent id that is no storage"),
        (b"}(X\x01\x00\x00\x00au.", "damaged"),
        (b")(X\x01\x00\x00\x00a)u.", "damaged"),
        (b"", "ends early"),
    ],
)
def test_opcodes_that_torch_does_not_write_are_refused(opcodes: bytes, found: str) -> None:
    assert found in refusal(forge(opcodes))


def test_dict_that_holds_itself_is_refused() -> None:
    assert "found a dict for 'a'" in refusal(forge(b"}q\x00X\x01\x00\x00\x00ah\x00s."))


def test_deeply_nested_tuples_are_refused_without_recursion() -> None:
    assert "found a tuple" in refusal(forge(b")" + b"\x85" * 1_000_000 + b"."))
    key = b"}" + b")" + b"\x85" * 1_000_000 + b")s."
    assert "a key of type tuple" in refusal(forge(key))


def test_zip_bomb_is_refused_unread() -> None:
    bomb = forge(bytes(100 << 20), compression=zipfile.ZIP_DEFLATED)
    assert len(bomb) < 1 << 20
    assert "compressed" in refusal_within(bomb, 4 << 20)


def test_huge_shape_over_a_small_storage_is_refused_unallocated() -> None:
    for width, length, reason in [
        ((1 << 31) - 1, 2, "inside its storage of 2 numbers"),
        ((1 << 31) - 1, (1 << 31) - 1, "found 2,147,483,647 latents"),
        (100_000_000, 100_000_000, "found 16 bytes for 'a', wanted 800,000,000"),
    ]:
        data = forge(pickle_of(entry("a", width, length=length)), {"0": bytes(16)})
        assert reason in refusal_within(data, 1 << 20)


def test_many_tensors_over_one_storage_are_refused_unallocated() -> None:
    entries = [entry(f"{i}", 30_000, length=30_000) for i in range(5_000)]
    data = forge(pickle_of(*entries), {"0": bytes(8 * 30_000)})
    assert "found 150,000,000 latents" in refusal_within(data, 32 << 20)


def test_huge_pickle_is_refused_unread() -> None:
    assert "found a data.pkl of 2,000,001 bytes" in refusal(forge(b")" * 2_000_000 + b"."))


def test_forged_size_of_a_record_is_refused_unallocated() -> None:
    data = bytearray(forge(dump_tensors({"a": 2}), {"0": bytes(16)}))
    # The sizes of the last record in the central directory.
    at = data.rindex(b"PK\x01\x02") + 20
    struct.pack_into("<II", data, at, 0x7FFF_FFFF, 0x7FFF_FFFF)
    assert "records of 2,147,4" in refusal_within(bytes(data), 1 << 20)


@pytest.mark.parametrize("name", ["archive/data.pkl", "archive/data/0"])
def test_two_records_of_one_name_are_refused(name: str) -> None:
    buffer = io.BytesIO(forge(dump_tensors({"a": 2}), {"0": bytes(16)}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        with zipfile.ZipFile(buffer, "a") as archive:
            archive.writestr(name, bytes(16))
    assert "two records of one name" in refusal(buffer.getvalue())


def test_two_pickles_are_refused() -> None:
    buffer = io.BytesIO(forge(dump_tensors({})))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("other/data.pkl", dump_tensors({}))
    assert "found 2 records named */data.pkl" in refusal(buffer.getvalue())


def test_zip_of_something_else_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "found 0 records named */data.pkl" in refusal(buffer.getvalue())


def test_encrypted_record_is_refused() -> None:
    data = bytearray(forge(dump_tensors({})))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "encrypted record 'archive/data.pkl'" in refusal(bytes(data))


def test_missing_and_short_storages_are_refused() -> None:
    assert "no record 'archive/data/0'" in refusal(forge(dump_tensors({"a": 2})))
    assert "found 8 bytes for 'a', wanted 16" in refusal(forge(dump_tensors({"a": 2}), {"0": bytes(8)}))


@pytest.mark.parametrize(
    ("width", "offset", "stride", "length"),
    [(3, 0, 1, 2), (2, 1, 1, 2), (2, 0, 2, 2), (-1, 0, 1, 2), (1, -1, 1, 2), (2, 1, -1, 2), (2, 0, 0, 2)],
)
def test_tensor_outside_its_storage_is_refused(width: int, offset: int, stride: int, length: int) -> None:
    data = forge(pickle_of(entry("a", width, offset, stride, length)), {"0": bytes(8 * length)})
    assert f"offset {offset}, size {width}, stride {stride}" in refusal(data)
