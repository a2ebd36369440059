"""Read and write delphi's `hookpoint_firing_counts.pt` without torch, which is gigabytes.

The file is a zip of one pickle, `<prefix>/data.pkl`, and the raw numbers, `<prefix>/data/<key>`:
https://github.com/pytorch/pytorch/blob/main/docs/source/notes/serialization.rst
"""

import io
import struct
import sys
import zipfile
import zlib
from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from .secrets import shorten
from .torch_pickle import REMEDY, WANTED, Tensor, TorchPickleError, dump_tensors, load_tensors

# 1,024 hookpoints of 131,072 latents; a real run has about 30.
MAX_LATENTS = 1 << 27
# One tensor takes about 100 bytes of pickle.
MAX_PICKLE_BYTES = 1 << 20

# What zipfile and load_tensors raise on damaged bytes; a RuntimeError is, as NotImplementedError, a zip
# feature that zipfile lacks.
DAMAGE = (
    zipfile.BadZipFile,
    struct.error,
    zlib.error,
    EOFError,
    LookupError,
    TypeError,
    ValueError,
    OverflowError,
    MemoryError,
    RuntimeError,
)
ENCRYPTED = 0x1  # bit of a record's flags
COPY = "copy the file again or run delphi again"


class FiringCountsError(ValueError):
    """Say what was found, what was wanted and what to do; the caller adds the file's name."""


class FiringCounts(NamedTuple):
    """Hold one hookpoint's counts of tokens on which a latent was above 0, int64; the index is the latent."""

    hookpoint: str
    counts: "array[int]"


def read_firing_counts(data: bytes) -> list[FiringCounts]:
    """Read the bytes of a `hookpoint_firing_counts.pt`, sorted by hookpoint.

    Raises FiringCountsError on all but torch's zip of a dict of 1-D tensors of whole numbers, 0 or more.
    """
    if not data.startswith(b"PK\x03\x04"):
        raise FiringCountsError(f"{_describe_start(data)}, or run delphi again")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _read_archive(archive, len(data))
    except FiringCountsError:
        raise
    except TorchPickleError as error:
        raise FiringCountsError(str(error)) from error
    except DAMAGE as error:
        raise FiringCountsError(
            f"found a damaged or shortened file ({type(error).__name__}: {error}), "
            f"wanted the zip that torch.save writes; {COPY}"
        ) from error


def write_firing_counts(file: Path | BinaryIO, counts: Mapping[str, Sequence[int]]) -> None:
    """Write a file that torch.load reads as a dict of hookpoint to int64 tensor.

    The same counts make the same bytes, whatever the day and the machine.
    """
    records = {"data.pkl": dump_tensors({hookpoint: len(numbers) for hookpoint, numbers in counts.items()})}
    records["byteorder"] = b"little"
    for key, numbers in enumerate(counts.values()):
        storage = array("q", numbers)
        if sys.byteorder == "big":
            storage.byteswap()
        records[f"data/{key}"] = storage.tobytes()
    records["version"] = b"3\n"
    with zipfile.ZipFile(file, "w") as archive:
        for name, record in records.items():
            info = zipfile.ZipInfo(f"archive/{name}")
            info.create_system = 3  # zipfile writes 0 on Windows.
            archive.writestr(info, record)


def _describe_start(data: bytes) -> str:
    if not data:
        return "found an empty file, wanted the zip that torch.save writes; copy the file again"
    if data.startswith(b"\x80"):
        return (
            "found torch's format from before 1.6, a bare pickle, wanted the zip that torch.save writes; run "
            "delphi again, and load a pickle only if you know who wrote it: it can run code"
        )
    return f"found bytes that begin {data[:12]!r}, wanted the zip that torch.save writes; copy the file again"


