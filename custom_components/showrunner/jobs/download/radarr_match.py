"""Whether a Radarr holds a movie, and what proves that its movie is the one.

By TMDb's id; where Radarr has none under it, by IMDb's: TMDb gives a film another number now and
then, and Jellyfin and Radarr learn of it on different days. Ids that contradict each other are
believed only where the file lies in the folder of Radarr's movie, and a year that is too far off
is another film's. What is found and not believed is refused, so that it is not added once more.
"""

import asyncio
from dataclasses import dataclass

from ...clients.errors import ServiceError
from ...clients.jellyfin import JellyfinItem
from ...coordinators.radarr import RadarrCoordinator
from ...domain.knowledge import Answer
from ...domain.media import ProviderIds, same_year, year_note
from ...domain.text import Words, joined, say
from .facts import Holding, owns


@dataclass(frozen=True, slots=True)
class Refused:
    """A movie that was found and can't be proven to be the one; `why` shows what both say."""

    why: Words


@dataclass(frozen=True, slots=True)
class Silent:
    """A Radarr that did not answer."""

    why: Words


type Match = Holding | Refused | Silent | None


async def held_by(
    radarr: RadarrCoordinator, ids: ProviderIds, year: int | None, item: JellyfinItem | None
) -> Match:
    """Say how a Radarr holds a movie; None when it holds none of these ids."""
    client = radarr.client
    try:
        movie = await radarr.by_ids(ids)
        if movie is None:
            return None
        found = Holding(radarr, movie, (), frozenset())
        if (why := _contradiction(found, ids, year, item)) is not None:
            return Refused(why)
        queue, labels = await asyncio.gather(client.queue(), client.tags())
    except ServiceError as err:
        return Silent(say("service_says", service=radarr.title, what=err.said))
    return Holding(
        radarr,
        movie,
        tuple(entry for entry in queue if entry.movie_id == movie.id),
        frozenset(labels[tag] for tag in movie.tags if tag in labels),
        _note(found, ids, year),
    )


def _contradiction(
    found: Holding, ids: ProviderIds, year: int | None, item: JellyfinItem | None
) -> Words | None:
    """Say what speaks against Radarr's movie; None when nothing does."""
    title, name = found.movie.title, found.radarr.title
    if same_year(title.year, year) is Answer.NO:
        return say(
            "match_other_year",
            radarr=name,
            title=title.label,
            ids=_words(title.ids),
            year=year or "?",
            wanted=_words(ids),
        )
    if title.ids.matches(ids) is Answer.YES or (item is not None and owns(found, item)):
        return None
    where = item.path if item is not None and item.path else say("no_known_file")
    return say(
        "match_not_proven",
        radarr=name,
        title=title.label,
        ids=_words(title.ids),
        folder=found.movie.path,
        wanted=_words(ids),
        file=where,
    )


def _note(found: Holding, ids: ProviderIds, year: int | None) -> Words:
    """Say what was accepted although it differs."""
    title = found.movie.title
    notes: list[Words] = [year_note(title.year, year)]
    if title.ids.matches(ids) is not Answer.YES:
        notes.append(
            say(
                "match_accepted",
                radarr=found.radarr.title,
                ids=_words(title.ids),
                wanted=_words(ids),
            )
        )
    return joined(notes)


def _words(ids: ProviderIds) -> Words:
    return " ".join(ids.keys) or say("no_id")
