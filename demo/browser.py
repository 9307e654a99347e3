"""The dashboard as a person sees it, in a real Chromium: wide and on a phone, light and dark."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import shutil
from typing import TYPE_CHECKING, Final

from .homeassistant import ROOT, DemoError, HomeAssistant

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
# What must be on each view after the walk, in the words of the interface.
VIEWS: Final = {
    "now": ("Now playing", "Watched last", "Decided last", "Requests", "Leaving", "Viewings today"),
    "requests": ("Requests", "Kitchen", "Requests under way"),
    "leaving": ("Leaving", "earlier plan", "Freed by deletions"),
    "seedbox": ("Seedbox", "qBittorrent", "Transfers", "Upload", "Torrents"),
    "history": ("Watched most", "Harrow & Daughter", "Watch time a day", "Saved and freed"),
    "services": ("Services", "Connected", "Dry run", "Look for downloads now"),
}
_BAD: Final = (
    *("Custom element doesn't exist", "Configuration error", "Entity not found", "Unavailable"),
    *("undefined", "NaN", "[object", "Invalid Date"),
)
_FLAGS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    # Nothing is fetched from elsewhere.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
# What is wider than the page, in all shadow roots: on a phone nobody scrolls to the side.
_WIDE: Final = """() => {
  const found = [], most = document.documentElement.clientWidth + 1;
  const walk = root => {
    for (const e of root.querySelectorAll("*")) {
      if (e.shadowRoot) walk(e.shadowRoot);
      if (e.tagName.startsWith("SHOWRUNNER-") && e.getBoundingClientRect().right > most)
        found.push(e.tagName.toLowerCase());
    }
  };
  walk(document);
  return found;
}"""


# What keeps somebody out who hears the page or has no mouse; of our cards, the rest is not ours.
_AXE: Final = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_BARRIERS: Final = """async () => {
  const { violations } = await axe.run(document);
  return violations.flatMap(({ id, nodes }) => nodes
    .map(({ target, failureSummary }) => [JSON.stringify(target), failureSummary])
    .filter(([target]) => target.includes("showrunner-"))
    .map(([target, why]) => `${id}: ${target.slice(-200)} ${why}`));
}"""


@dataclass(frozen=True, slots=True)
class Look:
    """One way of looking at the page."""

    name: str
    width: int
    height: int
    dark: bool = False

    @property
    def phone(self) -> bool:
        """Tell whether it is a phone."""
        return self.width < 600


LOOKS: Final = (
    Look("wide", 1280, 900),
    Look("wide-dark", 1280, 900, dark=True),
    Look("phone", 390, 844),
    Look("phone-dark", 390, 844, dark=True),
)


@asynccontextmanager
async def chromium() -> AsyncGenerator[Browser]:
    """Start this machine's Chromium. Raises DemoError."""
    # Only this needs the browser's driver.
    from playwright.async_api import async_playwright  # noqa: PLC0415

    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        raise DemoError("no Chromium on this machine")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=list(_FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


async def look(ha: HomeAssistant, path: str, folder: Path) -> list[str]:
    """Open every view of the dashboard, keep pictures, and say what is wrong. Raises DemoError."""
    errors: list[str] = []
    async with chromium() as browser:
        for one in LOOKS:
            wrong = await _look(browser, f"{ha.url}/{path}", one, folder)
            errors += [f"{one.name}: {error}" for error in wrong]
    return errors


async def _look(browser: Browser, url: str, one: Look, folder: Path) -> list[str]:
    errors: list[str] = []
    context = await browser.new_context(
        viewport={"width": one.width, "height": one.height},
        color_scheme="dark" if one.dark else "light",
        reduced_motion="reduce",
        service_workers="block",
        is_mobile=one.phone,
        has_touch=one.phone,
        device_scale_factor=2 if one.phone else 1,
    )
    page = await context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    for view, wanted in VIEWS.items():
        await page.set_viewport_size({"width": one.width, "height": one.height})
        await page.goto(f"{url}/{view}", wait_until="load")
        errors += [f"{view}: {problem}" for problem in await _seen(page, wanted)]
        # As tall as the page: what is not in view may not be drawn at all.
        tall = await page.evaluate("document.documentElement.scrollHeight")
        await page.set_viewport_size({"width": one.width, "height": max(one.height, tall)})
        await page.wait_for_timeout(500)
        await page.screenshot(path=folder / f"{view}-{one.name}.png")
        errors += [f"{view}: {barrier}" for barrier in await barriers(page)]
    await context.close()
    return errors


async def barriers(page: Page) -> list[str]:
    """Name what axe-core finds in our cards and dialogs. Raises DemoError."""
    if not _AXE.is_file():
        raise DemoError("axe-core is not there: script/frontend test")
    await page.evaluate(_AXE.read_text())
    found: list[str] = await page.evaluate(_BARRIERS)
    return found


async def _seen(page: Page, wanted: tuple[str, ...]) -> list[str]:
    """Wait for what is to be on a view, and read it for what nobody wants to see there."""
    problems: list[str] = []
    for words in wanted:
        found = page.get_by_text(words).or_(page.get_by_placeholder(words)).first
        try:
            await found.wait_for(timeout=60_000)
        except Exception as err:  # the driver's own time-out, whatever its name
            problems.append(f"{words} is not there ({type(err).__name__})")
    text = await page.locator("body").inner_text()
    wide: list[str] = await page.evaluate(_WIDE)
    problems += [f"says {bad}" for bad in _BAD if bad in text]
    return problems + [f"{name} is wider than the page" for name in wide]
