"""Read a file's bytes, with what the operating system says of exactly these bytes."""

import hashlib
import os
import stat
from typing import NamedTuple

# The largest score file in the field has about 40 KB; a JSON value takes some ten times its text in memory.
MAX_BYTES = 32 << 20
# 30 hookpoints of 131,072 latents have 32 MB.
MAX_FIRING_COUNT_BYTES = 256 << 20


class ReadError(ValueError):
    """Say why a file could not be read; the caller adds its name."""


class UnreadableError(ReadError):
    """Say that the system does not let us read a file: what is in it is unknown."""


class VanishedError(ReadError):
    """Say that a file is no longer there."""


class Content(NamedTuple):
    """Hold a file's bytes, its modification time in nanoseconds, and the bytes' SHA-256, hexadecimal."""

    data: bytes
    mtime_ns: int
    content_hash: str


def read_content(path: str, max_bytes: int = MAX_BYTES) -> Content:
    """Read a regular file whole; raises ReadError if it cannot, also on more than `max_bytes`."""
    try:
        data, mtime_ns = _read(path, max_bytes)
    except FileNotFoundError as error:
        raise VanishedError("was listed, then gone; load again") from error
    except OSError as error:
        raise UnreadableError(
            f"could not be read ({error.strerror}), wanted a readable file; check its permissions"
        ) from error
    return content_of(data, mtime_ns)


def content_of(data: bytes, mtime_ns: int) -> Content:
    """Return what holds bytes, wherever they are from."""
    return Content(data, mtime_ns, hashlib.sha256(data).hexdigest())


def _read(path: str, max_bytes: int) -> tuple[bytes, int]:
    # Opening a FIFO would wait for a writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ReadError("found a directory, pipe or device, wanted a regular file; rename or remove it")
        if status.st_size > max_bytes:
            raise ReadError(
                f"found {status.st_size:,} bytes, wanted at most {max_bytes:,}; rename or remove it"
            )
        # One byte more than there were tells a file that is growing.
        data = os.read(descriptor, status.st_size + 1)
    finally:
        os.close(descriptor)
    if len(data) != status.st_size:
        raise ReadError(
            f"found {len(data):,} bytes, wanted the {status.st_size:,} that were there a moment ago; "
            "load again when the file is written"
        )
    return data, status.st_mtime_ns
