"""A real Chromium, Debian's own, and windows that report whatever a person or an auditor would call a fault.

A window fails its test when a page asks another host for anything, throws in a script, logs an error (a refused inline
script among them), shows an icon that the sprite lacks, misses a static file or answers 5xx. Set HALFSKY_CHROMIUM to use
another Chromium than the one on the path.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import waitress
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from wsgiref.types import WSGIApplication

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

HERE = Path(__file__).parent
SCREENSHOTS = HERE.parent.parent / "screenshots"
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # it opens our own pages only, and root and containers cannot have one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
# An icon that the sprite lacks is drawn as nothing; the page would look right to every other check.
ICONS = """addEventListener("load", async () => {
    const sprites = new Map();
    for (const use of document.querySelectorAll("use[href*='#']")) {
        const [file, id] = use.getAttribute("href").split("#");
        if (!sprites.has(file)) sprites.set(file, await fetch(file).then(r => r.text()).catch(() => null));
        const sprite = sprites.get(file);
        if (sprite && !sprite.includes(`id="${id}"`)) console.error(`no such icon: ${id}`);
    }
    window.iconsLookedFor = true;
})"""
#: the page is there, its icons have been looked for, and its drawings are drawn
SETTLED = """() => window.iconsLookedFor && (!window.BpmnJS ||
    [...document.querySelectorAll("[data-drawing] .diagram")].every((paper) => paper.hidden))"""
#: of what axe finds, violations alone are sent over
LOOK_WITH_AXE = """axe.run({resultTypes: ["violations"]})
    .then((found) => ({...found, passes: [], incomplete: [], inapplicable: []}))"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives the browser and is marked so."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the Chromium to drive."""
    if given := os.environ.get("HALFSKY_CHROMIUM"):
        found = shutil.which(given)
    else:
        found = next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("no Chromium on this machine; `apt-get install chromium` brings it")
    return found


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium per worker, which resolves no host name."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS])
        yield launched
        launched.close()


@dataclass
class Windows:
    """Opens windows, each a person of her own (cookies are not shared), and collects their faults."""

    browser: Browser
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, *, width: int = 1280, height: int | None = None, dark: bool = False, **context: Any) -> Page:
        """A new window of `width` CSS pixels (360 is the phone); `java_script_enabled=False` and the like go to Playwright."""
        opened = self.browser.new_context(
            viewport={"width": width, "height": height or (740 if width < 600 else 800)},
            locale=context.pop("locale", "zh-CN"),
            timezone_id="Asia/Shanghai",
            color_scheme="dark" if dark else "light",
            **context,
        )
        opened.set_default_timeout(10_000)
        opened.add_init_script(ICONS)
        self.contexts.append(opened)
        page = opened.new_page()
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("console", self._logged)
        page.on("pageerror", lambda error: self.faults.append(f"a script threw: {error}"))
        return page

    def close(self) -> None:
        """Close all windows."""
        for context in self.contexts:
            context.close()

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname not in ("127.0.0.1", "localhost"):
            self.faults.append(f"the page asked another host: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and "/static/" in response.url):
            self.faults.append(f"{response.status} for {response.url}")

    def _logged(self, line: ConsoleMessage) -> None:
        # A refused form (409, 422) is logged by the browser too; what matters of those, `_answered` has seen.
        if line.type == "error" and not re.match("Failed to load resource|Response Status Error Code", line.text):
            self.faults.append(f"the page logged an error: {line.text}")


@pytest.fixture
def windows(browser: Browser) -> Iterator[Windows]:
    """Opens windows; at the end of the test, they must have had no fault."""
    opened = Windows(browser)
    yield opened
    opened.close()
    assert not opened.faults, "\n".join(opened.faults)


@pytest.fixture
def page(windows: Windows) -> Page:
    """One window at 1280 pixels."""
    return windows.open()


@pytest.fixture
def screenshot() -> Callable[[Page, str], Path]:
    """`screenshot(page, "inbox")` writes screenshots/inbox-<width>.png (the whole page) for somebody to look at.

    Only with HALFSKY_TEST_SCREENSHOTS=1: drawing them takes a good part of a browser test, and nothing reads them.
    """

    def write(page: Page, name: str) -> Path:
        width = page.viewport_size["width"] if page.viewport_size else 0
        path = SCREENSHOTS / f"{name}-{width}.png"
        if os.environ.get("HALFSKY_TEST_SCREENSHOTS") == "1":
            page.screenshot(path=path, full_page=True)
        return path

    return write


@pytest.fixture
def assert_accessible() -> Callable[[Page], None]:
    """`assert_accessible(page)`: axe finds no violation of WCAG 2.2 A or AA, nor of its own good practices."""

    def check(page: Page) -> None:
        if not page.evaluate("'axe' in window"):  # once for each page, however often it is looked at
            page.evaluate(AXE_SCRIPT)
        found = AxeResults(page.evaluate(LOOK_WITH_AXE))
        assert not found.response["violations"], f"{page.url}\n{found.generate_report()}"

    return check


@pytest.fixture
def serve() -> Iterator[Callable[[WSGIApplication], str]]:
    """`serve(app)` answers for a WSGI application on a free loopback port until the test ends, and gives its address.

    By the server that is shipped: another one may let pass what this one refuses (a header that is not Latin-1).
    """
    running: list[Any] = []

    def start(app: WSGIApplication) -> str:
        server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
        threading.Thread(target=server.run, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.effective_port}"

    yield start
    for server in running:
        server.close()
        server.task_dispatcher.shutdown()
