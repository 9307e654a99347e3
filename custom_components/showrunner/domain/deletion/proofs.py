"""Why a file must not be deleted: proofs, protection, playing, others who hold it.

Two proofs (law 4): the item that Jellyfin finds by the title's id and the item that lies at the
file's path, through the path mapping, must be the same. Unknown is a reason like any other.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ..finding import Finding
from ..inventory import ArrFile, ArrTitle
from ..keeps import kept
from ..knowledge import Absent, Answer, Knowledge, Known, Unknown
from ..media import MOVIE, ProviderIds, Unit, same_year
from ..paths import components, contains, same
from ..plan import Proof, ProofKind, Protection
from ..plan.guards import delete_proof, protected
from ..text import Text, Value, Words, say
from .facts import Evidence, ProofFacts, Rival

KEEP: Final = "keep"
# The rule of a finding: two services' years differ, and were taken for one.
YEAR: Final = "year"
# Of what a person keeps: all that belongs to a title, and its entry in the arr.
WHOLE_TITLE: Final = (None,)


# Which of Jellyfin's items lie at a file, by the file's number.
type Lying = Mapping[int, tuple[Evidence, ...]]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why something is left as it is. `unknown`: a source did not tell, so it may be told later.

    `harmless`: what is left does not stand in the way of anything else.
    """

    reason: Words
    unknown: bool = False
    harmless: bool = False

    @property
    def finding(self) -> Finding:
        """The same as a finding. Its rule is the key of the text in which it says why."""
        rule = self.reason.key if isinstance(self.reason, Text) else "other"
        answer = Answer.UNKNOWN if self.unknown else Answer.YES
        return Finding(rule, answer, source="showrunner", detail=self.reason)


def against_deleting(
    record: ArrTitle, file: ArrFile, gathered: ProofFacts, ids: ProviderIds, at: Lying
) -> Iterator[Objection]:
    """Give what stands against deleting a file, beside what stands against `touching` its title.

    `at`: which items lie at which file, as `lying` says.
    """
    if not contains(record.path, file.path) or same(record.path, file.path):
        said = say("tracks_outside", arr=record.name, file=file.path, folder=record.path)
        yield Objection(said)
    yield from _unproven(record, file, gathered.evidence, ids, at)
    for finding in (favorite(file, gathered, ids), playing(file, gathered, ids)):
        if finding.answer is not Answer.NO:
            yield Objection(finding.detail, unknown=finding.answer is Answer.UNKNOWN)
    yield from _rivals(record, file, gathered.rivals)


def against_touching(
    record: ArrTitle,
    gathered: ProofFacts,
    ids: ProviderIds,
    seasons: Collection[int | None] = WHOLE_TITLE,
) -> Iterator[Objection]:
    """Give what stands against deleting anything of these seasons, or of a title as a whole."""
    yield from against_identity(record, gathered, ids)
    for finding in (keep_tag(record), kept(gathered.keeps, seasons)):
        if finding.answer is not Answer.NO:
            yield Objection(finding.detail, unknown=finding.answer is Answer.UNKNOWN)


def against_identity(
    record: ArrTitle, gathered: ProofFacts, ids: ProviderIds
) -> Iterator[Objection]:
    """Give what says that the arr's title is another one: its ids, or a year too far off."""
    if record.ids.matches(ids) is not Answer.YES:
        its_ids = " ".join(record.ids.keys) or say("no_id")
        wanted = " ".join(ids.keys)
        yield Objection(say("says_other_ids", arr=record.name, ids=its_ids, wanted=wanted))
    evidence = gathered.evidence.value if isinstance(gathered.evidence, Known) else ()
    years: dict[Words, int | None] = {say("who_request"): gathered.year}
    for one in evidence:
        if _is_of(one, ids):
            years[say("who_jellyfin", item=one.item_id)] = one.year
    for who, year in years.items():
        if same_year(record.year, year) is Answer.NO:
            mine, theirs = record.year or "?", year or "?"
            said = say("says_other_year", arr=record.name, year=mine, who=who, other=theirs)
            yield Objection(said)


def _is_of(evidence: Evidence, ids: ProviderIds) -> bool:
    return evidence.ids.matches(ids) is Answer.YES


