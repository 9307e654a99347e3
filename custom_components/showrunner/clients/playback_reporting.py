"""How we talk to Jellyfin's Playback Reporting plugin: by the one SQL query that it runs for us.

The endpoint runs any SQL with the right to write, so queries are built from nothing but checked
ids (32 hex digits) and whole numbers. Its answers: `colums` (so spelled), every cell a text, and
errors as a web page's text in `message` with status 200.

`DateCreated` is what the server's clock showed, without a zone: it is read as Home Assistant's
time. In the hour that a clock shows twice it is taken as the first of the two.
"""

from collections.abc import AsyncGenerator, Collection, Mapping
from datetime import tzinfo
import re
from typing import Final

from ..domain.importing import HistoryRow, Refusal
from ..domain.media import Unit, UnitKind, normalize_guid
from ..domain.text import say
from .errors import Refused, Unreadable
from .http import HttpClient
from .json_rows import read_page
from .parse import Json, instant, integer, positive, seconds, text
from .redaction import excerpt

PRODUCT: Final = "Playback Reporting"
_PATH: Final = "/user_usage_stats/submit_custom_query"
_COLUMNS: Final = (
    "rowid",
    "DateCreated",
    "UserId",
    "ItemId",
    "ItemType",
    "ItemName",
    "PlaybackMethod",
    "ClientName",
    "DeviceName",
    "PlayDuration",
)
_PAGE: Final = 250
# No list is longer: one that is has no end, or is told again and again.
_MOST_PAGES: Final = 100_000
_SLOW: Final = 60.0
# Of what it says in place of an answer so much is looked at.
_WINDOW: Final = 20_000
_NOT_FOUND: Final = 404
_TAGS: Final = re.compile(r"<[^<>]*>")
_KINDS: Final[Mapping[str, UnitKind]] = {"movie": UnitKind.MOVIE, "episode": UnitKind.EPISODE}
# How the plugin names an episode: "Series - s01e02 - Name".
_EPISODE: Final = re.compile(
    r"(?P<series>.+?) - s(?P<season>[0-9]{1,4})e(?P<episode>[0-9]{1,5}) - (?P<name>.*)", re.DOTALL
)

type Page = tuple[HistoryRow | Refusal, ...]


class PlaybackReportingClient:
    """The plugin of one Jellyfin. Methods raise ServiceError; Refused when it is not installed."""

    def __init__(self, http: HttpClient, zone: tzinfo) -> None:
        """Take Jellyfin's HTTP side, and the zone of the times that the plugin writes."""
        self._http = http
        self._zone = zone

    async def history(self, user_ids: Collection[str]) -> AsyncGenerator[Page]:
        """Give the plays of these users, page by page, in the order in which they were written.

        The end is an empty page: one that is shorter than asked may be half an answer.
        """
        last = 0
        for _ in range(_MOST_PAGES):
            rows = await self._query(_query(user_ids, last, _PAGE))
            if not rows:
                return
            numbers = [number for row in rows if (number := positive(row.get("rowid"))) is not None]
            if not numbers or max(numbers) <= last:
                raise Unreadable(PRODUCT, say("error_rows_have_no_numbers_go_on"))
            last = max(numbers)
            yield tuple(self._row(row) for row in rows)
        raise Unreadable(PRODUCT, say("error_list_never_ends"))

    async def _query(self, sql: str) -> list[Mapping[str, object]]:
        body = {"CustomQueryString": sql, "ReplaceUserId": False}
        try:
            answer, results = await self._http.post_decoded(_PATH, _read, body, timeout=_SLOW)
        except Refused as err:
            if err.status != _NOT_FOUND:
                raise
            raise Refused(PRODUCT, 0, say("error_plugin_not_installed_jellyfin")) from None
        if said := text(answer.get("message")):
            raise Unreadable(PRODUCT, excerpt(_TAGS.sub(" ", said[:_WINDOW])))
        named = answer.get("colums") or answer.get("columns")
        columns = [text(one) or "" for one in named] if isinstance(named, list) else []
        if results is None or (results and not set(_COLUMNS) <= set(columns)):
            raise Unreadable(PRODUCT, say("error_answer_not_what_plugin_says"))
        return [
            dict(zip(columns, row, strict=False)) if isinstance(row, list) else {}
            for row in results
        ]

    def _row(self, row: Mapping[str, object]) -> HistoryRow | Refusal:
        user_id, item_id = normalize_guid(row.get("UserId")), normalize_guid(row.get("ItemId"))
        played = seconds(row.get("PlayDuration"))
        began = instant(row.get("DateCreated"), self._zone)
        if user_id is None or item_id is None or played is None or began is None:
            return Refusal.UNREADABLE
        kind = _KINDS.get((text(row.get("ItemType")) or "").lower())
        if kind is None:
            return Refusal.UNKNOWN_ITEM
        return HistoryRow(
            row_id=str(integer(row.get("rowid"))),
            user_id=user_id,
            unit=_unit(kind, item_id, text(row.get("ItemName")) or "?"),
            at=began,
            seconds=played,
            at_end=False,
            device=text(row.get("DeviceName")) or "",
            client=text(row.get("ClientName")) or "",
            play_method=_method(text(row.get("PlaybackMethod")) or ""),
        )


def _read(body: bytes) -> tuple[Json, list[object] | None]:
    return read_page(body, "results")


def _query(user_ids: Collection[str], after: int, size: int) -> str:
    """Ask for the rows behind one, of these users. Raises ValueError for what is no id."""
    checked = [normalize_guid(user_id) for user_id in user_ids]
    if not checked or None in checked:
        raise ValueError("not a user id")
    users = ", ".join(f"'{user_id}'" for user_id in checked)
    return (
        f"SELECT {', '.join(_COLUMNS)} FROM PlaybackActivity "  # noqa: S608
        f"WHERE rowid > {int(after)} AND UserId IN ({users}) ORDER BY rowid LIMIT {int(size)}"
    )


def _unit(kind: UnitKind, item_id: str, name: str) -> Unit:
    match = _EPISODE.fullmatch(name.strip()) if kind is UnitKind.EPISODE else None
    if match is None:
        return Unit(kind, name, "", item_id)
    return Unit(
        kind,
        match["name"] or name,
        "",
        item_id,
        series_name=match["series"],
        season=int(match["season"]),
        episode=int(match["episode"]),
    )


def _method(said: str) -> str:
    """Read the method: the plugin adds what is transcoded, "Transcode (v:h264 a:direct)"."""
    return said.split(" ", 1)[0].lower()
