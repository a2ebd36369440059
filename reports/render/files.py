"""Write a report's files: the page, the summary's CSV and, in one browser session, the figures' images.

The only module that knows kaleido.
"""

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..labels import in_csv
from ..sections.report import Report, Shown
from ..style import LIGHT, template
from .page import write_page

TEXT_FORMATS = ("html", "csv")
IMAGE_FORMATS = ("pdf", "png", "svg")
CSV_EXHIBITS = ("model_accuracy_summary",)
WIDTH = 900
PNG_SCALE = 2
BROWSER_REMEDY = "install Chromium (Debian: `apt-get install chromium`) or run `plotly_get_chrome`"


class OutputError(Exception):
    """Say which place cannot be written to, why and what to do."""


class BrowserError(Exception):
    """Say why there are no images and how to get them."""


def write_report(
    report: Report, directory: Path, formats: Collection[str], plotlyjs: str = "inline"
) -> list[Path]:
    """Write the page and the CSV, whichever of them is asked for; give their paths. Raises OutputError."""
    _make_directory(directory)
    paths = []
    if "html" in formats:
        paths.append(_write_beside(directory / "report.html", write_page(report, plotlyjs)))
    if "csv" in formats:
        paths += [
            _write_beside(directory / f"{shown.name}.csv", csv_text(shown))
            for shown in report.every_shown()
            if shown.name in CSV_EXHIBITS
        ]
    return paths


def write_images(report: Report, directory: Path, formats: Collection[str]) -> list[Path]:
    """Write every figure in each image format asked for, named after its exhibit; give their paths.

    They move into directory once all of them are made. Raises BrowserError without a working browser.
    """
    files = [
        (shown, f"{shown.name}.{ending}", ending)
        for shown in report.every_shown()
        if shown.figure is not None
        for ending in IMAGE_FORMATS
        if ending in formats
    ]
    if not files:
        return []
    _make_directory(directory)
    with TemporaryDirectory(prefix=".images-", dir=directory) as building:
        _draw([_order(shown, Path(building) / name, ending) for shown, name, ending in files])
        for _, name, ending in files:
            if ending == "pdf":
                _forget_when(Path(building) / name)
            (Path(building) / name).replace(directory / name)
    return [directory / name for _, name, _ in files]


def csv_text(shown: Shown) -> str:
    """Write an exhibit's rows as CSV: numbers in full, lists joined, no cell that a spreadsheet would run."""
    cells = shown.frame.astype(object).map(lambda value: in_csv(_joined(value)))
    return cells.to_csv(index=False, lineterminator="\n")


def _joined(value: object) -> object:
    """Write a list, which DuckDB gives as an array, as one text."""
    return (
        " ".join(str(item) for item in value)
        if hasattr(value, "tolist") and hasattr(value, "__len__")
        else value
    )


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{directory} cannot be made: {error.strerror}; give --out another place"
        ) from error


def _write_beside(path: Path, text: str) -> Path:
    """Write a file beside its place and move it there, so that nobody ever reads half of it."""
    building = path.with_name(f".{path.name}.part")
    try:
        building.write_text(text, encoding="utf-8", newline="\n")
        building.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}; give --out another place") from error
    finally:
        # After an error or Ctrl-C; else it has moved.
        building.unlink(missing_ok=True)
    return path


def _order(shown: Shown, path: Path, ending: str) -> dict[str, Any]:
    assert shown.figure is not None
    figure = shown.figure.to_plotly_json()
    layout = {**figure["layout"], "template": template(LIGHT)}
    return {
        "fig": {"data": figure["data"], "layout": layout},
        "path": path,
        "opts": {
            "format": ending,
            "width": max(WIDTH, layout["meta"]["min_width"]),
            "height": layout["height"],
            "scale": PNG_SCALE if ending == "png" else 1,
        },
    }


def _draw(orders: Sequence[dict[str, Any]]) -> None:
    # kaleido itself and not plotly.io.write_images, which cannot turn MathJax off (its page would ask the
    # network for it) and says nothing when an image failed.
    import kaleido
    from kaleido.errors import BrowserClosedError, BrowserFailedError, ChromeNotFoundError

    try:
        kaleido.write_fig_from_object_sync(orders, kopts={"mathjax": False}, cancel_on_error=True)
    except ChromeNotFoundError as error:
        raise BrowserError(f"no images, as there is no Chrome: {BROWSER_REMEDY}") from error
    except (BrowserFailedError, BrowserClosedError, TimeoutError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise BrowserError(f"no images, as Chrome did not work ({reason}): {BROWSER_REMEDY}") from error


def _forget_when(pdf: Path) -> None:
    """Set a PDF's dates to the epoch, in place and of equal length: the same figure, the same bytes."""
    dated = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")
    pdf.write_bytes(dated.sub(rb"\g<1>19700101000000", pdf.read_bytes()))