# -- law 4 -----------------------------------------------------------------------------------------


def _unproven(
    record: ArrTitle,
    file: ArrFile,
    answer: Knowledge[tuple[Evidence, ...]],
    ids: ProviderIds,
    at: Lying,
) -> Iterator[Objection]:
    if isinstance(answer, Unknown):
        yield Objection(say("jellyfin_not_where", why=answer.reason), unknown=True)
        return
    by_id, by_path = file_proofs(record, file, ProofFacts(evidence=answer), ids, at)
    if delete_proof(by_id.answer, by_path.answer) is not Answer.YES:
        yield Objection(
            say(
                "two_proofs_needed",
                arr=record.name,
                file=file.path,
                by_id=by_path.theirs,
                by_path=by_id.theirs,
            )
        )


def file_proofs(
    record: ArrTitle,
    file: ArrFile,
    gathered: ProofFacts,
    ids: ProviderIds,
    at: Lying | None = None,
) -> tuple[Proof, Proof]:
    """Give the two proofs of a file: by the title's id, and by where it lies.

    `at`: which items lie at which file, as `lying` says, where many are asked for.
    """
    answer = gathered.evidence
    evidence = answer.value if isinstance(answer, Known) else ()
    by_id = [one for one in evidence if is_of_file(one, file, ids)]
    by_path = (lying(record, evidence) if at is None else at).get(file.id, ())
    same_id = Answer.of(bool(by_path) and all(is_of_file(one, file, ids) for one in by_path))
    same_path = Answer.of(any(one in by_path for one in by_id))
    if isinstance(answer, Unknown):
        same_id = same_path = Answer.UNKNOWN
    return (
        Proof(ProofKind.ID, _ids(record), _titles(by_path), same_id, file.id),
        Proof(ProofKind.PATH, file.path, _places(by_id), same_path, file.id),
    )


def _ids(record: ArrTitle) -> Words:
    return say("proof_of_arr", ids=" ".join(record.ids.keys), arr=record.name, number=record.id)


def entry_proof(record: ArrTitle, ids: ProviderIds) -> Proof:
    """Give the proof that an arr's entry is of the title that is meant."""
    wanted = " ".join(ids.keys)
    return Proof(ProofKind.ID, _ids(record), wanted, record.ids.matches(ids))


def is_of_file(evidence: Evidence, file: ArrFile, ids: ProviderIds) -> bool:
    """Tell whether an item is of this title, and of no unit that is not in the file."""
    return bool(evidence.places) and evidence.places <= file.places and _is_of(evidence, ids)


def lies_at(record: ArrTitle, path: str, file: ArrFile) -> bool:
    """Tell whether a path, as Jellyfin names it, is where a file lies."""
    there = record.path_map.to_there(path)
    return there is not None and same(there, file.path)


def lying(record: ArrTitle, evidence: Iterable[Evidence]) -> Lying:
    """Say of all files which items lie there, by the file's number: `lies_at` for many at once."""
    files: dict[tuple[str, ...], list[int]] = {}
    for file in record.files:
        if (there := components(file.path)) is not None:
            files.setdefault(there, []).append(file.id)
    found: dict[int, tuple[Evidence, ...]] = {}
    for one in evidence:
        mapped = (record.path_map.to_there(path) for path in one.paths)
        places = {components(there) for there in mapped if there is not None} - {None}
        for number in {number for place in places if place for number in files.get(place, ())}:
            found[number] = (*found.get(number, ()), one)
    return found


def _places(evidence: Iterable[Evidence]) -> Words:
    return _listed(path for one in evidence for path in one.paths)


def _titles(evidence: Iterable[Evidence]) -> Words:
    return _listed(
        say("proof_of_jellyfin", ids=" ".join(one.ids.keys), item=one.item_id)
        if one.ids
        else say("item_without_ids", item=one.item_id)
        for one in evidence
    )


def _listed(values: Iterable[Value]) -> Words:
    found = tuple(dict.fromkeys(values))
    return say("listed", what=found) if found else say("nothing")


# -- laws 6 and 3 ----------------------------------------------------------------------------------


