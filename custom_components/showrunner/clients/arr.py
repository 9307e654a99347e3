"""What all *arr servers share: the key, the status, lists, the queue, and what they are set to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
import re
import time
from typing import ClassVar, Final

import aiohttp

from ..domain.history import HistoryEvent, HistoryKind
from ..domain.text import say
from . import arr_history, arr_models
from .arr_models import HealthFinding, QueueItem, RootFolder
from .arr_notifications import ArrNotifications
from .errors import Refused, ServiceError, Unauthorized, Unreadable, WrongProduct
from .http import SMALL, HttpClient
from .json_rows import read_page
from .listing import Listed
from .moment import once
from .parse import Json, instant, natural, positive, rows, table, text

_NAMES: Final = "appName"
_PAGE: Final = 1000
# Rows of a list that is given once more in one moment.
_FEW: Final = 10_000
# Nobody downloads more at once; a server that gives the same page for ever is no queue.
_MOST_PAGES: Final = 50
# So long a server may take for a list of everything (seconds): 50,000 films, on a slow disk.
LONG: Final = 300.0
# And for one question, of which nobody knows whether it is answered with everything.
SOME: Final = 60.0
# So long what an arr says of itself is as good (seconds): to stop and to start again takes it
# longer, and it asks its download clients every minute.
_STANDS: Final = 2.0
NOT_FOUND: Final = 404
CONFLICT: Final = 409
_OUTSIDE: Final = frozenset(
    {"images", "overview", "alternateTitles", "ratings", "keywords", "statistics", "collection"}
)


# Whose login pages look alike; the title names them ("Login - Radarr").
_FAMILY: Final = ("Radarr", "Sonarr", "Prowlarr", "Lidarr", "Readarr", "Whisparr")
_TITLE: Final = re.compile(rb"<title>([^<]{1,200})</title>")


@dataclass(frozen=True, slots=True)
class ArrStatus:
    """Who answers."""

    app_name: str
    version: str
    instance_name: str
    # What differs from one running server to the next; "" where it was not told.
    process: str = ""
    started: datetime | None = None


def http_client(
    session: aiohttp.ClientSession, url: str, api_key: str, product: str, version: str
) -> HttpClient:
    """Make the HTTP side; `version` of the API is a part of its address."""
    return HttpClient(
        session,
        f"{url.rstrip('/')}/api/{version}",
        service=product,
        headers={"X-Api-Key": api_key, "Accept": "application/json"},
        secrets=(api_key,),
    )


async def status(http: HttpClient, product: str) -> ArrStatus:
    """Ask who answers. Raises WrongProduct when it is somebody else."""
    try:
        answer = table(await http.get("/system/status", max_bytes=SMALL))
    except Refused as err:
        raise WrongProduct(
            product, say("error_not_product_status", product=product, status=err.status)
        ) from None
    except Unauthorized:
        raise
    except Unreadable as err:
        raise WrongProduct(product, err.said) from None
    name = text(answer.get(_NAMES))
    if name != product:
        raise WrongProduct(
            product,
            say(
                "error_found_not_product",
                found=name or say("error_something_else"),
                product=product,
            ),
        )
    return ArrStatus(
        name,
        text(answer.get("version")) or "",
        text(answer.get("instanceName")) or name,
        _process(answer),
        instant(answer.get("startTime")),
    )


def _process(status: Json) -> str:
    """Tell one running server from another: they have no id, but each began at its own second."""
    started = text(status.get("startTime"))
    parts = [
        text(status.get(key)) or "" for key in ("instanceName", "appData", "urlBase", "version")
    ]
    return "|".join((started, *parts)) if started else ""


async def named_on_its_page(session: aiohttp.ClientSession, url: str) -> str | None:
    """Say which of them shows its login page there, None when that is not known.

    The status tells only whoever has the key, so a key that is refused may be another one's.
    """
    page = HttpClient(session, url, service="login page")
    try:
        answer = await page.exchange("GET", "/login", max_bytes=SMALL)
    except ServiceError:
        return None
    found = _TITLE.search(answer.content)
    title = found[1].decode(errors="replace") if found else ""
    return next((name for name in _FAMILY if name in title), None)


class ArrClient:
    """What Radarr and Sonarr are asked alike.

    Every method raises a ServiceError when the answer can't be had or believed.
    """

    product: ClassVar[str]
    switches: ClassVar[Mapping[str, bool]]
    numbers: ClassVar[Mapping[int, HistoryKind]]
    _queue_of_all: ClassVar[str]
    _scan: ClassVar[str]
    _title: ClassVar[str]

    def __init__(self, session: aiohttp.ClientSession, url: str, api_key: str) -> None:
        """Take the address as the person typed it (normalised) and the API key."""
        self.url = url.rstrip("/")
        self._http = http_client(session, url, api_key, self.product, "v3")
        self.notifications = ArrNotifications(self._http, self.switches)
        self._began: tuple[float, datetime | None] | None = None
        self._ails: tuple[float, tuple[HealthFinding, ...]] | None = None
        # When it said last that it can't ask a download client; and what it had queued, by its own
        # numbers, when it said last that it can ask all of them.
        self.missed_client: datetime | None = None
        self.queued_when_well: frozenset[int] = frozenset()

    async def status(self) -> ArrStatus:
        """Ask who answers. Raises WrongProduct when it is another product."""
        return await status(self._http, self.product)

    async def began(self) -> datetime | None:
        """Ask since when it runs; None where it does not say. Nobody starts it anew in a moment."""
        asked = time.monotonic()
        if self._began is None or asked - self._began[0] > _STANDS:
            self._began = asked, (await self.status()).started
        return self._began[1]

    async def health(self, *, anew: bool = False) -> tuple[HealthFinding, ...]:
        """Ask what it finds wrong with itself, as it noted it last.

        `anew`: what it said a moment ago is not as good.
        """
        asked = time.monotonic()
        if anew or self._ails is None or asked - self._ails[0] > _STANDS:
            read = partial(arr_models.health_finding, product=self.product)
            self._ails = asked, (await self._list("/health", read)).rows
        return self._ails[1]

    async def download_clients(self) -> int:
        """Count the download clients that it is set up with, also those that are switched off."""
        answer = await self._http.get("/downloadclient")
        if not isinstance(answer, list):
            raise Unreadable(self.product, say("error_answer_not_list"))
        return len(answer)

    async def queue(self) -> tuple[QueueItem, ...]:
        """List all downloads under way, over all pages: half a queue is no queue."""
        found: dict[int, QueueItem] = {}
        page, total, nameless = 1, 0, 0
        while True:
            first, records = await self._http.get_decoded(
                "/queue",
                lambda body: read_page(body, "records"),
                {"page": page, "pageSize": _PAGE, self._queue_of_all: "true"},
            )
            if records is None:
                raise Unreadable(self.product, say("error_queue_not_list"))
            total = natural(first.get("totalRecords")) or 0
            for item in (arr_models.queue_item(table(row)) for row in records):
                # One without a number, or that can't be read, is under way like the others.
                nameless += not item.id
                found[item.id or -nameless] = item
            if page * _PAGE >= total or not records:
                break
            page += 1
            if page > _MOST_PAGES:
                raise Unreadable(
                    self.product, say("error_tells_total_downloads_never_ends", total=total)
                )
        if len(found) < total:
            raise Unreadable(
                self.product,
                say("error_queue_tells_total_names_named", total=total, named=len(found)),
            )
        return tuple(found.values())

    async def check_downloads(self) -> None:
        """Have it look at its downloads again, and import what it finds complete."""
        body = {"name": "RefreshMonitoredDownloads"}
        await self._http.request("POST", "/command", body=body)

    async def import_download(self, path: str, download_id: str | None) -> None:
        """Have it import what lies at a path of its own, and take it away from there.

        `download_id`: as it knows the download, so that its queue knows what came of it.
        """
        body = {"name": self._scan, "path": path, "importMode": "Move"}
        if download_id is not None:
            body["downloadClientId"] = download_id
        await self._http.request("POST", "/command", body=body)

    async def history_since(
        self, date: datetime, *, whole: bool = False
    ) -> tuple[HistoryEvent, ...]:
        """List everything that happened at or after an instant of the server's clock.

        `whole`: raise Unreadable where a row can't be read, instead of leaving it out.
        """
        return await arr_history.since(self._http, date, self.numbers, whole=whole)

    async def title_history(self, arr_id: int) -> tuple[HistoryEvent, ...]:
        """List everything that happened to one movie or series."""
        kind = self._title
        return await arr_history.of_title(
            self._http, f"/history/{kind}", {f"{kind}Id": arr_id}, self.numbers
        )

    async def whole_history[T: arr_history.Takes](self, begin: Callable[[], T]) -> T:
        """Have what `begin` makes take in everything that ever happened; give that."""
        return await arr_history.whole(self._http, self.numbers, begin)

    async def wanted_missing_count(self) -> int:
        """Count what is monitored, released and without a file."""
        page = self._table(await self._http.get("/wanted/missing", {"page": 1, "pageSize": 1}))
        total = natural(page.get("totalRecords"))
        if total is None:
            raise Unreadable(self.product, say("error_no_number_what_missing"))
        return total

    # -- settings --------------------------------------------------------------------------------

    async def root_folders(self) -> tuple[RootFolder, ...]:
        """List the root folders."""
        read = partial(arr_models.root_folder, product=self.product)
        return (await self._list("/rootfolder", read)).rows

    async def quality_profiles(self) -> tuple[tuple[int, str], ...]:
        """List the quality profiles: number and name."""
        return tuple(
            (number, text(row.get("name")) or "")
            for row in self._rows(await self._http.get("/qualityprofile"))
            if (number := positive(row.get("id"))) is not None
        )

    async def tags(self) -> dict[int, str]:
        """Give the labels by their numbers."""
        return {
            number: text(row.get("label")) or ""
            for row in self._rows(await self._http.get("/tag"))
            if (number := positive(row.get("id"))) is not None
        }

    async def ensure_tag(self, label: str) -> int:
        """Find a label, or make it; give its number. Labels are lower case."""
        wanted = label.strip().lower()
        for number, known in (await self.tags()).items():
            if known.lower() == wanted:
                return number
        answer = await self._http.request("POST", "/tag", body={"label": wanted})
        made = positive(self._table(answer).get("id"))
        if made is None:
            raise Unreadable(self.product, say("error_tag_without_number"))
        return made

    # -- reading ---------------------------------------------------------------------------------

    async def _list[T](
        self, path: str, read: Callable[[Json], T | None], **params: str | int
    ) -> Listed[T]:
        return await self._listed(path, read, params)

    async def _long_list[T](
        self,
        path: str,
        read: Callable[[Json], T | None],
        most: int | None = None,
        **params: str | int,
    ) -> Listed[T]:
        """List what may be tens of thousands: a server that has so many takes its time."""
        return await self._listed(path, read, params, timeout=LONG, most=most)

    async def _listed[T](
        self,
        path: str,
        read: Callable[[Json], T | None],
        params: Mapping[str, str | int],
        *,
        timeout: float | None = None,
        most: int | None = None,
    ) -> Listed[T]:
        return await once(
            (self, path, read, tuple(params.items()), most),
            lambda: self._http.get_list(path, read, params, timeout=timeout, most=most),
            lambda found: found.count <= _FEW,
        )

    async def _one(self, path: str) -> Json | None:
        try:
            return self._table(await self._http.get(path))
        except Refused as err:
            if err.status == NOT_FOUND:
                return None
            raise

    async def record(self, arr_id: int) -> Mapping[str, object] | None:
        """Give all that is kept of a movie or series, so that it can be added again; None: gone.

        Pictures, texts and other titles come from outside, and come again.
        """
        kind = self._title
        row = await self._one(f"/{kind}/{arr_id}")
        return row and {key: value for key, value in row.items() if key not in _OUTSIDE}

    async def _delete(self, path: str, body: object = None, **params: str) -> None:
        """Delete; what is gone already is as good."""
        try:
            await self._http.request("DELETE", path, params=params, body=body)
        except Refused as err:
            if err.status != NOT_FOUND:
                raise

    def _whole[T](self, found: Listed[T]) -> tuple[T, ...]:
        """Insist on every row, where it counts that something is not among them."""
        if found.unread:
            raise Unreadable(
                self.product, say("error_unread_rows_list_cant_read", unread=found.unread)
            )
        return found.rows

    def _rows(self, answer: object) -> list[Json]:
        """Insist on a list: something else must not look like an empty one."""
        if not isinstance(answer, list):
            raise Unreadable(self.product, say("error_answer_not_list"))
        return rows(answer)

    def _table(self, answer: object) -> Json:
        found = table(answer)
        if not found:
            raise Unreadable(self.product, say("error_answer_empty"))
        return found
