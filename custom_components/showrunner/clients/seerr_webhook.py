"""The bodies of Seerr's webhook: all leaves are texts, sections are null when there is nothing.

A body has no signature. It is read for which request it names and what may be shown of it at once;
who asked for what is read from Seerr itself.
"""

from dataclasses import dataclass
import re
from typing import Final

from ..domain.media import MediaType, ProviderIds
from ..domain.requests.facts import EventKind
from ..domain.text import say
from .errors import NotOurs
from .parse import integer, table, text, year
from .seerr_models import MEDIA, PRODUCT

_EVENTS: Final = {
    "MEDIA_APPROVED": EventKind.APPROVED,
    "MEDIA_AUTO_APPROVED": EventKind.APPROVED,
    "MEDIA_DECLINED": EventKind.DECLINED,
    "MEDIA_FAILED": EventKind.REFUSED,
}
_REQUESTED: Final = frozenset({*_EVENTS, "MEDIA_PENDING", "MEDIA_AVAILABLE"})
# Both of its databases count so far.
_HIGHEST: Final = 2**31 - 1
# Looked for at the end of the subject only, where it has its place.
_YEAR: Final = re.compile(r"\(([0-9]{4})\)")
_YEAR_LENGTH: Final = len("(1999)")


@dataclass(frozen=True, slots=True)
class SeerrMessage:
    """What a body says of one request. `number` None: it names none, or nothing to do.

    `event` is what has just happened. `available`: Seerr believes that it can be played.
    """

    kind: str
    number: int | None
    media: MediaType | None
    ids: ProviderIds
    year: int | None
    event: EventKind | None
    available: bool


def parse_webhook(body: object) -> SeerrMessage:
    """Read a body. Raises NotOurs for one that Seerr does not send."""
    if not isinstance(body, dict):
        raise NotOurs(PRODUCT, say("error_not_json_object"))
    kind = text(body.get("notification_type"))
    if kind is None:
        raise NotOurs(PRODUCT, say("error_no_notification_type"))
    media, asked = table(body.get("media")), table(body.get("request"))
    released = _YEAR.fullmatch((text(body.get("subject")) or "").strip()[-_YEAR_LENGTH:])
    return SeerrMessage(
        kind=kind,
        number=_number(asked.get("request_id")) if kind in _REQUESTED else None,
        media=MEDIA.get(text(media.get("media_type")) or ""),
        ids=ProviderIds.parse(media.get("tmdbId"), media.get("tvdbId"), media.get("imdbId")),
        year=year(released[1]) if released else None,
        event=_EVENTS.get(kind),
        available=kind == "MEDIA_AVAILABLE",
    )


def _number(value: object) -> int | None:
    """Read a request's number, if there is one. Raises NotOurs for one that Seerr gives to none."""
    number = integer(value)
    if number is not None and not 0 < number <= _HIGHEST:
        raise NotOurs(PRODUCT, say("error_request_number_seerr_gives_none"))
    return number
