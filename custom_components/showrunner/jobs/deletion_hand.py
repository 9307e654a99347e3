"""How the steps of a deletion are carried out: planned anew from fresh answers, done, read back.

A step is carried out only while the very same step would be planned again in that moment (law 3):
same file, same size, proofs that hold, not kept, not playing, and nobody monitors it any more.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import override

from ..clients.errors import Refused, ServiceError, Unreachable
from ..clients.radarr import RadarrClient, RadarrMovie
from ..clients.seerr import SeerrRequest
from ..clients.sonarr import SonarrClient
from ..coordinators.radarr import RadarrCoordinator
from ..coordinators.requests import RequestTracker
from ..coordinators.seerr import SeerrCoordinator
from ..coordinators.sonarr import SonarrCoordinator
from ..coordinators.torrents import TorrentCoordinator
from ..domain.knowledge import Absent, Answer, Knowledge, Known, Unknown
from ..domain.plan import Action, Step
from ..domain.requests.draft import Deletion
from ..domain.requests.recheck import OVER, against_doing
from ..domain.text import say
from .runner import Applied, Check, Handler, Proceed, Skip

type Replan = Callable[[str, bool], Awaitable[Deletion | None]]


@dataclass(frozen=True, slots=True)
class Tools:
    """What the hands need. `replan`: what would be planned for a request now; None: it is over."""

    replan: Replan
    requests: RequestTracker
    radarrs: Mapping[str, RadarrCoordinator]
    sonarrs: Mapping[str, SonarrCoordinator]
    torrents: Mapping[str, TorrentCoordinator]
    seerrs: Mapping[str, SeerrCoordinator]
    now: Callable[[], datetime]


class _Hand:
    """What all steps of a deletion share."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def check(self, step: Step, prepares: Sequence[Step] = ()) -> Check:
        """Plan anew; go on when the very same step is planned again."""
        arguments = dict(step.arguments)
        request, files = arguments.get("request"), arguments.get("with_files")
        if not isinstance(request, str) or not isinstance(files, bool):
            return Skip(say("plan_without_request"))
        against = against_doing(step, await self._tools.replan(request, files), prepares)
        return against if against is not None else Proceed(await self._before(step))

    async def _before(self, step: Step) -> Mapping[str, object]:
        """Say what the ledger keeps: the arr's whole record, where there is one."""
        return {"target": step.as_dict()["target"], "arguments": dict(step.arguments)}

    # -- whom to ask -------------------------------------------------------------------------------

    def _radarr(self, step: Step) -> RadarrClient:
        found = self._tools.radarrs.get(step.target.service)
        if found is None:
            raise Refused("Radarr", 410, say("arr_not_linked", arr="Radarr"))
        return found.client

    def _sonarr(self, step: Step) -> SonarrClient:
        found = self._tools.sonarrs.get(step.target.service)
        if found is None:
            raise Refused("Sonarr", 410, say("arr_not_linked", arr="Sonarr"))
        return found.client

    async def _movie(self, step: Step) -> RadarrMovie | None:
        """Find the step's movie; None also when its number is another title's now."""
        movie = await self._radarr(step).movie(_number(step))
        if movie is None or movie.title.ids.matches(step.target.ids) is not Answer.YES:
            return None
        return movie


class _ReadBack(_Hand):
    """A step that counts as done when the service says so afterwards, and not before."""

    async def apply(self, step: Step) -> Applied:
        """Do it, then read back."""
        await self._do(step)
        try:
            told = await self.happened(step, self._tools.now())
        except ServiceError as err:
            # It was not refused: what became of it will be asked again.
            told = Unknown(err.text)
        match told:
            case Known(applied):
                return applied
            case Unknown(reason):
                raise Unreachable(step.target.kind, reason)
        raise Refused(step.target.kind, 0, say("nothing_changed"))

    async def _do(self, step: Step) -> None:
        raise NotImplementedError

    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Read back."""
        raise NotImplementedError


class _OfMovie(_ReadBack):
    """A step on a movie, with Radarr's whole record in the ledger before."""

    @override
    async def _before(self, step: Step) -> Mapping[str, object]:
        record = await self._radarr(step).record(_number(step))
        if record is None:
            raise Refused("Radarr", 404, say("no_longer_in", arr="Radarr"))
        return {**await super()._before(step), "record": record}


