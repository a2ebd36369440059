"""Write a report as one HTML page that needs nothing else: no network, no file beside it."""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..answers.cookbook import Ready, cookbook
from ..answers.copies import Copies
from ..assemble.filled import Report, Shown
from ..exhibit import Column, cell, interval_cell
from ..glossary import WORDS, parts, word_of
from ..labels import is_missing
from ..style import DARK, LIGHT, Look, Looks, template
from .packed import packed

STYLES = ("vendor/tabulator-6.5.3-simple.min.css", "report.css", "latents.css")
# The part of plotly.js that the figures use: the whole is three times as long, and takes a second to start.
PLOTLY = "vendor/plotly-cartesian-4.1.1.min.js"
# Run where they stand, before anything is painted.
EARLY_SCRIPTS = ("address.js", "theme.js", "contents.js")
SCRIPTS = (
    "dom.js",
    "scorers.js",
    "figures.js",
    "report.js",
    "words.js",
    "vendor/sortable-tablesort-4.1.7.min.js",
    "vendor/tabulator-6.5.3.min.js",
    "downloads.js",
    "latent_data.js",
    "latent_table.js",
    "latent_view.js",
    "compare.js",
)
ASK_SCRIPTS = ("database.js", "ask.js")
DUCKDB = "duckdb-eh-1.32.0"


class Cell(NamedTuple):
    """Hold a table cell as the page shows it; sort is None if the text itself sorts."""

    text: str
    interval: str
    number: bool
    sort: str | None
    look: Look | None


class Row(NamedTuple):
    """Hold a table row as the page shows it; that of a run that is not ranked is grey."""

    cells: list[Cell]
    is_unranked: bool


class Plotly(NamedTuple):
    """Hold plotly.js: its text, or the address to fetch it from and the hash that it must have."""

    text: Markup = Markup("")
    source: str = ""
    integrity: str = ""


class Ask(NamedTuple):
    """Hold what the page needs to answer SQL: queries that are ready, a note, what is packed, by its id."""

    queries: list[Ready]
    note: str
    queries_json: Markup
    packed: dict[str, str]


def write_page(report: Report, plotlyjs: str = "inline", copies: Copies | None = None) -> str:
    """Write the whole page. The same report gives the same text.

    plotlyjs: inline, or cdn: 1.5 MB less, and no figures without a network
    copies: what the page answers SQL from, with DuckDB itself
    """
    plotly = plotly_script(plotlyjs)
    early = {name.removesuffix(".js"): _static(name) for name in EARLY_SCRIPTS}
    rest = [_static(name) for name in (*SCRIPTS, *(ASK_SCRIPTS if copies else ()))]
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # zlib lets other threads run.
    with ThreadPoolExecutor() as threads:
        index = threads.submit(_packed_json, report.latents.overview)
        examples = threads.map(packed, report.latents.example_chunks)
        return environment.get_template("report.html.j2").render(
            report=report,
            policy=content_security_policy([*early.values(), *rest], plotly, copies is not None),
            style=Markup("\n".join(map(_static, STYLES))),
            templates=json_in_script({"light": template(LIGHT), "dark": template(DARK)}),
            figure=lambda shown: json_in_script(shown.figure._asdict()),
            packed_index=index.result,
            packed_examples=examples,
            scripts={**early, "rest": rest},
            plotly=plotly,
            words=sorted(WORDS, key=lambda word: word.name.lower()),
            parts=parts,
            word_of=word_of,
            ask=copies and ask_parts(copies),
            rows=lambda shown: _rows(shown, report.looks),
        )


def plotly_script(plotlyjs: str) -> Plotly:
    """Give the text of plotly.js, or the address where Plotly serves the version that is installed."""
    if plotlyjs == "inline":
        return Plotly(_static(PLOTLY))
    from plotly.offline import get_plotlyjs_version

    text = (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    source = f"https://cdn.plot.ly/plotly-{get_plotlyjs_version()}.min.js"
    return Plotly(source=source, integrity=_hash(text))


def ask_parts(copies: Copies) -> Ask:
    """Pack DuckDB, its worker and what it answers from."""
    vendor = files("reports") / "static" / "vendor"
    return Ask(
        cookbook(),
        copies.note,
        json_in_script([ready._asdict() for ready in cookbook()]),
        {
            "database-worker": packed(_static("database_worker.js")),
            "duckdb-worker": b64encode((vendor / f"{DUCKDB}.worker.js.gz").read_bytes()).decode(),
            "duckdb-module": b64encode((vendor / f"{DUCKDB}.wasm.gz").read_bytes()).decode(),
            "database-file": packed(copies.database),
        },
    )


def content_security_policy(scripts: Sequence[str], plotly: Plotly, asks: bool = False) -> str:
    """Allow these scripts, and nothing from anywhere else. plotly.js writes inline styles and data images.

    asks: whether DuckDB may run, in a worker that the page makes
    """
    texts = scripts if plotly.source else [*scripts, plotly.text]
    allowed = " ".join([plotly.source, *(f"'{_hash(text)}'" for text in texts)]).strip()
    worker = " worker-src blob:;" if asks else ""
    if asks:
        allowed += " 'wasm-unsafe-eval'"
    return (
        f"default-src 'none'; script-src {allowed};{worker} style-src 'unsafe-inline'; img-src data: blob:;"
        " base-uri 'none'; form-action 'none'"
    )


def json_in_script(value: Any) -> Markup:
    """Write JSON that a script element can hold: no text in it can end the element or open a comment."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _packed_json(value: Any) -> str:
    return packed(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _rows(shown: Shown, looks: Looks) -> Iterator[Row]:
    columns = shown.columns
    for row in shown.frame.to_dict("records"):
        yield Row([_cell(column, row, looks) for column in columns], not row.get("is_ranked", True))


def _cell(column: Column, row: dict[str, Any], looks: Looks) -> Cell:
    value = row[column.name]
    sort = None
    if column.numeric:
        sort = "" if is_missing(value) else repr(float(value))
    look = looks.get(row["run_id"]) if column.name == "run_label" and "run_id" in row else None
    return Cell(cell(column, row), interval_cell(column, row), column.numeric, sort, look)


def _static(name: str) -> Markup:
    return Markup((files("reports") / "static" / name).read_text(encoding="utf-8"))


def _hash(script: str) -> str:
    """Give a script's hash as integrity attributes and policies write it."""
    return f"sha256-{b64encode(sha256(script.encode()).digest()).decode()}"
