"""The dashboard as a person sees it, in a real Chromium: wide and on a phone, light and dark."""

from dataclasses import dataclass
from pathlib import Path
import shutil
from typing import TYPE_CHECKING, Final

from .homeassistant import DemoError, HomeAssistant

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
# What must be on the page after the walk, in the words of the interface.
_WANTED: Final = (
    *("Plays now", "Viewings", "Decisions today", "Dry run", "Free space", "Viewings in 30 days"),
    *("What happened", "Services"),
)
_BAD: Final = (
    *("Custom element doesn't exist", "Configuration error", "Entity not found", "Unavailable"),
    *("TemplateError", "UndefinedError", "undefined", "None"),
)
_FLAGS: Final = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    # Nothing is fetched from elsewhere.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
# Texts that end in three dots because there is no room for them, in all shadow roots.
_CUT: Final = """() => {
  const found = [];
  const walk = root => {
    for (const e of root.querySelectorAll("*")) {
      if (e.shadowRoot) walk(e.shadowRoot);
      const style = getComputedStyle(e);
      if (style.textOverflow === "ellipsis" && e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
        found.push((e.innerText || e.textContent || "").trim().slice(0, 60) || e.tagName);
    }
  };
  walk(document.querySelector("home-assistant").shadowRoot);
  return found.filter(text => text.length > 1);
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
    Look("dashboard", 1280, 900),
    Look("dashboard-dark", 1280, 900, dark=True),
    Look("dashboard-phone", 390, 844),
    Look("dashboard-phone-dark", 390, 844, dark=True),
)


async def look(ha: HomeAssistant, path: str, folder: Path) -> list[str]:
    """Open the dashboard, keep pictures of it, and say what is wrong. Raises DemoError."""
    # Only this needs the browser's driver.
    from playwright.async_api import async_playwright  # noqa: PLC0415

    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        raise DemoError("no Chromium on this machine")
    errors: list[str] = []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=list(_FLAGS))
        for one in LOOKS:
            wrong = await _look(browser, f"{ha.url}/{path}", one, folder)
            errors += [f"{one.name}: {error}" for error in wrong]
        await browser.close()
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
    await page.goto(url, wait_until="load")
    try:
        for words in _WANTED:
            await page.get_by_text(words, exact=False).first.wait_for(timeout=30_000)
    except Exception as err:  # the driver's own time-out, whatever its name
        errors.append(f"{words} is not on the page ({type(err).__name__})")
    # As tall as the page: what is not in view may not be drawn at all.
    tall = await page.evaluate("document.documentElement.scrollHeight")
    await page.set_viewport_size({"width": one.width, "height": max(one.height, tall)})
    await page.wait_for_timeout(1500)
    errors += await _seen(page)
    await page.screenshot(path=folder / f"{one.name}.png")
    await context.close()
    return errors


async def _seen(page: Page) -> list[str]:
    """Read the page for what nobody wants to see on it."""
    text = await page.locator("body").inner_text()
    cut: list[str] = await page.evaluate(_CUT)
    return [f"says {bad}" for bad in _BAD if bad in text] + [f"cut: {one}" for one in cut]
