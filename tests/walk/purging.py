"""A seedbox with torrents to purge."""

from collections.abc import Iterable
from typing import Any

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.showrunner.jobs.purge.job import PurgeJob
from custom_components.showrunner.jobs.purge.spec import SPEC
from world.clock import utcnow
from world.torrents import Torrent

from .deleting import Answer
from .household import until
from .pipeline import Pipeline

GB = 10**9


class Box:
    """The seedbox of a household, and what was asked of its client since."""

    def __init__(self, pipe: Pipeline) -> None:
        """Begin to count."""
        self.pipe = pipe
        self.house = pipe.house
        self.servers = pipe.house.servers
        self._from = len(self.servers.qbittorrent.calls)

    def torrent(self, number: int, **more: Any) -> Torrent:
        """Put in a torrent that is complete and has seeded enough."""
        made = self.servers.world.swarm.add(f"{number:040x}", f"Release {number}", GB, 1, "radarr")
        made.completed, made.ratio, made.seeded_before = utcnow(), 2.0, 5 * 86_400
        for name, value in more.items():
            setattr(made, name, value)
        return made

    def film(
        self,
        number: int,
        events: Iterable[str] = ("grabbed", "downloadFolderImported"),
        **more: Any,
    ) -> Torrent:
        """Put in a torrent of a film, and what Radarr says of it."""
        made, library = self.torrent(number, **more), self.servers.radarr_state.library
        movie = next(iter(library.movies.values()))
        for event in events:
            library.record(movie, event, made.hash.upper(), utcnow())
        return made

    @property
    def there(self) -> set[str]:
        """The names of all torrents."""
        return {one.name for one in self.servers.world.swarm.torrents.values()}

    @property
    def writes(self) -> list[str]:
        """List the changes that the client was asked for."""
        calls = self.servers.qbittorrent.calls[self._from :]
        return [
            call.path
            for call in calls
            if call.method != "GET" and not call.path.endswith("/auth/login")
        ]

    async def call(self, action: str, **data: Any) -> Answer:
        """Call an action, and give its answer."""
        answer = await self.house.hass.services.async_call(
            "showrunner", action, data, blocking=True, return_response=True
        )
        assert answer is not None
        return answer  # type: ignore[return-value]

    async def applied(self, plan_id: str) -> Answer:
        """Have a plan carried out, once nobody looks by the clock whether it can go on."""
        while True:
            try:
                return await self.call("apply_plan", plan_id=plan_id)
            except HomeAssistantError as err:
                if err.translation_key != "already_running":
                    raise
            await until(lambda: not self.job.runs.busy, what="nobody looks at it")

    async def ended(self, plan: Answer) -> Answer:
        """Wait until nothing of a plan waits any more, and give it as it is then."""
        found: Answer = {}

        async def over() -> bool:
            nonlocal found
            kept = await self.house.runtime.store.plans.get(plan["plan_id"])
            assert kept is not None
            found = kept.as_dict()
            return not kept.waiting

        await until(over, what="the plan ends")
        return found

    @property
    def job(self) -> PurgeJob:
        """The job itself."""
        return self.house.runtime.jobs[SPEC]

    def state(self, platform: str, key: str) -> str:
        """Give the state of an entity of the client, or of the server."""
        registry = er.async_get(self.house.hass)
        found = [
            one
            for one in er.async_entries_for_config_entry(registry, self.house.entry.entry_id)
            if one.domain == platform and one.unique_id.endswith(f"_{key}")
        ]
        assert len(found) == 1, found
        state = self.house.hass.states.get(found[0].entity_id)
        assert state is not None
        return state.state
