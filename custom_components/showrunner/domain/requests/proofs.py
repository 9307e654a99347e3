"""Why a file must not be deleted: proofs, protection, playing, others who hold it (PRODUCT 0).

Two proofs (law 4): the item that Jellyfin finds by the title's id and the item that lies at the
file's path, through the path mapping, must be the same. Unknown is a reason like any other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from ..guards import delete_proof
from ..knowledge import Absent, Answer, Knowledge, Known, Unknown
from ..media import ProviderIds, Unit, same_year
from ..paths import contains, same
from ..text import Value, Words, say
from .facts import MOVIE
from .holdings import Gathered, HeldFile, Record, Rival, Witness

KEEP: Final = "keep"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why something is left as it is. `unknown`: a source did not tell, so it may be told later.

    `harmless`: what is left does not stand in the way of anything else.
    """

    reason: Words
    unknown: bool = False
    harmless: bool = False


def against_deleting(
    record: Record, file: HeldFile, gathered: Gathered, ids: ProviderIds
) -> Iterator[Objection]:
    """Give everything that stands against deleting a file; nothing: it may be deleted."""
    if not contains(record.path, file.path) or same(record.path, file.path):
        said = say("tracks_outside", arr=record.name, file=file.path, folder=record.path)
        yield Objection(said)
    yield from against_touching(record, gathered, ids)
    yield from _unproven(record, file, gathered.witnesses, ids)
    yield from _favorite(file, gathered, ids)
    yield from _played(file, gathered, ids)
    yield from _rivals(record, file, gathered.rivals)


def against_touching(record: Record, gathered: Gathered, ids: ProviderIds) -> Iterator[Objection]:
    """Give what stands against deleting anything of a title, its entry in the arr included."""
    yield from against_identity(record, gathered, ids)
    if KEEP in {tag.strip().lower() for tag in record.tags}:
        yield Objection(say("has_keep_tag", tag=KEEP, arr=record.name))


def against_identity(record: Record, gathered: Gathered, ids: ProviderIds) -> Iterator[Objection]:
    """Give what says that the arr's title is another one: its ids, or a year too far off."""
    if record.ids.matches(ids) is not Answer.YES:
        told = " ".join(record.ids.keys) or say("no_id")
        wanted = " ".join(ids.keys)
        yield Objection(say("says_other_ids", arr=record.name, ids=told, wanted=wanted))
    witnesses = gathered.witnesses.value if isinstance(gathered.witnesses, Known) else ()
    years: dict[Words, int | None] = {say("who_request"): gathered.year}
    for one in witnesses:
        if _is_of(one, ids):
            years[say("who_jellyfin", item=one.item_id)] = one.year
    for who, year in years.items():
        if same_year(record.year, year) is Answer.NO:
            mine, theirs = record.year or "?", year or "?"
            said = say("says_other_year", arr=record.name, year=mine, who=who, other=theirs)
            yield Objection(said)


def _is_of(witness: Witness, ids: ProviderIds) -> bool:
    return witness.ids.matches(ids) is Answer.YES


# -- law 4 -----------------------------------------------------------------------------------------


def _unproven(
    record: Record, file: HeldFile, told: Knowledge[tuple[Witness, ...]], ids: ProviderIds
) -> Iterator[Objection]:
    if isinstance(told, Unknown):
        yield Objection(say("jellyfin_not_where", why=told.reason), unknown=True)
        return
    witnesses = told.value if isinstance(told, Known) else ()
    by_id = [one for one in witnesses if _names(one, file, ids)]
    by_path = [one for one in witnesses if _lies_at(record, one, file)]
    same_id = Answer.of(bool(by_path) and all(_names(one, file, ids) for one in by_path))
    same_path = Answer.of(any(_lies_at(record, one, file) for one in by_id))
    if delete_proof(same_id, same_path) is Answer.YES:
        return
    yield Objection(
        say(
            "two_proofs_needed",
            arr=record.name,
            file=file.path,
            by_id=_places(by_id),
            by_path=_titles(by_path),
        )
    )


