"""Write a report's tables as LaTeX: booktabs, values with their intervals, every text escaped."""

import unicodedata
from collections.abc import Iterable, Iterator

from ..assemble.filled import Report, Shown
from ..exhibit import cell, interval_cell

MOST_ROWS = 40
HEAD = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage{booktabs}
\usepackage{graphicx}
% LaTeX expects captions below.
\setlength{\belowcaptionskip}{6pt}
\begin{document}
"""
# What TeX reads as a command, a comment, a column or a sum: https://www.latex-project.org/help/documentation/
SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "[": "{[}",
    "]": "{]}",
    "\N{EN DASH}": "--",
    "\N{MINUS SIGN}": "$-$",
    "\N{MIDDLE DOT}": r"\textperiodcentered{}",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
}
# pdfTeX stops at a character that its fonts lack.
UNKNOWN = "?"


def latex(report: Report) -> str:
    """Write a document of the head sentences and the tables; each table can be copied into another."""
    parts = [HEAD + rf"\section*{{{escaped(report.title)}}}" + "\n" + escaped(report.scope) + "\n"]
    parts.append("\\begin{description}\n" + "".join(_statements(report)) + "\\end{description}\n")
    for shown in report.every_shown():
        if shown.columns:
            parts.append(latex_table(shown))
        elif shown.is_failed:
            parts.append(rf"\paragraph{{{escaped(shown.title)}}} {escaped(shown.caption)}" + "\n")
    return "\n".join(parts) + "\n\\end{document}\n"


def latex_table(shown: Shown) -> str:
    """Write one table, with its caption and label."""
    return "\n".join(_table(shown)) + "\n"


def escaped(text: str) -> str:
    """Write text so that TeX sets it as it is: one line; what T1 fonts lack is a question mark."""
    line = " ".join(text.split())
    # Two hyphens in a row would become a dash.
    return "".join(
        _character(character) + "{}" * (line[at : at + 2] == "--") for at, character in enumerate(line)
    )


def _character(character: str) -> str:
    if character in SPECIAL:
        return SPECIAL[character]
    # Letters of Latin-1, which inputenc and T1 have; of all the rest there is no telling.
    known = " " <= character <= "~" or (
        "\N{LATIN CAPITAL LETTER A WITH GRAVE}" <= character <= "\N{LATIN SMALL LETTER Y WITH DIAERESIS}"
        and unicodedata.category(character).startswith("L")
    )
    return character if known else UNKNOWN


def _statements(report: Report) -> Iterator[str]:
    for statement in report.statements:
        yield rf"\item[{{{escaped(statement.about)}}}] {escaped(statement.text)}" + "\n"


def _table(shown: Shown) -> Iterator[str]:
    columns = shown.columns
    caption = f"{shown.title}. {shown.caption}"
    if len(shown.frame) > MOST_ROWS:
        caption += f" {MOST_ROWS} of {len(shown.frame):,} rows."
    yield r"\begin{table}[htbp]"
    yield r"\centering\small"
    yield rf"\caption{{{escaped(caption)}}}"
    yield rf"\label{{tab:{shown.key.removeprefix('exhibit-')}}}"
    yield r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
    yield rf"\begin{{tabular}}{{@{{}}{''.join('r' if column.numeric else 'l' for column in columns)}@{{}}}}"
    yield r"\toprule"
    yield _row(escaped(column.heading) for column in columns)
    yield r"\midrule"
    for row in shown.frame.head(MOST_ROWS).to_dict("records"):
        yield _row(_cell(cell(column, row), interval_cell(column, row)) for column in columns)
    yield r"\bottomrule"
    yield r"\end{tabular}}"
    yield r"\end{table}"


def _cell(text: str, interval: str) -> str:
    return f"{escaped(text)} {{\\scriptsize ({escaped(interval)})}}" if interval else escaped(text)


def _row(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"
