"""Which of the linked Radarrs and Sonarrs a Seerr means: it may reach them under other names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..clients.seerr import SeerrArr, SeerrRequest
from ..domain.addresses import Place, same_host
from ..domain.media import MediaType


@dataclass(frozen=True, slots=True)
class LinkedArr:
    """A Radarr (movies) or Sonarr (series) that is linked to the entry."""

    subentry_id: str
    media: MediaType
    url: str

    @property
    def address(self) -> tuple[str, int | None, str]:
        """Host, port and base path, as Seerr's settings have them."""
        place = Place.of(self.url)
        return place.host, place.port, place.path.strip("/")


def arr_of(
    request: SeerrRequest,
    servers: Mapping[MediaType, Sequence[SeerrArr]],
    linked: Sequence[LinkedArr],
) -> tuple[str, int] | None:
    """Say which linked arr has the request's title, and its id there; None when not sure."""
    if request.service_id is None or request.arr_id is None:
        return None
    theirs = servers.get(request.media, ())
    ours = [one for one in linked if one.media is request.media]
    server = next((one for one in theirs if one.id == request.service_id), None)
    if server is None:
        return None
    found = _same(server, theirs, ours)
    return None if found is None else (found.subentry_id, request.arr_id)


def _same(
    server: SeerrArr, theirs: Sequence[SeerrArr], ours: Sequence[LinkedArr]
) -> LinkedArr | None:
    """Find the same one among ours: by its address, by its port alone, or as the only one."""
    address = (same_host(server.host), server.port, server.base)
    exact = [one for one in ours if one.address == address]
    if exact:
        return exact[0] if len(exact) == 1 else None
    # In containers everything has another name, but the port and the path stay.
    like = [one for one in ours if one.address[1:] == address[1:]]
    rivals = [one for one in theirs if (one.port, one.base) == address[1:]]
    if len(like) == 1 and len(rivals) == 1:
        return like[0]
    return ours[0] if len(ours) == 1 and len(theirs) == 1 else None