class UnmonitorMovie(_OfMovie):
    """Have Radarr look no more for a movie."""

    @override
    async def _do(self, step: Step) -> None:
        await self._radarr(step).edit(_number(step), monitored=False)

    @override
    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        movie = await self._movie(step)
        if movie is None or movie.monitored:
            return Absent("radarr")
        return Known(
            Applied(say("done_unmonitored"), {"movie_id": movie.id, "monitored": False}), "radarr"
        )


class DeleteMovieFile(_OfMovie):
    """Delete one movie file through Radarr, and nothing that lies beside it."""

    @override
    async def _do(self, step: Step) -> None:
        (number,) = _numbers(step, "files")
        await self._radarr(step).delete_file(number)

    @override
    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        movie, (number,) = await self._movie(step), _numbers(step, "files")
        if movie is None:
            return Unknown(say("file_not_told"), "radarr")
        if movie.file_id == number:
            return Absent("radarr")
        return Known(Applied(say("done_file_gone"), {"file_id": number}, step.bytes), "radarr")


class DeleteMovie(_OfMovie):
    """Have Radarr forget a movie. Its folder stays."""

    @override
    async def _do(self, step: Step) -> None:
        await self._radarr(step).delete_movie(_number(step))

    @override
    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        movie = await self._radarr(step).movie(_number(step))
        if movie is None:
            await self._radarr(step).status()  # a proxy before a Radarr that is down says 404, too
        elif movie.title.ids.matches(step.target.ids) is not Answer.NO:
            return Absent("radarr")
        return Known(Applied(say("done_gone", arr="Radarr"), {"movie_id": _number(step)}), "radarr")


class _OfSeries(_ReadBack):
    """A step on a series, with Sonarr's record and its monitored episodes in the ledger before."""

    @override
    async def _before(self, step: Step) -> Mapping[str, object]:
        sonarr = self._sonarr(step)
        record = await sonarr.record(_number(step))
        if record is None:
            raise Refused("Sonarr", 404, say("no_longer_in", arr="Sonarr"))
        monitored = [one.id for one in await sonarr.episodes(_number(step)) if one.monitored]
        before = await super()._before(step)
        return {**before, "record": record, "monitored_episodes": monitored}


class UnmonitorEpisodes(_OfSeries):
    """Have Sonarr look no more for episodes."""

    @override
    async def _do(self, step: Step) -> None:
        await self._sonarr(step).set_monitored(_numbers(step, "episodes"), monitored=False)

    @override
    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        wanted = set(_numbers(step, "episodes"))
        told = await self._sonarr(step).episodes(_number(step))
        if any(one.monitored for one in told if one.id in wanted):
            return Absent("sonarr")
        after = {"episode_ids": sorted(wanted), "monitored": False}
        return Known(Applied(say("done_episodes_unmonitored", count=len(wanted)), after), "sonarr")


class DeleteEpisodeFiles(_OfSeries):
    """Delete episode files of one series through Sonarr."""

    @override
    async def _do(self, step: Step) -> None:
        await self._sonarr(step).delete_files(_numbers(step, "files"))

    @override
    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        sizes = dict(zip(_numbers(step, "files"), _numbers(step, "sizes"), strict=False))
        there = {one.id: one.path for one in await self._sonarr(step).files(_number(step))}
        left = sizes.keys() & there.keys()
        if left == sizes.keys():
            return Absent("sonarr")
        gone = sizes.keys() - left
        after = {"file_ids": sorted(gone), "left": sorted(left)}
        said = say("done_files_gone", gone=len(gone), all=len(sizes))
        if left:
            paths = tuple(sorted(there[one] for one in left))
            said = say("done_files_partly", gone=len(gone), all=len(sizes), left=paths)
        freed = sum(sizes[one] for one in gone)
        return Known(Applied(said, after, freed, half=bool(left)), "sonarr")


class RemoveTorrent(_ReadBack):
    """Remove one torrent from its client."""

    def _client(self, step: Step) -> TorrentCoordinator:
        found = self._tools.torrents.get(step.target.service)
        if found is None:
            raise Refused(step.target.kind, 410, say("client_not_linked"))
        return found

    @override
    async def _do(self, step: Step) -> None:
        await self._client(step).client.remove(_hash(step))

    @override
    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        one = self._client(step)
        told = await one.client.torrents()
        if not one.believes(told, without=_hash(step)):
            return Unknown(say("says_torrents_gone"), step.target.kind)
        if told.get(_hash(step)) is not None:
            return Absent(step.target.kind)
        await one.let_go(_hash(step))
        said = say("done_removed")
        if one.client.removes_data:
            said = say("done_removed_with_data")
        return Known(Applied(said, {"hash": _hash(step)}, step.bytes), step.target.kind)


