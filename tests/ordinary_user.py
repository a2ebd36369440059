"""Be a user who may not read everything, also where the tests run as root."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

NOBODY = 65534
# Python looks for these when they are first used, and its own directory may be closed to nobody.
for codec in ("utf-8-sig", "cp437"):
    b"-".decode(codec)


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Be nobody for a while; who is not root stays who they are."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
