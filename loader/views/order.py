"""Work through the views of sql/ on threads, each view after those that it is made of."""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

THREADS = 2
_WORD = re.compile(r"[\w.]+")


def made_of(definitions: Mapping[str, str]) -> dict[str, set[str]]:
    """Return views, given with their queries in the order of sql/, each with all that its rows follow from.

    These are the views before it that its query names, and what they follow from. A column of such a name
    counts too, and does no harm.
    """
    behind: dict[str, set[str]] = {}
    for name, query in definitions.items():
        named = {word.removeprefix("main.") for word in _WORD.findall(query)} & behind.keys()
        behind[name] = named.union(*map(behind.__getitem__, named))
    return behind


def work_through(before: Mapping[str, set[str]], do: Callable[[str], None]) -> None:
    """Do something for each name on threads, once it is done for those that must be before it.

    Where it fails, it is done for all that need not wait for that; then raises what the first name raised.
    """
    order = TopologicalSorter(before)
    order.prepare()
    begun: dict[str, Future[None]] = {}
    done: set[str] = set()
    pool = ThreadPoolExecutor(THREADS)
    try:
        while True:
            begun |= {name: pool.submit(do, name) for name in order.get_ready()}
            running = {begun[name] for name in begun.keys() - done}
            if not running:
                break
            wait(running, return_when=FIRST_COMPLETED)
            finished = {name for name in begun.keys() - done if begun[name].done()}
            order.done(*(name for name in finished if begun[name].exception() is None))
            done |= finished
    finally:
        pool.shutdown(cancel_futures=True)
    for name in before:
        if name in begun:
            begun[name].result()
