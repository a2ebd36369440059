"""Write a report as one HTML page that needs nothing else: no network, no file beside it."""

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..labels import is_missing
from ..sections.model import Column, cell, interval_cell
from ..sections.report import Report, Shown
from ..style import DARK, LIGHT, Looks, template

if TYPE_CHECKING:
    import plotly.graph_objects as go

SORTER = "sortable-tablesort-4.1.7.min.js"


class Cell(NamedTuple):
    """Hold a table cell as the page shows it; sort is None where the text itself sorts."""

    text: str
    interval: str
    number: bool
    sort: str | None
    colour: str | None


def write_page(report: Report) -> str:
    """Write the whole page. The same report gives the same text."""
    scripts = [_plotly_js(), _static(SORTER), _static("report.js")]
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(
        report=report,
        policy=content_security_policy(scripts),
        style=Markup(_static("report.css")),
        figures=Markup(_figures_json(report)),
        scripts=[Markup(script) for script in scripts],
        rows=lambda shown: _rows(shown, report.looks),
    )


def content_security_policy(scripts: list[str]) -> str:
    """Allow these scripts, and nothing from anywhere else. plotly.js writes inline styles and data images."""
    hashes = " ".join(
        f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:;"
        " base-uri 'none'; form-action 'none'"
    )


def json_in_script(value: Any) -> str:
    """Write JSON that a script element can hold: no text in it can end the element or open a comment."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def plain_figure(figure: "go.Figure") -> dict[str, Any]:
    """Turn a figure into plain data without its template; NaN becomes null."""
    data = json.loads(figure.to_json(validate=False, engine="json"))
    data["layout"].pop("template", None)
    return data


def _figures_json(report: Report) -> str:
    return json_in_script(
        {
            "figures": {
                f"{shown.key}-plot": plain_figure(shown.figure)
                for shown in report.every_shown()
                if shown.figure is not None
            },
            "templates": {"light": template(LIGHT), "dark": template(DARK)},
        }
    )


def _rows(shown: Shown, looks: Looks) -> Iterator[list[Cell]]:
    for row in shown.frame.to_dict("records"):
        yield [_cell(column, row, looks) for column in shown.exhibit.columns]


def _cell(column: Column, row: dict[str, Any], looks: Looks) -> Cell:
    value = row[column.name]
    sort = None
    if column.numeric:
        sort = "" if is_missing(value) else repr(float(value))
    look = looks.get(row.get("run_id")) if column.name == "run_label" else None
    return Cell(cell(column, row), interval_cell(column, row), column.numeric, sort, look and look.colour)


def _static(name: str) -> str:
    return (files("reports") / "static" / name).read_text(encoding="utf-8")


def _plotly_js() -> str:
    return (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
