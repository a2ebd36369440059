"""Pack text so that it takes little room in a page and nothing in it can be read as HTML."""

import gzip
from base64 import b64encode


def packed(text: str) -> str:
    """Compress text with gzip and write it in base64; without a date, so the same text gives the same."""
    return b64encode(gzip.compress(text.encode(), compresslevel=6, mtime=0)).decode()
