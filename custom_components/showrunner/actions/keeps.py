"""Keeping titles: a person's word that one, or a season of it, is not deleted."""

from datetime import timedelta
from functools import partial
from typing import Final

from homeassistant.core import ServiceCall
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ..domain.keeps import MOST_DAYS, Keep, put_off
from ..domain.knowledge import Answer
from ..domain.media import MediaType, TitleKey
from ..refusals import invalid
from ..runtime import Meant, Runtime
from ..validation import text, whole
from .common import ENTRY, Response, admin_only, caller, keep_as_dict, resolve_title

_DAYS: Final = vol.All(whole, vol.Range(1, MOST_DAYS))
# No series has more; the specials are season 0.
_SEASON: Final = vol.All(whole, vol.Range(0, 100_000))
_WHAT: Final = {**ENTRY, vol.Required("title"): text, vol.Optional("season"): _SEASON}
_WHY: Final = {vol.Optional("why", default=""): text}
KEEP: Final = vol.Schema({**_WHAT, vol.Optional("days"): _DAYS, **_WHY})
POSTPONE: Final = vol.Schema({**_WHAT, vol.Optional("days", default=30): _DAYS, **_WHY})
STOP_KEEPING: Final = vol.Schema(_WHAT)


async def keep(runtime: Runtime, call: ServiceCall) -> Response:
    """Keep a title or season for so many days, or for good. The last word on it counts."""
    meant, season = await _meant(runtime, call)
    confirmed = await _confirmed(runtime, meant)
    days: int | None = call.data.get("days")
    now = dt_util.utcnow()
    until = None if days is None else now + timedelta(days=days)
    word = Keep(meant.key, season, until, now, caller(call), call.data["why"])
    return await _answer(runtime, await runtime.store.keeps.set(word), confirmed=confirmed)


async def postpone(runtime: Runtime, call: ServiceCall) -> Response:
    """Keep a title or season for so many days more; what is kept for good stays so."""
    meant, season = await _meant(runtime, call)
    confirmed = await _confirmed(runtime, meant)
    now = dt_util.utcnow()
    word = Keep(meant.key, season, None, now, caller(call), call.data["why"])
    until = partial(put_off, days=call.data["days"], now=now)
    return await _answer(runtime, await runtime.store.keeps.set(word, until), confirmed=confirmed)


async def stop_keeping(runtime: Runtime, call: ServiceCall) -> Response:
    """Take back what was said of a title, or of that season of it."""
    meant, season = await _meant(runtime, call)
    now = dt_util.utcnow()
    if not await runtime.store.keeps.end(meant.key, season, now, caller(call)):
        if season is None:
            raise invalid("not_kept", title=meant.title.label)
        raise invalid("season_not_kept", title=meant.title.label, season=str(season))
    return await _standing(runtime, meant.key, season)


async def _meant(runtime: Runtime, call: ServiceCall) -> tuple[Meant, int | None]:
    """Say which title and season is meant, if somebody asks who may. Raises what actions may."""
    await admin_only(runtime, call)
    meant = await resolve_title(runtime, call.data["title"])
    if not meant.key:
        # What has no id can't be known again.
        raise invalid("title_without_id", title=meant.title.label)
    season: int | None = call.data.get("season")
    if season is not None and meant.title.media is MediaType.MOVIE:
        raise invalid("movie_has_no_seasons", title=meant.title.label)
    return meant, season


async def _confirmed(runtime: Runtime, meant: Meant) -> bool:
    """Tell whether anybody knows the title; raise where all say no, for it would protect nothing.

    While somebody does not answer it is kept all the same.
    """
    known = await runtime.titles.is_known(meant)
    if known is Answer.NO:
        raise invalid("keeps_nothing", title=meant.key.names[0])
    return known is Answer.YES


async def _answer(runtime: Runtime, word: Keep, *, confirmed: bool) -> dict[str, object]:
    until = None if word.until is None else word.until.isoformat()
    standing = await _standing(runtime, word.title, word.season)
    return {**standing, "until": until, "confirmed": confirmed}


async def _standing(runtime: Runtime, title: TitleKey, season: int | None) -> dict[str, object]:
    """Name what it was about, and say all that is kept of the title now."""
    words = await runtime.store.keeps.standing(dt_util.utcnow(), title)
    keeps = [await keep_as_dict(runtime, word) for word in words]
    return {"title": title.names[0], "season": season, "keeps": keeps}
