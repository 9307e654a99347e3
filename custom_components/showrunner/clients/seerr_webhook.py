"""The bodies of Seerr's webhook: all leaves are texts, sections are null when there is nothing."""

from dataclasses import dataclass
import re
from typing import Final

from ..domain.media import MediaType, ProviderIds
from ..domain.requests.facts import EventKind
from .errors import NotOurs
from .parse import Json, natural, positive, rows, table, text, year
from .seerr_models import MEDIA, PRODUCT

_EVENTS: Final = {
    "MEDIA_APPROVED": EventKind.APPROVED,
    "MEDIA_AUTO_APPROVED": EventKind.APPROVED,
    "MEDIA_DECLINED": EventKind.DECLINED,
    "MEDIA_FAILED": EventKind.REFUSED,
}
_REQUESTED: Final = frozenset({*_EVENTS, "MEDIA_PENDING", "MEDIA_AVAILABLE"})
# Looked for at the end of the subject only, where it has its place.
_YEAR: Final = re.compile(r"\(([0-9]{4})\)")
_YEAR_LENGTH: Final = len("(1999)")


@dataclass(frozen=True, slots=True)
class SeerrMessage:
    """What a body says of one request. `number` None: it names none, or nothing to do.

    `seasons` are those requested; `event` what has just happened. `is_4k` is read out of a
    sentence and so a guess. `available`: Seerr believes that it can be played.
    """

    kind: str
    number: int | None
    media: MediaType | None
    ids: ProviderIds
    name: str
    year: int | None
    poster: str
    requested_by: str
    seasons: tuple[int, ...]
    is_4k: bool
    event: EventKind | None
    available: bool


def parse_webhook(body: object) -> SeerrMessage:
    """Read a body. Raises NotOurs for one that Seerr does not send."""
    if not isinstance(body, dict):
        raise NotOurs(PRODUCT, "not a JSON object")
    kind = text(body.get("notification_type"))
    if kind is None:
        raise NotOurs(PRODUCT, "no notification_type is in it")
    media, asked = table(body.get("media")), table(body.get("request"))
    name, released = _titled((text(body.get("subject")) or "").strip())
    return SeerrMessage(
        kind=kind,
        number=positive(asked.get("request_id")) if kind in _REQUESTED else None,
        media=MEDIA.get(text(media.get("media_type")) or ""),
        ids=ProviderIds.parse(media.get("tmdbId"), media.get("tvdbId"), media.get("imdbId")),
        name=name,
        year=released,
        poster=_poster(body),
        requested_by=text(asked.get("requestedBy_username")) or "",
        seasons=_seasons(body),
        is_4k="4K" in (text(body.get("event")) or "").split(),
        event=_EVENTS.get(kind),
        available=kind == "MEDIA_AVAILABLE",
    )


def _titled(subject: str) -> tuple[str, int | None]:
    """Cut "The Lantern (2011)" in two."""
    end = _YEAR.fullmatch(subject[-_YEAR_LENGTH:])
    if end is None:
        return subject, None
    return subject[:-_YEAR_LENGTH].rstrip(), year(end[1])


def _poster(body: Json) -> str:
    image = text(body.get("image")) or ""
    return image if image.startswith("https://") else ""


def _seasons(body: Json) -> tuple[int, ...]:
    """Read "1, 2" of the requested seasons."""
    for row in rows(body.get("extra")):
        if text(row.get("name")) == "Requested Seasons":
            numbers = (natural(part) for part in (text(row.get("value")) or "").split(","))
            return tuple(sorted({number for number in numbers if number is not None}))
    return ()