def _read_archive(archive: zipfile.ZipFile, n_bytes: int) -> list[FiringCounts]:
    records = archive.infolist()
    if len(records) != len(archive.NameToInfo):
        raise FiringCountsError(f"found two records of one name, wanted each once; {COPY}")
    # torch neither compresses nor encrypts. Stored records are together no larger than the file, unless they
    # overlap in a forged one: no zip bombs.
    for record in records:
        if record.compress_type != zipfile.ZIP_STORED or record.flag_bits & ENCRYPTED:
            raise FiringCountsError(
                f"found a compressed or encrypted record {shorten(record.filename, 80)!r}, "
                f"wanted it stored as torch does; {REMEDY}"
            )
    total = sum(record.file_size for record in records)
    if total > n_bytes:
        raise FiringCountsError(
            f"found records of {total:,} bytes in a file of {n_bytes:,}, wanted all in the file; {COPY}"
        )
    pickles = [record for record in records if record.filename.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise FiringCountsError(f"found {len(pickles)} records named */data.pkl, wanted one; {REMEDY}")
    size = pickles[0].file_size
    if size > MAX_PICKLE_BYTES:
        raise FiringCountsError(
            f"found a data.pkl of {size:,} bytes, wanted at most {MAX_PICKLE_BYTES:,}; {REMEDY}"
        )
    prefix = pickles[0].filename.removesuffix("data.pkl")
    tensors = _checked_tensors(load_tensors(_read_record(archive, f"{prefix}data.pkl")))
    order = "little"  # torch before 2.1 writes no byteorder.
    if f"{prefix}byteorder" in archive.NameToInfo:
        order = _read_record(archive, f"{prefix}byteorder").decode()
    if order not in ("little", "big"):
        raise FiringCountsError(f"found the byteorder {order[:20]!r}, wanted little or big; {REMEDY}")
    keys = {tensor.storage.key for tensor in tensors.values()}
    storages = {key: _read_record(archive, f"{prefix}data/{key}") for key in sorted(keys)}
    return [
        FiringCounts(hookpoint, _read_counts(hookpoint, tensor, storages[tensor.storage.key], order))
        for hookpoint, tensor in sorted(tensors.items())
    ]


def _read_record(archive: zipfile.ZipFile, name: str) -> bytes:
    if name not in archive.NameToInfo:
        raise FiringCountsError(
            f"found no record {shorten(name, 80)!r}, wanted every storage that data.pkl names; {COPY}"
        )
    return archive.read(name)


def _checked_tensors(loaded: Any) -> dict[str, Tensor]:
    if type(loaded) is not dict:
        raise FiringCountsError(f"found a {type(loaded).__name__.lower()}, {WANTED}; {REMEDY}")
    for hookpoint, tensor in loaded.items():
        if type(tensor) is not Tensor:
            raise FiringCountsError(
                f"found a {type(tensor).__name__} for {shorten(hookpoint, 80)!r}, {WANTED}; {REMEDY}"
            )
        if len(tensor.size) != 1 or len(tensor.stride) != 1:
            raise FiringCountsError(
                f"found a {len(tensor.size)}-D tensor for {shorten(hookpoint, 80)!r}, wanted 1-D; {REMEDY}"
            )
        (width,), (stride,) = tensor.size, tensor.stride
        span = (width - 1) * stride + 1 if width else 0
        # A stride of 0 declares any width over one number.
        if (
            min(width, tensor.offset) < 0
            or (width > 1 > stride)
            or tensor.offset + span > tensor.storage.length
        ):
            raise FiringCountsError(
                f"found a tensor for {shorten(hookpoint, 80)!r} of offset {tensor.offset}, size {width}, "
                f"stride {stride}, wanted it inside its storage of {tensor.storage.length} numbers; {COPY}"
            )
    # Many tensors may share one storage.
    latents = sum(tensor.size[0] for tensor in loaded.values())
    if latents > MAX_LATENTS:
        raise FiringCountsError(f"found {latents:,} latents, wanted at most {MAX_LATENTS:,}; {REMEDY}")
    return loaded


def _read_counts(hookpoint: str, tensor: Tensor, record: bytes, order: str) -> "array[int]":
    typecode, _, length = tensor.storage
    counts = array(typecode)
    if len(record) != length * counts.itemsize:
        raise FiringCountsError(
            f"found {len(record):,} bytes for {shorten(hookpoint, 80)!r}, "
            f"wanted {length * counts.itemsize:,}; {COPY}"
        )
    (width,), (stride,) = tensor.size, tensor.stride
    step = stride if width > 1 else 1
    numbers = memoryview(record).cast(typecode)[tensor.offset : tensor.offset + width * step : step]
    counts.frombytes(numbers.tobytes())
    if order != sys.byteorder:
        counts.byteswap()
    if min(counts, default=0) < 0:
        raise FiringCountsError(
            f"found a negative count for {shorten(hookpoint, 80)!r}, wanted 0 or more; run delphi again"
        )
    return counts if typecode == "q" else array("q", counts)
