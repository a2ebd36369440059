"""Read and write the pickle in which torch.save says which tensor is what part of which storage.

No pickle machinery and no torch: a global is only a name here, so nothing is ever imported or called. A
restricted pickle.Unpickler would still allocate by declared memo indices, and hashing a key of deeply nested
tuples would overflow the C stack.
"""

import io
import pickle
import pickletools
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from .secrets import shorten

# Of `array`.
Typecode = Literal["q", "i", "h", "b", "B"]
# By torch's name of a storage.
TYPECODES: dict[str, Typecode] = {
    "torch.LongStorage": "q",
    "torch.IntStorage": "i",
    "torch.ShortStorage": "h",
    "torch.CharStorage": "b",
    "torch.ByteStorage": "B",
}
REBUILD = "torch._utils._rebuild_tensor_v2"
ORDERED_DICT = "collections.OrderedDict"
WANTED = "wanted a dict of hookpoint to int64 tensor"
REMEDY = "save it again with torch.save({hookpoint: counts.long(), ...}, path)"
_OPCODES = {opcode.code.encode("latin-1"): opcode.name for opcode in pickletools.opcodes}


class TorchPickleError(ValueError):
    """Say what was found, what was wanted and what to do."""


class Storage(NamedTuple):
    """Name a record of raw numbers; the length is in numbers, as declared."""

    typecode: Typecode
    key: str
    length: int


class Tensor(NamedTuple):
    """Describe a tensor as a part of a storage, in numbers, as declared: nothing here is checked."""

    storage: Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


class Global(NamedTuple):
    """Name a function or class, which stays a name."""

    name: str


def load_tensors(pickled: bytes) -> Any:
    """Run the opcodes that torch writes for a dict of tensors, and no other; return what they make.

    Raises TorchPickleError on what is not admitted; EOFError, IndexError, KeyError, TypeError or ValueError
    on opcodes that do not fit together.
    """
    stream = io.BytesIO(pickled)
    stack: list[Any] = []
    marks: list[int] = []
    memo: dict[int, Any] = {}

    def take(size: int) -> bytes:
        if len(chunk := stream.read(size)) < size:
            raise EOFError("data.pkl ends early")
        return chunk

    def number(size: int) -> int:
        return int.from_bytes(take(size), "little")

    def line() -> str:
        return stream.readline().decode().removesuffix("\n")

    def pop_from(start: int) -> tuple[Any, ...]:
        if not 0 <= start <= len(stack):
            raise IndexError("data.pkl takes more values than it made")
        items = tuple(stack[start:])
        del stack[start:]
        return items

    while True:
        match take(1):
            case pickle.PROTO:
                take(1)
            case pickle.EMPTY_DICT:
                stack.append({})
            case pickle.EMPTY_TUPLE:
                stack.append(())
            case pickle.NEWFALSE:
                stack.append(False)
            case pickle.BININT:
                stack.append(int.from_bytes(take(4), "little", signed=True))
            case pickle.BININT1:
                stack.append(number(1))
            case pickle.BININT2:
                stack.append(number(2))
            case pickle.BINUNICODE:
                stack.append(take(number(4)).decode())
            case pickle.BINPUT:
                memo[number(1)] = stack[-1]
            case pickle.LONG_BINPUT:
                memo[number(4)] = stack[-1]
            case pickle.BINGET:
                stack.append(memo[number(1)])
            case pickle.LONG_BINGET:
                stack.append(memo[number(4)])
            case pickle.MARK:
                marks.append(len(stack))
            case pickle.TUPLE:
                stack.append(pop_from(marks.pop()))
            case pickle.TUPLE1:
                stack.append(pop_from(len(stack) - 1))
            case pickle.TUPLE2:
                stack.append(pop_from(len(stack) - 2))
            case pickle.TUPLE3:
                stack.append(pop_from(len(stack) - 3))
            case pickle.GLOBAL:
                stack.append(_admit(f"{line()}.{line()}"))
            case pickle.BINPERSID:
                stack.append(_storage(stack.pop()))
            case pickle.REDUCE:
                stack.append(_rebuild(*pop_from(len(stack) - 2)))
            case pickle.SETITEM:
                _set_items(stack[-3], pop_from(len(stack) - 2))
            case pickle.SETITEMS:
                items = pop_from(marks.pop())
                _set_items(stack[-1], items)
            case pickle.STOP:
                return stack.pop()
            case opcode:
                found = _OPCODES.get(opcode, repr(opcode))
                raise TorchPickleError(
                    f"found the pickle opcode {found}, {WANTED}; nothing was run; {REMEDY}"
                )


