"""Write a report's files: the page, the summary's CSV and, in one browser session, the figures' images."""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from markupsafe import escape

from explainer_warehouse.csv_table import csv_table

from ..answers.copies import Copies
from ..assemble.filled import Report, Shown
from ..assemble.report import Progress, silent
from ..labels import is_missing
from ..style import LIGHT, template
from .chrome import Draw, Drawing, Printing, draw
from .latex import latex
from .markdown import markdown
from .page import write_page

IMAGE_FORMATS = ("pdf", "png", "svg")
CSV_EXHIBITS = ("model_accuracy_summary",)
WIDTH = 900
PNG_SCALE = 2
# Of a file without its ending, in bytes; most file systems take 255.
LONGEST_NAME = 200
PRINTED = "report.pdf"
# The page prepares itself for paper when it hears of it.
READY = 'dispatchEvent(new Event("beforeprint")); figures.printable'
FOOTER = """<div style="width: 100%; margin: 0 16mm; display: flex; justify-content: space-between; gap: 8mm;
  font: 8px sans-serif; color: #59636e"><span>{title}</span>
  <span><span class="pageNumber"></span> / <span class="totalPages"></span></span></div>"""


class OutputError(Exception):
    """Say which place cannot be written to, why and what to do."""


def write_report(
    report: Report,
    directory: Path,
    formats: Collection[str],
    plotlyjs: str = "inline",
    copies: Copies | None = None,
) -> list[Path]:
    """Write the page, the CSV, Markdown and LaTeX, whichever is asked for; give their paths.

    copies: what the page answers SQL from
    Raises OutputError.
    """
    texts = {}
    if "html" in formats:
        texts["report.html"] = write_page(report, plotlyjs, copies)
    if "csv" in formats:
        texts |= {
            f"{shown.name}.csv": csv_text(shown)
            for shown in report.every_shown()
            if shown.name in CSV_EXHIBITS and not shown.is_failed
        }
    if "md" in formats:
        texts["report.md"] = markdown(report)
    if "latex" in formats:
        texts["report.tex"] = latex(report)
    if not texts:
        return []
    with _beside(directory) as building:
        for name, text in texts.items():
            (building / name).write_text(text, encoding="utf-8", newline="\n")
        return [_move(building / name, directory / name) for name in texts]


def write_images(
    report: Report,
    directory: Path,
    formats: Collection[str],
    scale: float = PNG_SCALE,
    progress: Progress = silent,
    draw: Draw = draw,
) -> list[Path]:
    """Write every figure in each image format asked for, named after its exhibit, and with pdf the page too.

    draw: what draws, if a browser is open already
    They move into directory once all of them are made; gives their paths. Raises OutputError, and
    BrowserError without a working browser.
    """
    files = [
        (shown, _file_name(shown.name, ending), ending)
        for shown in report.every_shown()
        if shown.figure is not None
        for ending in IMAGE_FORMATS
        if ending in formats
    ]
    if not files and "pdf" not in formats:
        return []
    with _beside(directory) as beside:
        orders: list[Drawing | Printing] = [
            _drawing(shown, beside / name, ending, scale) for shown, name, ending in files
        ]
        names = [name for _, name, _ in files]
        if "pdf" in formats:
            orders.append(_printing(report, beside, PRINTED))
            names.append(PRINTED)
        draw(orders, progress)
        return [_move(beside / name, directory / name) for name in names]


def write_figure(shown: Shown, path: Path, scale: float = PNG_SCALE) -> Path:
    """Write one figure in the format that path ends with. Raises OutputError, BrowserError."""
    with _beside(path.parent) as building:
        beside = building / path.name
        draw([_drawing(shown, beside, path.suffix[1:].lower(), scale)], silent)
        return _move(beside, path)


def csv_text(shown: Shown) -> str:
    """Write an exhibit's rows as CSV: numbers in full, lists joined, no cell that a spreadsheet would run."""
    rows = shown.frame.astype(object).itertuples(index=False, name=None)
    return csv_table(map(str, shown.frame.columns), ([_plain(value) for value in row] for row in rows))


def _plain(value: Any) -> Any:
    """Write a list, which DuckDB gives as an array, as one text, and what is missing as None."""
    if hasattr(value, "tolist") and hasattr(value, "__len__"):
        return " ".join(map(str, value))
    return None if is_missing(value) else value


@contextmanager
def _beside(directory: Path) -> Iterator[Path]:
    """Give a place of our own in a directory to write files, which then move there whole.

    Raises OutputError for whatever the system refuses meanwhile.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{directory} cannot be made: {error.strerror}; give --out another place"
        ) from error
    try:
        with TemporaryDirectory(prefix=".building-", dir=directory) as name:
            yield Path(name)
    except OSError as error:
        # Nobody has heard of where it was building.
        path = directory / Path(error.filename or "").name
        raise OutputError(f"{path} cannot be written: {error.strerror}; give --out another place") from error


def _file_name(name: str, ending: str) -> str:
    """Return a file's name, shortened where file systems take no longer one, with a mark of what it was."""
    encoded = name.encode()
    if len(encoded) > LONGEST_NAME:
        mark = sha256(encoded).hexdigest()[:8]
        name = f"{encoded[:LONGEST_NAME].decode(errors='ignore')}-{mark}"
    return f"{name}.{ending}"


def _drawing(shown: Shown, path: Path, ending: str, scale: float) -> Drawing:
    assert shown.figure is not None
    layout = {**shown.figure.layout, "template": template(LIGHT)}
    options = {
        "format": ending,
        "width": max(WIDTH, layout["meta"]["min_width"]),
        "height": layout["height"],
        "scale": scale if ending == "png" else 1,
    }
    return Drawing({"data": shown.figure.data, "layout": layout}, path, options)


def _printing(report: Report, directory: Path, name: str) -> Printing:
    page = directory / "page.html"
    page.write_text(write_page(report._replace(latents=report.latents.emptied())), encoding="utf-8")
    return Printing(page, directory / name, READY, FOOTER.format(title=escape(report.title)))


def _move(made: Path, path: Path) -> Path:
    if path.suffix.lower() == ".pdf":
        _forget_when(made)
    return made.replace(path)


def _forget_when(pdf: Path) -> None:
    """Set a PDF's dates to the epoch, in place and of equal length: the same figure, the same bytes."""
    dated = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")
    pdf.write_bytes(dated.sub(rb"\g<1>19700101000000", pdf.read_bytes()))