def _about(file: ArrFile, gathered: ProofFacts, ids: ProviderIds) -> tuple[set[str], set[str]]:
    """Give Jellyfin's ids of the file's items, and of the series that they belong to."""
    evidence = gathered.evidence.value if isinstance(gathered.evidence, Known) else ()
    of_title = [one for one in evidence if one.ids.matches(ids) is not Answer.NO]
    items = {one.item_id for one in of_title if one.places & file.places or not one.places}
    return items, {one.series_item_id for one in of_title if one.series_item_id is not None}


def keep_tag(record: ArrTitle) -> Finding:
    """Tell whether the arr's title bears the tag that keeps it, and so all of it."""
    tagged = KEEP in {tag.strip().lower() for tag in record.tags}
    detail = say("has_keep_tag", tag=KEEP, arr=record.name) if tagged else ""
    answer = Answer.of(tagged)
    return Finding(Protection.KEEP, answer, tagged, KEEP, source=record.name, detail=detail)


def seasons_of(*files: ArrFile) -> frozenset[int | None]:
    """Name the seasons of what is in files; None: it is the whole title, or nobody knows what."""
    places = [file.places or (MOVIE,) for file in files]
    return frozenset(one.season if one != MOVIE else None for some in places for one in some)


def favorite(file: ArrFile, gathered: ProofFacts, ids: ProviderIds) -> Finding:
    """Tell whether a viewer has marked what is in a file, or a season or series around it."""
    favorites = gathered.favorites
    if not isinstance(favorites, Known):
        why = say("jellyfin_not_favorites", why=_silence(favorites))
        return Finding(Protection.FAVORITE, Answer.UNKNOWN, source="jellyfin", detail=why)
    items, series = _about(file, gathered, ids)
    marked = [
        one.viewer
        for one in favorites.value
        if protected(
            Answer.of(bool(one.item_ids & items)),
            (Answer.of(bool(one.item_ids & series)), Answer.of(one.within)),
            (),
        )
        is not Answer.NO
    ]
    detail = say("favorite_of", viewer=marked[0]) if marked else ""
    answer = Answer.of(bool(marked))
    return Finding(Protection.FAVORITE, answer, bool(marked), source="jellyfin", detail=detail)


def playing(file: ArrFile, gathered: ProofFacts, ids: ProviderIds) -> Finding:
    """Tell whether something that is in a file is being played."""
    sessions = gathered.playing
    if not isinstance(sessions, Known):
        why = say("jellyfin_not_playing", why=_silence(sessions))
        return Finding(Protection.PLAYING, Answer.UNKNOWN, source="jellyfin", detail=why)
    items, series = _about(file, gathered, ids)
    plays = any(
        unit.item_id in items or _is_part(unit, file, series, ids) for unit in sessions.value
    )
    detail = say("playing_now") if plays else ""
    return Finding(Protection.PLAYING, Answer.of(plays), plays, source="jellyfin", detail=detail)


def protections(
    record: ArrTitle, files: Iterable[ArrFile], gathered: ProofFacts, ids: ProviderIds
) -> tuple[Finding, ...]:
    """Say of everything that may protect files whether it does: below, around and above them."""
    files = tuple(files)
    found = [keep_tag(record), kept(gathered.keeps, seasons_of(*files))]
    for ask in (favorite, playing):
        asked = [ask(file, gathered, ids) for file in files]
        worst = [one for one in asked if one.answer is not Answer.NO]
        found += worst[:1] or asked[:1]
    return tuple(found)


def _silence(answer: Absent | Unknown) -> Words:
    return answer.reason if isinstance(answer, Unknown) else say("nothing_said")


def _is_part(unit: Unit, file: ArrFile, series: set[str], ids: ProviderIds) -> bool:
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
    record: ArrTitle, file: ArrFile, rivals: Knowledge[tuple[Rival, ...]]
) -> Iterator[Objection]:
    if not isinstance(rivals, Known):
        yield Objection(say("rival_unknown", why=_silence(rivals)), unknown=True)
        return
    here = record.path_map.to_here(file.path)
    for rival in rivals.value:
        if rival.here is None or here is None:
            yield Objection(say("rival_unmapped", arr=rival.name, file=rival.path))
        elif same(rival.here, here):
            yield Objection(say("rival_same_file", arr=rival.name, file=rival.path))