class _OfSeerr(_ReadBack):
    """A step on Seerr."""

    def _seerr(self, step: Step) -> SeerrCoordinator:
        found = self._tools.seerrs.get(step.target.service)
        if found is None:
            raise Refused("Seerr", 410, say("arr_not_linked", arr="Seerr"))
        return found

    async def _request(self, step: Step, number: int) -> SeerrRequest | None:
        """Find a request; that there is none counts when Seerr says so, and no proxy before it."""
        client = self._seerr(step).client
        told = await client.request(number)
        if told is None:
            await client.check()
        return told


class ForgetMedia(_OfSeerr):
    """Have Seerr forget a title of which nothing is left; its requests go with it."""

    @override
    async def check(self, step: Step, prepares: Sequence[Step] = ()) -> Check:
        """Ask once more who else wants it: a request made since the last poll would go too."""
        checked = await super().check(step, prepares)
        if not isinstance(checked, Proceed):
            return checked
        number = dict(step.arguments).get("number")
        newest = await self._seerr(step).client.newest()
        if any(
            one.media_id == step.target.remote_id and one.id != number for one in newest.requests
        ):
            return Skip(say("asked_again"), needless=True)
        return checked

    @override
    async def _do(self, step: Step) -> None:
        await self._seerr(step).client.delete_media(_number(step))

    @override
    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        number = dict(step.arguments).get("number")
        told = await self._request(step, number if isinstance(number, int) else 0)
        if told is not None and told.media_id == step.target.remote_id:
            return Absent("seerr")
        return Known(Applied(say("done_forgotten"), {"media_id": step.target.remote_id}), "seerr")


class DeleteRequest(_OfSeerr):
    """Delete the request in Seerr, where it is there, and close it here."""

    @override
    async def check(self, step: Step, prepares: Sequence[Step] = ()) -> Check:
        """Go on also when Seerr has dropped it with its title: that is what was asked for."""
        checked = await super().check(step, prepares)
        if checked is not OVER:
            return checked
        gone = isinstance(await self.happened(step, self._tools.now()), Known)
        return Proceed(await self._before(step)) if gone else checked

    @override
    async def _do(self, step: Step) -> None:
        if step.target.remote_id is not None:
            await self._seerr(step).client.delete_request(step.target.remote_id)

    @override
    async def happened(self, step: Step, since: datetime) -> Knowledge[Applied]:
        number = step.target.remote_id
        if number is not None and await self._request(step, number) is not None:
            return Absent("seerr")
        ref = str(dict(step.arguments)["request"])
        await self._tools.requests.withdrawn(ref, self._tools.now())
        return Known(Applied(say("done_deleted"), {"request": ref}), "seerr")


def handlers(tools: Tools) -> dict[Action, Handler]:
    """Give the hand for each action of a deletion."""
    return {
        Action.UNMONITOR_MOVIE: UnmonitorMovie(tools),
        Action.UNMONITOR_EPISODES: UnmonitorEpisodes(tools),
        Action.REMOVE_TORRENT: RemoveTorrent(tools),
        Action.DELETE_FILE: DeleteMovieFile(tools),
        Action.DELETE_EPISODE_FILES: DeleteEpisodeFiles(tools),
        Action.DELETE_MOVIE: DeleteMovie(tools),
        Action.FORGET_MEDIA: ForgetMedia(tools),
        Action.DELETE_REQUEST: DeleteRequest(tools),
    }


def _number(step: Step) -> int:
    if step.target.remote_id is None:
        raise Refused(step.target.kind, 400, say("step_names_nothing"))
    return step.target.remote_id


def _numbers(step: Step, name: str) -> tuple[int, ...]:
    said = str(dict(step.arguments).get(name) or "")
    found = tuple(int(one) for one in said.split(",") if one.isdecimal())
    if not found:
        raise Refused(step.target.kind, 400, say("step_names_nothing"))
    return found


def _hash(step: Step) -> str:
    return str(dict(step.arguments)["hash"])
