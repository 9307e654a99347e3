"""The walk without a screen: one walk a subject, in `walks`."""

from world.servers import Servers

from .homeassistant import HomeAssistant
from .walks.cleanup import cleanup
from .walks.copies import copies
from .walks.extras import extras
from .walks.first_film import first_film
from .walks.requests import requests
from .walks.seedbox import seedbox
from .walks.walk import Say, Walk
from .walks.watching import watching


async def walk(servers: Servers, ha: HomeAssistant, entry_id: str, say: Say) -> int:
    """Go through all stations; give 0, or 1 when one is missing."""
    here = Walk(servers, ha, entry_id, say)
    for part in (first_film, watching, requests, seedbox, cleanup, copies, extras):
        await part(here)
    if here.missing:
        say(f"FAILED: {len(here.missing)} are missing: {'; '.join(here.missing)}")
        return 1
    say("all stations reached")
    return 0
