"""Read score files by machine code, in `parser.cpp`: its header says which, and why that is safe."""

import ctypes
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from .classifier_examples import NO_LOG_PROBS
from .family import FastRead

SOURCE = Path(__file__).with_name("parser.cpp")
# Made from the source by `hatch_build.py` when the package is installed.
LIBRARY = SOURCE.with_suffix(".so")


class Rows:
    """Hold rows of `example_facts` for DuckDB, as an Arrow stream."""

    def __init__(self, library: ctypes.PyDLL, batch: int) -> None:
        self._library, self._batch = library, batch

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """Return an Arrow stream of the rows, in a PyCapsule."""
        return self._library.scores_stream(self._batch)

    def __del__(self) -> None:
        """Let go of the rows; a stream that is still read keeps them."""
        self._library.scores_let_go(self._batch)


def read(files: Mapping[int, bytes]) -> FastRead:
    """Read those of score files, id -> bytes, that the parser accepts: none if it was not compiled."""
    if not files or not is_compiled():
        return FastRead(None, {}, {})
    parse, library = _load()
    n_examples = (ctypes.c_int32 * len(files))()
    lacks_log_probs = (ctypes.c_bool * len(files))()
    batch = parse(
        (ctypes.c_char_p * len(files))(*files.values()),
        (ctypes.c_int64 * len(files))(*map(len, files.values())),
        (ctypes.c_int64 * len(files))(*files),
        len(files),
        n_examples,
        lacks_log_probs,
    )
    if batch is None:
        raise MemoryError
    rows = Rows(library, batch)
    accepted = {file_id: n for file_id, n in zip(files, n_examples, strict=True) if n}
    lacking = [file_id for file_id, lacks in zip(files, lacks_log_probs, strict=True) if lacks]
    return FastRead(rows if accepted else None, accepted, {file_id: [NO_LOG_PROBS] for file_id in lacking})


@cache
def is_compiled() -> bool:
    """Tell whether there is a library, made from the source that lies beside it."""
    if not LIBRARY.exists():
        return False
    made_from = (ctypes.c_char * 64).in_dll(ctypes.CDLL(str(LIBRARY)), "scores_source").value
    return made_from == hashlib.sha256(SOURCE.read_bytes()).hexdigest().encode()


@cache
def _load() -> tuple[Any, ctypes.PyDLL]:
    """Return what parses, which runs without Python's lock, and the library for what needs the lock."""
    parse = ctypes.CDLL(str(LIBRARY)).scores_parse
    parse.restype = ctypes.c_void_p
    n_files, place = ctypes.c_int64, ctypes.c_void_p
    parse.argtypes = [place, place, place, n_files, place, place]
    library = ctypes.PyDLL(str(LIBRARY))
    library.scores_stream.restype = ctypes.py_object
    library.scores_stream.argtypes = library.scores_let_go.argtypes = [ctypes.c_void_p]
    library.scores_let_go.restype = None
    return parse, library