def dump_tensors(widths: Mapping[str, int]) -> bytes:
    """Write the pickle of a dict of 1-D int64 tensors, name -> width; the n-th fills the storage `n`."""
    items = b"".join(_text(name) + _tensor(key, width) for key, (name, width) in enumerate(widths.items()))
    return pickle.PROTO + b"\x02" + pickle.EMPTY_DICT + pickle.MARK + items + pickle.SETITEMS + pickle.STOP


def _admit(name: str) -> Global:
    if name in TYPECODES or name in (REBUILD, ORDERED_DICT):
        return Global(name)
    if name.startswith("torch.") and name.endswith("Storage"):
        raise TorchPickleError(
            f"found numbers of {shorten(name, 80)!r}, wanted one of {', '.join(TYPECODES)}; {REMEDY}"
        )
    raise TorchPickleError(f"found the global {shorten(name, 80)!r}, {WANTED}; nothing was run; {REMEDY}")


def _storage(persistent_id: Any) -> Storage:
    match persistent_id:
        # The last but one is the device, which changes nothing in the bytes.
        case ("storage", Global(name), str(key), str(), int(length)) if name in TYPECODES:
            return Storage(TYPECODES[name], key, length)
    raise TorchPickleError(f"found a persistent id that is no storage of whole numbers, {WANTED}; {REMEDY}")


def _rebuild(function: Any, arguments: Any) -> dict[str, Any] | Tensor:
    match function, arguments:
        case Global(name), () if name == ORDERED_DICT:
            return {}
        # The last two are requires_grad, which whole numbers cannot have, and the backward hooks.
        case Global(name), (
            Storage() as storage,
            int(offset),
            tuple(size),
            tuple(stride),
            False,
            dict(),
        ) if name == REBUILD and all(type(number) is int for number in (*size, *stride)):
            return Tensor(storage, offset, size, stride)
    raise TorchPickleError(f"found a call that rebuilds no plain tensor, {WANTED}; nothing was run; {REMEDY}")


def _set_items(target: dict[str, Any], items: tuple[Any, ...]) -> None:
    for key, value in zip(items[::2], items[1::2], strict=True):
        if type(key) is not str:
            raise TorchPickleError(f"found a key of type {type(key).__name__}, {WANTED}; {REMEDY}")
        target[key] = value


def _text(text: str) -> bytes:
    encoded = text.encode()
    return pickle.BINUNICODE + len(encoded).to_bytes(4, "little") + encoded


def _int(number: int) -> bytes:
    return pickle.BININT + number.to_bytes(4, "little", signed=True)


def _global(module: str, name: str) -> bytes:
    return pickle.GLOBAL + f"{module}\n{name}\n".encode()


def _tensor(key: int, width: int) -> bytes:
    storage = (
        pickle.MARK + _text("storage") + _global("torch", "LongStorage") + _text(str(key)) + _text("cpu")
    )
    storage += _int(width) + pickle.TUPLE + pickle.BINPERSID
    place = _int(0) + _int(width) + pickle.TUPLE1 + _int(1) + pickle.TUPLE1
    hooks = _global("collections", "OrderedDict") + pickle.EMPTY_TUPLE + pickle.REDUCE
    arguments = pickle.MARK + storage + place + pickle.NEWFALSE + hooks + pickle.TUPLE
    return _global("torch._utils", "_rebuild_tensor_v2") + arguments + pickle.REDUCE
