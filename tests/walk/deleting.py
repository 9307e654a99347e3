"""A household in which a request is deleted, and what is looked at in it."""

from typing import Any

from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError

from custom_components.showrunner.domain.media import MediaType, ProviderIds, TitleKey
from custom_components.showrunner.domain.requests.request import RequestState
from tests.english import english
from world.catalogue import by_name
from world.clock import utcnow
from world.radarr_library import Movie
from world.shows import show_by_name

from .household import until
from .pipeline import Pipeline

FILM, SERIES = by_name("Third Shift"), show_by_name("Ferry Lights")
KEY = TitleKey(MediaType.MOVIE, ProviderIds(tmdb=FILM.tmdb, imdb=FILM.imdb))

type Answer = dict[str, Any]


class Room:
    """The household with one request, and what was asked of the services since it was there."""

    def __init__(self, pipe: Pipeline, number: int) -> None:
        """Begin to count."""
        self.pipe = pipe
        self.servers = pipe.house.servers
        self.number = number
        self._from = {name: len(server.calls) for name, server in self.servers.all.items()}

    @property
    def request_id(self) -> str:
        """Its name."""
        view = self.pipe.view(self.number)
        assert view is not None
        return view.request.id

    def writes(self, *names: str) -> list[str]:
        """List the changes that services were asked for since: method and path."""
        harmless = ("/auth/login", "/Library/Media/Updated", "/Library/Refresh")
        return [
            f"{call.method} {call.path}"
            for name in (names or ("radarr", "sonarr", "seerr", "qbittorrent", "jellyfin"))
            for call in self.servers.all[name].calls[self._from[name] :]
            if call.method != "GET" and not call.path.endswith(harmless)
        ]

    async def delete(self, *, files: bool, **more: Any) -> Answer:
        """Call the action."""
        return await self.call("delete_request", request_id=self.request_id, files=files, **more)

    async def call(self, action: str, context: Context | None = None, **data: Any) -> Answer:
        """Call an action, and give its answer."""
        answer = await self.pipe.house.hass.services.async_call(
            "showrunner", action, data, blocking=True, return_response=True, context=context
        )
        assert answer is not None
        return answer  # type: ignore[return-value]

    async def apply(self, plan: Answer) -> Answer:
        """Apply a plan, as soon as the job does not carry on what waits."""
        answer: Answer = {}

        async def taken() -> bool:
            nonlocal answer
            try:
                answer = await self.call("apply_plan", plan_id=plan["plan_id"])
            except HomeAssistantError as err:
                if err.translation_key != "already_running":
                    raise
                return False
            return True

        await until(taken, what="the plan is applied")
        return answer

    async def ended(self, plan: Answer) -> Answer:
        """Wait until nothing of a plan waits any more, and give it as it is then."""
        plans, found = self.pipe.house.runtime.store.plans, plan

        async def over() -> bool:
            nonlocal found
            kept = await plans.get(plan["plan_id"])
            assert kept is not None
            found = kept.as_dict()
            return not kept.waiting

        try:
            await until(over, what="the plan ends")
        except AssertionError as err:
            steps = [(step["id"], step["state"], step["detail"]) for step in found["steps"]]
            raise AssertionError(f"{err}: {steps}") from None
        return found

    async def begin_to_play(self) -> None:
        """Have somebody whom nobody tracks watch the film, slowly."""
        self.servers.play("Kitchen", FILM.name, 0.0, 1.0, 0.05)
        client = self.pipe.house.runtime.jellyfin.client

        async def seen() -> bool:
            return bool((await client.sessions(utcnow())).reports)

        await until(seen, what="it plays")

    @property
    def movie(self) -> Movie | None:
        """The film in Radarr."""
        return self.servers.radarr_state.library.by_tmdb(FILM.tmdb)


async def arrived(pipe: Pipeline) -> Room:
    """Give a room in which the film was asked for and has come."""
    number = await pipe.ask(FILM)
    await pipe.reaches(number, RequestState.AVAILABLE)
    await pipe.house.hass.async_block_till_done()
    return Room(pipe, number)


def states(plan: Answer) -> dict[str, str]:
    """Say how the steps ended."""
    return {step["id"]: step["state"] for step in plan["steps"]}


def details(plan: Answer, step_id: str) -> str:
    """Say what became of a step."""
    return next(english(step["detail"]) for step in plan["steps"] if step["id"] == step_id)
