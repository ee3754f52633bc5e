"""Look at Home Assistant with a browser, as its user does, and take pictures."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, Route, ViewportSize, sync_playwright

from .core import HomeAssistant
from .installation import MissingError

#: The names under which it is found; Playwright's own is not asked for.
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

DESKTOP = ViewportSize(width=1100, height=800)
PHONE = ViewportSize(width=390, height=844)

#: Seconds until something is seen.
TIMEOUT = 30

# Resolves to true as soon as nothing has moved for half a second: what is still loading spins.
SETTLED = """
async () => {
  const all = function* (root) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* all(element.shadowRoot);
    }
  };
  const spins = new Set(["HA-SPINNER", "HA-CIRCULAR-PROGRESS", "HA-FADE-IN", "HUI-LOADING-CARD"]);
  let quiet = 0;
  let before = "";
  while (quiet < 5) {
    await new Promise((done) => setTimeout(done, 100));
    let text = "";
    let isLoading = false;
    for (const element of all(document)) {
      const box = element.getBoundingClientRect();
      if (!box.width) continue;
      isLoading ||= spins.has(element.tagName);
      text += [element.tagName, box.x, box.y, box.height].join();
    }
    quiet = !isLoading && text === before ? quiet + 1 : 0;
    before = text;
  }
  return true;
}
"""

#: What Home Assistant draws in the place of a card that it cannot draw.
ERRORS = "hui-error-card, hui-warning, hui-warning-element"


class Browser:
    """One page of a browser. page: for what is not here."""

    def __init__(self, home: HomeAssistant, page: Page) -> None:
        """Look at this Home Assistant."""
        self._home = home
        self.page = page

    def open(self, path: str, expected: str) -> None:
        """Open a path such as "/energy" and wait until a text is seen and nothing moves.

        Raises playwright's TimeoutError.
        """
        self.page.goto(f"{self._home.url}{path}", wait_until="commit")
        self.wait_for(expected)

    def wait_for(self, expected: str) -> None:
        """Wait until a text is seen and nothing moves."""
        self.page.get_by_text(expected).locator("visible=true").first.wait_for()
        self.page.wait_for_function(SETTLED)

    def shows(self, text: str) -> bool:
        """Tell whether a text is seen."""
        return self.page.get_by_text(text).locator("visible=true").count() > 0

    def errors(self) -> list[str]:
        """Return the text of each card, or part of one, that Home Assistant could not draw."""
        return [element.inner_text() for element in self.page.locator(ERRORS).all()]

    def picture(self, file: Path) -> None:
        """Write a PNG of what is seen."""
        self.page.screenshot(path=file, animations="disabled", caret="hide")
        # A page has few colours; with a table of them the file is a third of the size.
        with Image.open(file) as image:
            image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(file, optimize=True)


def chromium() -> str:
    """Return the path of a browser. Raises MissingError."""
    for name in CHROMIUM:
        if path := shutil.which(name):
            return path
    raise MissingError(
        f"no browser: none of {', '.join(CHROMIUM)} is here; "
        "script/setup --system --home-assistant installs one"
    )


def missing() -> str:
    """Return what is missing for a browser; empty if nothing is."""
    try:
        chromium()
    except MissingError as error:
        return str(error)
    return ""


@contextmanager
def browser(
    home: HomeAssistant, viewport: ViewportSize = DESKTOP, *, scale: float = 1
) -> Iterator[Browser]:
    """Run a browser in which the user is logged in, and that knows no other server.

    Raises MissingError.
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
        # The page of energy begins with today.
        "energy-default-period-_energy_dashboard": "now-7d",
    }
    script = f"Object.entries({json.dumps(storage)}).forEach((row) => localStorage.setItem(...row))"
    executable = chromium()
    arguments = ["--disable-gpu", *["--no-sandbox"] * (os.geteuid() == 0)]
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=executable, args=arguments)
        try:
            context = program.new_context(
                viewport=viewport,
                device_scale_factor=scale,
                locale="en-GB",
                timezone_id="Europe/Copenhagen",
                reduced_motion="reduce",
                service_workers="block",
            )
            context.set_default_timeout(TIMEOUT * 1000)
            context.add_init_script(script)
            context.route(lambda url: not url.startswith(f"{home.url}/"), _abort)
            yield Browser(home, context.new_page())
        finally:
            program.close()


def _abort(route: Route) -> None:
    route.abort()
