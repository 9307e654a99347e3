"""The dashboard as a person sees it, in a real Chromium."""

from pathlib import Path
import shutil
from typing import Final

from .homeassistant import DemoError, HomeAssistant

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_SIZE: Final = {"width": 1280, "height": 900}
# What must be on the page after the walk, in the words of the interface.
_WANTED: Final = ("Decisions today", "Dry run", "Playback", "Free space", "Viewings in 30 days")
_BAD: Final = ("Custom element doesn't exist", "Configuration error", "Entity not found")


async def look(ha: HomeAssistant, path: str, picture: Path) -> list[str]:
    """Open the dashboard, keep a picture of it, and say what is wrong. Raises DemoError."""
    # Only this needs the browser's driver.
    from playwright.async_api import async_playwright  # noqa: PLC0415

    program = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if program is None:
        raise DemoError("no Chromium on this machine")
    errors: list[str] = []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(viewport=_SIZE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(f"{ha.url}/{path}", wait_until="load")
        try:
            for words in _WANTED:
                await page.get_by_text(words, exact=False).first.wait_for(timeout=30_000)
        except Exception as err:  # the driver's own time-out, whatever its name
            errors.append(f"{words} is not on the page ({type(err).__name__})")
        await page.wait_for_timeout(1500)
        text = await page.locator("body").inner_text()
        errors += [bad for bad in _BAD if bad in text]
        await page.screenshot(path=picture)
        await browser.close()
    return errors