def evidence(record: Record, file: HeldFile, gathered: Gathered, ids: ProviderIds) -> Words:
    """Say what proves a file: the item, and where it lies in both names."""
    told = gathered.witnesses.value if isinstance(gathered.witnesses, Known) else ()
    found = [one for one in told if _names(one, file, ids) and _lies_at(record, one, file)]
    here = [path for one in found for path in one.paths if lies_at(record, path, file)]
    items = tuple(one.item_id for one in found)
    places = tuple(dict.fromkeys(here))
    return say("evidence_file", file=file.path, here=places, items=items)


def _names(witness: Witness, file: HeldFile, ids: ProviderIds) -> bool:
    """Tell whether an item is of this title, and of no unit that is not in the file."""
    return _is_of(witness, ids) and bool(witness.places) and witness.places <= file.places


def _lies_at(record: Record, witness: Witness, file: HeldFile) -> bool:
    return any(lies_at(record, path, file) for path in witness.paths)


def lies_at(record: Record, path: str, file: HeldFile) -> bool:
    """Tell whether a path, as Jellyfin names it, is where a file lies."""
    there = record.path_map.to_there(path)
    return there is not None and same(there, file.path)


def _places(witnesses: Iterable[Witness]) -> Value:
    return tuple(path for one in witnesses for path in one.paths) or say("nothing")


def _titles(witnesses: Iterable[Witness]) -> Value:
    return tuple(
        " ".join(one.ids.keys) or say("item_without_ids", item=one.item_id) for one in witnesses
    ) or say("nothing")


# -- laws 6 and 3 ----------------------------------------------------------------------------------


def _about(file: HeldFile, gathered: Gathered, ids: ProviderIds) -> tuple[set[str], set[str]]:
    """Give Jellyfin's ids of the file's items, and of the series that they belong to."""
    told = gathered.witnesses.value if isinstance(gathered.witnesses, Known) else ()
    of_title = [one for one in told if one.ids.matches(ids) is not Answer.NO]
    items = {one.item_id for one in of_title if one.places & file.places or not one.places}
    return items, {one.series_item_id for one in of_title if one.series_item_id is not None}


def _favorite(file: HeldFile, gathered: Gathered, ids: ProviderIds) -> Iterator[Objection]:
    told = gathered.favorites
    if not isinstance(told, Known):
        yield Objection(say("jellyfin_not_favorites", why=_silence(told)), unknown=True)
        return
    items, series = _about(file, gathered, ids)
    for one in told.value:
        if one.within or one.item_ids & (items | series):
            yield Objection(say("favorite_of", viewer=one.viewer))


def _played(file: HeldFile, gathered: Gathered, ids: ProviderIds) -> Iterator[Objection]:
    told = gathered.playing
    if not isinstance(told, Known):
        yield Objection(say("jellyfin_not_playing", why=_silence(told)), unknown=True)
        return
    items, series = _about(file, gathered, ids)
    for unit in told.value:
        if unit.item_id in items or _is_part(unit, file, series, ids):
            yield Objection(say("playing_now"))
            return


def _silence(told: Absent | Unknown) -> Words:
    return told.reason if isinstance(told, Unknown) else say("nothing_said")


def _is_part(unit: Unit, file: HeldFile, series: set[str], ids: ProviderIds) -> bool:
    if MOVIE in file.places:
        return unit.ids.matches(ids) is Answer.YES
    if unit.series_item_id not in series and unit.series_ids.matches(ids) is not Answer.YES:
        return False
    # An episode whose number is not told may be any.
    return (
        unit.episode is None
        or unit.season is None
        or any(
            (place.season, place.episode) == (unit.season, unit.episode) for place in file.places
        )
    )


# -- the same file in another arr ------------------------------------------------------------------


def _rivals(
    record: Record, file: HeldFile, told: Knowledge[tuple[Rival, ...]]
) -> Iterator[Objection]:
    if not isinstance(told, Known):
        yield Objection(say("rival_unknown", why=_silence(told)), unknown=True)
        return
    here = record.path_map.to_here(file.path)
    for rival in told.value:
        if rival.here is None or here is None:
            yield Objection(say("rival_unmapped", arr=rival.name, file=rival.path))
        elif same(rival.here, here):
            yield Objection(say("rival_same_file", arr=rival.name, file=rival.path))
