"""The options of a cleanup, chosen, and what leaves by them."""

from datetime import timedelta

from custom_components.showrunner.jobs.cleanup.due import Leaving
from world.clock import utcnow

from .cleaning import Answer, Cleaned


async def choose(home: Cleaned, **options: object) -> None:
    """Set options of the cleanup."""
    for name, value in options.items():
        await home.house.runtime.set_option("cleanup", name, value)


async def shown(home: Cleaned) -> Answer:
    """Say what would leave."""
    await home.ready()
    return await home.call("cleanup_watched", dry_run=True)


def leaving(home: Cleaned) -> tuple[Leaving, ...]:
    """Give what is shown as leaving."""
    shown: tuple[Leaving, ...] | None = home.house.runtime.jobs.named("cleanup").leaving
    assert shown is not None
    return shown


async def announced_long_ago(home: Cleaned, *names: str) -> None:
    """Take it that what leaves by choice was chosen, and announced, more than a week ago."""
    kv = home.house.runtime.store.kv
    before = (utcnow() - timedelta(days=8)).isoformat()
    for name in names or ("cleanup:counted", "cleanup:announced"):
        kept = await kv.get(name)
        assert isinstance(kept, dict)
        if name == "cleanup:counted":
            await kv.put(name, {**kept, "since": before})
        else:
            await kv.put(name, dict.fromkeys(kept, before))
