"""The page as a person uses it, in a real Chromium.

A card from the picker, an approval and a plan by keyboard alone, a connection that is lost, and a
Home Assistant that starts again under the open page.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from world.servers import Servers

from .browser import barriers, chromium
from .homeassistant import DemoError, HomeAssistant
from .link import options

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

OWN: Final = "showrunner-own"
_LONG: Final = 60_000
_MOST_TABS: Final = 250
# What has the focus, through all shadow roots, as it is called.
_FOCUSED: Final = """() => {
  let e = document.activeElement;
  while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  return (e?.getAttribute("aria-label") || e?.innerText || "").trim().replace(/\\s+/g, " ");
}"""
# A closed dialog goes back in the browser's history a moment after it is out of sight: that
# would stop the loading of another page.
_NO_DIALOG: Final = "() => !history.state?.dialog"
_CUT: Final = "() => document.querySelector('home-assistant').hass.connection.socket.close()"

# What no walk asks for.
_ASKED: Final = "The Empty Reel"
_WHILE_CUT: Final = "Iron Pears"
_AFTERWARDS: Final = "Weekend Astronauts"

type Say = Callable[[str], None]


async def use(servers: Servers, ha: HomeAssistant, entry_id: str, path: str, say: Say) -> list[str]:
    """Use the page; give what did not work. Raises DemoError."""
    errors: list[str] = []
    async with chromium() as browser:
        context = await browser.new_context(
            viewport={"width": 1280, "height": 900},
            reduced_motion="reduce",
            service_workers="block",
        )
        page = await context.new_page()
        page.set_default_timeout(_LONG)
        page.on("pageerror", lambda error: errors.append(str(error)))
        here = _Use(servers, ha, entry_id, page, f"{ha.url}/{path}")
        for what, doing in (
            ("a card is added through the picker", here.picks_a_card),
            ("a request is approved by keyboard", here.approves),
            ("a plan is applied by keyboard, and one step of it taken back", here.applies),
            ("a connection that is lost comes back by itself", here.is_cut),
            ("Home Assistant starts again under the open page", here.restarts),
        ):
            try:
                await doing()
            except Exception as err:  # the driver's own time-out, whatever its name
                errors.append(f"{what}: {type(err).__name__} {str(err)[:300]}")
            else:
                say(what)
        await context.close()
    return errors


class _Use:
    """One page, and what is done on it."""

    def __init__(
        self, servers: Servers, ha: HomeAssistant, entry_id: str, page: Page, url: str
    ) -> None:
        """Take the page, which is empty yet."""
        self._servers = servers
        self._ha = ha
        self._entry_id = entry_id
        self._page = page
        self._url = url

    async def picks_a_card(self) -> None:
        """Add the seedbox's card to an empty dashboard, as anybody does."""
        config = {"views": [{"title": "Own", "type": "sections", "sections": [_EMPTY]}]}
        await self._ha.ws(
            type="lovelace/dashboards/create", url_path=OWN, title="Own", mode="storage"
        )
        await self._ha.ws(type="lovelace/config/save", url_path=OWN, config=config)
        page = self._page
        await page.goto(f"{self._ha.url}/{OWN}/0?edit=1", wait_until="load")
        await page.get_by_role("button", name="Add card").first.click()
        await page.get_by_text("By card", exact=True).first.click()
        await page.get_by_placeholder("Search cards").first.fill("Showrunner")
        # A card of the picker is under a sheet of glass, which takes the tap.
        card = page.locator("hui-card-picker .card", has_text="Showrunner: seedbox")
        await card.locator(".overlay").first.click()
        await page.locator("hui-dialog-edit-card showrunner-seedbox-card").first.wait_for()
        await page.get_by_role("textbox", name="Title").first.fill("Our box")
        await page.locator("hui-dialog-edit-card").get_by_role("button", name="Save").click()

        async def kept() -> bool:
            return "Our box" in str(await self._ha.ws(type="lovelace/config", url_path=OWN))

        await self._until(kept)
        await page.locator("showrunner-seedbox-card").get_by_text("Our box").first.wait_for()

    async def approves(self) -> None:
        """Approve what waits, and see it go on."""
        await self._servers.seerr_state.wish(_ASKED, "Kitchen")
        row = await self._requests(_ASKED)
        button = row.get_by_role("button", name=f"Approve {_ASKED}", exact=True)
        await button.wait_for()
        await row.locator(".open").first.click()
        await self._page.locator("showrunner-title ol li").first.wait_for()
        await self._unbarred()
        await self._page.keyboard.press("Escape")
        await self._page.locator("showrunner-title").wait_for(state="detached")
        await self._press(f"Approve {_ASKED}")
        await button.wait_for(state="detached")
        await row.first.wait_for()

    async def applies(self) -> None:
        """Look at what a cleanup would do and leave, apply it, and take one of its steps back."""
        # Whoever has chosen other rules before has begun every grace anew: then nothing is due yet.
        await options(self._ha, self._entry_id, "cleanup", {"grace_days": 0})
        await self._ha.action("showrunner", "cleanup_watched", {"media": "movie", "dry_run": True})
        await self._open("leaving")
        page = self._page
        row = page.locator("showrunner-leaving-card li", has_text="Cleanup of what was watched")
        await row.first.wait_for()
        await self._press("Cleanup of what was watched")
        plan = page.locator("showrunner-plan")
        await plan.get_by_role("button", name="Apply").wait_for()
        for summary, inside in (
            (".step summary", ".step details[open] p"),
            (".pad summary", ".out"),
        ):
            await self._press(_bare(await plan.locator(summary).first.inner_text()))
            await plan.locator(inside).first.wait_for()
        await self._unbarred()
        await self._press("Apply ")
        await self._press("Carry out")
        undo = plan.locator(".step.done").get_by_role("button", name="Undo")
        await undo.first.wait_for()
        await plan.get_by_role("progressbar").first.wait_for()
        # It goes on by itself to its end.
        await plan.get_by_role("button", name="Cancel the rest").wait_for(state="detached")
        await self._press("Undo")
        await self._press("Take back")
        await plan.get_by_role("alert").filter(has_text="not done").wait_for(state="detached")
        await page.keyboard.press("Escape")
        await plan.wait_for(state="detached")
        # How many there are is in its name, and may change meanwhile.
        await page.locator("showrunner-leaving-card summary").focus()
        await page.keyboard.press("Enter")
        await page.locator("showrunner-leaving-card li", has_text="Taken back").first.wait_for()

    async def is_cut(self) -> None:
        """See what has changed while there was no connection."""
        row = await self._requests(_WHILE_CUT)
        await self._page.evaluate(_CUT)
        await self._servers.seerr_state.wish(_WHILE_CUT, "Sofa")
        await row.first.wait_for()

    async def restarts(self) -> None:
        """See the list again, and what comes after it, without loading the page anew."""
        row = await self._requests(_AFTERWARDS)
        await self._page.evaluate("() => { window.stillThere = true; }")
        await self._ha.kill()
        await self._page.get_by_text("No connection to Home Assistant").first.wait_for()
        await self._ha.start_again()
        await self._page.get_by_text("No connection to Home Assistant").wait_for(state="detached")
        await self._servers.seerr_state.wish(_AFTERWARDS, "Sofa")
        await row.first.wait_for()
        if not await self._page.evaluate("() => window.stillThere === true"):
            raise DemoError("the page was loaded anew")

    async def _requests(self, title: str) -> Locator:
        """Open the requests and search for one; give its rows."""
        await self._open("requests")
        await self._page.get_by_placeholder("Search").fill(title)
        return self._page.locator("showrunner-requests-card li").filter(has_text=title)

    async def _open(self, view: str) -> None:
        await self._page.wait_for_function(_NO_DIALOG)
        await self._page.goto(f"{self._url}/{view}", wait_until="load")

    async def _unbarred(self) -> None:
        """See that nobody is kept out of what is open now. Raises DemoError."""
        if found := await barriers(self._page):
            raise DemoError("; ".join(found))

    async def _press(self, name: str) -> None:
        """Go to a control with the Tab key, and press Enter."""
        page = self._page
        for _ in range(_MOST_TABS):
            if str(await page.evaluate(_FOCUSED)).startswith(name):
                await page.keyboard.press("Enter")
                return
            await page.keyboard.press("Tab")
        raise DemoError(f"{name} is not reached by keyboard")

    async def _until(self, ask: Callable[[], Awaitable[bool]]) -> None:
        for _ in range(300):
            if await ask():
                return
            await self._page.wait_for_timeout(100)
        raise DemoError("it does not happen")


def _bare(text: str) -> str:
    """Give a text as it is found where the focus is: in one line."""
    return " ".join(text.split())


_EMPTY: Final = {"type": "grid", "cards": []}
