"""Write a report as Markdown that GitHub shows: what it found, and every table with its intervals."""

import re
from collections.abc import Iterator

from ..assemble.filled import Report, Shown
from ..exhibit import cell, interval_cell

MOST_ROWS = 30
# What GitHub gives a meaning to within a line: https://github.github.com/gfm/, its mentions, links and sums.
SPECIAL = re.compile(r"[\\`*_\[\]<>|~&$@#]|:(?=[\w/])|(?<=www)\.")


def markdown(report: Report) -> str:
    """Write the head sentences and the tables; a table of more than MOST_ROWS says that it is cut."""
    lines = [f"# {escaped(report.title)}", "", escaped(report.scope), "", "## In short", ""]
    lines += [
        f"- **{escaped(statement.about)}:** {escaped(statement.text)}" for statement in report.statements
    ]
    for filled in report.sections:
        tables = [shown for shown in filled.shown if shown.columns or shown.is_failed]
        if tables:
            lines += ["", f"## {escaped(filled.section.title)}", "", escaped(filled.section.lead)]
        for shown in tables:
            lines += ["", markdown_table(shown).removesuffix("\n")]
    return "\n".join(lines) + "\n"


def markdown_table(shown: Shown) -> str:
    """Write one table under its title, with its caption."""
    table = [*_table(shown), ""] if shown.columns else []
    return "\n".join([f"### {escaped(shown.title)}", "", *table, escaped(shown.caption)]) + "\n"


def escaped(text: str) -> str:
    """Write text so that GitHub shows it as it is, on one line."""
    return SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def _table(shown: Shown) -> Iterator[str]:
    columns = shown.columns
    yield _row(escaped(column.heading) for column in columns)
    yield _row("---:" if column.numeric else "---" for column in columns)
    for row in shown.frame.head(MOST_ROWS).to_dict("records"):
        yield _row(_cell(cell(column, row), interval_cell(column, row)) for column in columns)
    if len(shown.frame) > MOST_ROWS:
        yield ""
        yield f"{MOST_ROWS} of {len(shown.frame):,} rows; report.html has all."


def _cell(text: str, interval: str) -> str:
    return f"{escaped(text)} <sub>{escaped(interval)}</sub>" if interval else escaped(text)


def _row(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"
