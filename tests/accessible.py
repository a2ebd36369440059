"""What axe says of a page."""

from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"


def serious(page: Page, *parts: str, only: list[str] | None = None) -> list[str]:
    """List what axe finds serious in parts of the page, by all of its rules or only by some."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    # Drawings have names and no more; axe measures their thousands of shapes even where they are excluded.
    page.locator(".main-svg").evaluate_all(
        "drawings => drawings.forEach(drawing => drawing.replaceChildren())"
    )
    found = page.evaluate(
        """([parts, only]) => axe.run({ include: parts, exclude: [".main-svg"] }, {
          resultTypes: ["violations"],
          ...(only && { runOnly: only }),
        })""",
        [parts, only],
    )
    assert len(found["passes"]) == len(only) if only else len(found["passes"]) > 10
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
