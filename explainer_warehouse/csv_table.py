"""Write every CSV: RFC 4180, lines ending as on Unix, and no cell that a spreadsheet runs as a formula."""

import re
from collections.abc import Iterable
from typing import Any

# A spreadsheet takes a cell that begins so for a formula, unless it is a number:
# https://owasp.org/www-community/attacks/CSV_Injection. Written as Python and RE2 both read it.
FORMULA = "^[=+\\-@\\t\\r\\n\uff1d\uff0b\uff0d\uff20]"
NUMBER = "^[-+]?[0-9]*[.]?[0-9]+([eE][-+]?[0-9]+)?$"
_QUOTED = re.compile(r'["\s,]')


def csv_table(columns: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Write a header and rows of numbers, truths and texts; null is empty."""
    return "".join(_line(list(line)) for line in (columns, *rows))


def _line(values: list[Any]) -> str:
    # A line of one empty cell would be no row.
    return (",".join(map(_cell, values)) or '""') + "\n"


def _cell(value: Any) -> str:
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    if re.search(FORMULA, text) and not re.fullmatch(NUMBER, text):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
