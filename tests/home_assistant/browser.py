"""Use Home Assistant in a browser, as its user does, and take pictures."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect, sync_playwright

from .core import HomeAssistant

NAMES = ("chromium", "chromium-browser", "google-chrome")
#: Where a browser is; Playwright's own is not used.
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)

needs_browser = pytest.mark.skipif(
    CHROMIUM is None,
    reason=f"no browser: none of {', '.join(NAMES)} is here; "
    "script/setup --system --home-assistant installs one",
)

DESKTOP = ViewportSize(width=1100, height=860)
PHONE = ViewportSize(width=390, height=844)

#: Milliseconds until something appears, and between two looks at whether anything still moves.
TIMEOUT = 30_000
LOOK = 300
#: How many looks must show the same page.
RESTS = 4

#: What Home Assistant draws in place of what it is still loading, and of what it cannot draw.
LOADING = "ha-spinner, ha-circular-progress, ha-fade-in, hui-loading-card"
ERRORS = "hui-error-card, hui-warning, hui-warning-element"

#: Charts take the width of this letter for the height of a line, and cut off what is below it if no
#: font on this machine has the letter. It is as wide as a font is high.
LINE_HEIGHT = """
const measure = CanvasRenderingContext2D.prototype.measureText;
CanvasRenderingContext2D.prototype.measureText = function (text) {
  const size = parseFloat(/[0-9.]+px/.exec(this.font));
  return text === "国" ? { width: size } : measure.call(this, text);
};
"""


@contextmanager
def program() -> Iterator[Browser]:
    """Run a browser that does not know any Home Assistant yet."""
    arguments = ["--disable-gpu", *["--no-sandbox"] * (os.geteuid() == 0)]
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=CHROMIUM, args=arguments) as result,
    ):
        yield result


@contextmanager
def browser(
    home: HomeAssistant,
    viewport: ViewportSize = DESKTOP,
    *,
    scale: float = 1,
    period: str = "now-7d",
) -> Iterator[Page]:
    """Run a browser in which the user is logged in, and that knows no other server.

    period: with which the page of energy begins, instead of today.
    """
    tokens = {
        "hassUrl": home.url,
        "clientId": f"{home.url}/",
        "access_token": home.token,
        "refresh_token": "",
        "token_type": "Bearer",
        "expires_in": 10**8,
        "expires": 10**14,
    }
    storage = {
        "hassTokens": json.dumps(tokens),
        "dockedSidebar": json.dumps("always_hidden"),
        "energy-default-period-_energy_dashboard": period,
    }
    script = f"Object.entries({json.dumps(storage)}).forEach((row) => localStorage.setItem(...row))"
    with program() as launched:
        context = launched.new_context(
            base_url=home.url,
            viewport=viewport,
            device_scale_factor=scale,
            locale="en-GB",
            timezone_id="Europe/Copenhagen",
            reduced_motion="reduce",
            service_workers="block",
        )
        context.set_default_timeout(TIMEOUT)
        context.add_init_script(script)
        context.add_init_script(LINE_HEIGHT)
        context.route(lambda url: not url.startswith(f"{home.url}/"), lambda route: route.abort())
        yield context.new_page()


def text(page: Page, part: str) -> Locator:
    """Return all places where a text is shown."""
    return page.get_by_text(part).locator("visible=true")


def wait_for(page: Page, part: str) -> None:
    """Wait until a text is shown, nothing is loading, and the page has not changed for a while.

    It is an error if Home Assistant could not draw something.
    """
    text(page, part).first.wait_for()
    expect(page.locator(LOADING).locator("visible=true")).to_have_count(0, timeout=TIMEOUT)
    looks: list[bytes] = []
    while len(looks) < RESTS or len(set(looks[-RESTS:])) > 1:
        assert len(looks) < TIMEOUT // LOOK, f"the page with {part!r} never rests"
        page.wait_for_timeout(LOOK)
        looks.append(page.screenshot())
    expect(page.locator(ERRORS)).to_have_count(0)


def picture(page: Page, file: Path) -> None:
    """Write a PNG of what is shown."""
    page.screenshot(path=file, animations="disabled", caret="hide")
    # A page has few colours; with a palette the file is a third of the size.
    with Image.open(file) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)
