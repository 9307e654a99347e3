"""What is done in Seerr: forget a title, delete a request."""

from collections.abc import Callable
from datetime import datetime
from typing import override

from ..clients.seerr import SeerrClient, SeerrRequest
from ..domain.knowledge import Absent, Knowledge, Known
from ..domain.plan import DeleteRequest, ForgetMedia, Step
from ..domain.text import say
from .base import Applied, BaseOperation, Linked, NotLinked, RequestBook, payload_of, remote_id


class _InSeerr(BaseOperation):
    """What all operations in Seerr share."""

    def __init__(self, linked: Linked) -> None:
        self._linked = linked

    def _client(self, step: Step) -> SeerrClient:
        client = self._linked.seerr(step.target.service)
        if client is None:
            raise NotLinked(say("arr_not_linked", arr="Seerr"))
        return client


class ForgetMediaOperation(_InSeerr):
    """Have Seerr forget a title of which nothing is left; its requests go with it."""

    async def apply(self, step: Step) -> Applied | None:
        """Forget it."""
        await self._client(step).delete_media(remote_id(step))
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether the request still points at it."""
        number = payload_of(step, ForgetMedia).request_number
        request = await surely(self._client(step), number)
        if request is not None and request.media_id == step.target.remote_id:
            return Absent("seerr")
        return Known(Applied(say("done_forgotten"), {"media_id": step.target.remote_id}), "seerr")


class DeleteRequestOperation(_InSeerr):
    """Delete the request in Seerr, where it is there, and close ours."""

    def __init__(self, linked: Linked, requests: RequestBook, now: Callable[[], datetime]) -> None:
        """Take whom to ask, and where ours are kept."""
        super().__init__(linked)
        self._requests = requests
        self._now = now

    async def apply(self, step: Step) -> Applied | None:
        """Delete it; one that was never in Seerr is only ours."""
        if (number := step.target.remote_id) is None:
            return None
        client = self._client(step)
        if await surely(client, number) is None:
            return _deleted(step)  # it went with its title
        await client.delete_request(number)
        return None

    async def read_back(self, step: Step, since: datetime) -> Knowledge[Applied]:
        """Look whether Seerr has it."""
        number = step.target.remote_id
        if number is not None and await surely(self._client(step), number) is not None:
            return Absent("seerr")
        return Known(_deleted(step), "seerr")

    @override
    async def acknowledge(self, step: Step) -> None:
        await self._requests.withdrawn(_ref(step), self._now())


async def surely(client: SeerrClient, number: int) -> SeerrRequest | None:
    """Find a request; that there is none counts when Seerr says so, and no proxy before it."""
    request = await client.request(number)
    if request is None:
        await client.answers()
    return request


def _deleted(step: Step) -> Applied:
    return Applied(say("done_deleted"), {"request": _ref(step)})


def _ref(step: Step) -> str:
    return payload_of(step, DeleteRequest).request_id
