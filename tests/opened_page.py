"""Build the report's page and open it in a real browser, from its file, with the network off."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from playwright.sync_api import Browser, BrowserContext, Page

from reports.cli import cli

READY = "html[data-drawn][data-latents][data-compare]"
# Figures wait for an idle moment: with this as the page's `script` it never comes.
NEVER_IDLE = "requestIdleCallback = () => 0"
LATENTS_READY = "html[data-latents]"
# A machine that is busy with other work is no fault of the page.
PATIENCE_MS = 120_000


def build_page(warehouse: Path, directory: Path, *options: str) -> Path:
    """Run `reports build` for the page alone, return its path."""
    arguments = ["build", "-w", str(warehouse), "-o", str(directory), "--format", "html", *options]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return directory / "report.html"


class Opened:
    """A page in a context of its own, and what it complained of."""

    def __init__(
        self, context: BrowserContext, path: Path, fragment: str = "", ready: str = READY, script: str = ""
    ) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        context.set_default_timeout(PATIENCE_MS)
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url[:60]))
        self.page.add_init_script(script)
        self.page.goto(path.as_uri() + fragment)
        self.page.wait_for_selector(ready, state="attached")


def wait_until(page: Page, is_so: Callable[[], bool]) -> bool:
    """Wait for what the page has still to do; return whether it was done in time."""
    for _ in range(PATIENCE_MS // 25):
        if is_so():
            return True
        page.wait_for_timeout(25)
    return False


def open_page(
    browser: Browser,
    path: Path,
    width: int = 1440,
    fragment: str = "",
    ready: str = READY,
    script: str = "",
    **options: Any,
) -> Opened:
    """Open a page and wait until its figures are drawn and its latents are there, or for the latents only.

    `script` runs in the page before its own scripts.
    """
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900}, **options)
    return Opened(context, path, fragment, ready, script)
