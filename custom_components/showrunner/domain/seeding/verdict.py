"""Whether a torrent may go: imported and seeded, and nothing that keeps it.

Every rule answers yes, no or unknown, and unknown keeps. Which data go with it depends on whoever
else uses them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..finding import Finding
from ..knowledge import Answer, Knowledge, Known, Unknown, all_of, any_of
from ..text import Words, say
from ..torrent_details import TorrentFiles
from ..torrents import Torrent, TorrentState
from .imports import Imported, Imports, ImportState, key as hash_key
from .packs import episodes_held
from .placed import Key, Placed, may_be_same
from .places import Places
from .policy import PurgePolicy

_TRACKER: Final = "tracker:"
_RESTS: Final = frozenset(
    {TorrentState.SEEDING, TorrentState.PAUSED, TorrentState.STOPPED, TorrentState.QUEUED}
)


class PurgeRule(StrEnum):
    """The rules, in the order in which the reason is looked for."""

    ERRORED = "errored"
    COMPLETE = "complete"
    PLACE = "place"
    KEEP = "keep"
    IMPORTED = "imported"
    QUEUED = "queued"
    SEEDED = "seeded"
    UNTIMED = "untimed"
    DUTY = "duty"
    SHARED = "shared"


# What the answer must be for the torrent to go. Shared data may be known, either way.
_WANTED: Final[Mapping[str, frozenset[Answer]]] = {
    PurgeRule.ERRORED: frozenset({Answer.NO}),
    PurgeRule.COMPLETE: frozenset({Answer.YES}),
    PurgeRule.PLACE: frozenset({Answer.YES}),
    PurgeRule.KEEP: frozenset({Answer.NO}),
    PurgeRule.IMPORTED: frozenset({Answer.YES}),
    PurgeRule.QUEUED: frozenset({Answer.NO}),
    PurgeRule.SEEDED: frozenset({Answer.YES}),
    PurgeRule.UNTIMED: frozenset({Answer.NO}),
    PurgeRule.DUTY: frozenset({Answer.NO}),
    PurgeRule.SHARED: frozenset({Answer.YES, Answer.NO}),
}


@dataclass(frozen=True, slots=True)
class ClientTorrents:
    """All torrents of one client, by an answer that is believed. `host` is where it runs."""

    service: str
    kind: str
    name: str
    host: str
    torrents: tuple[Torrent, ...]
    used_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedingFacts:
    """All that is known at one moment.

    `silent`: the clients that did not tell, or had torrents of which nothing but a hash is left,
    with what they told before. Nobody knows who else uses data on their hosts; one that has told
    nothing before (`blind`) may be anywhere. `vanished`: what clients no longer tell, until they
    say so again: it may still use its data. `queued`: the hashes that are in a queue of an arr.
    `trackers`: the hosts of each torrent's trackers, where they were asked.
    """

    now: datetime
    clients: tuple[ClientTorrents, ...]
    imports: Knowledge[Imports]
    queued: Knowledge[frozenset[str]]
    silent: tuple[ClientTorrents, ...] = ()
    vanished: tuple[ClientTorrents, ...] = ()
    blind: bool = False
    trackers: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is found of one torrent.

    `files`: how many files that Sonarr has imported from it can be told apart; None: it has none.
    """

    client: ClientTorrents
    torrent: Torrent
    findings: tuple[Finding, ...]
    files: int | None = None

    @property
    def key(self) -> Key:
        """What tells it from others."""
        return self.client.service, self.torrent.hash

    @property
    def against(self) -> Finding | None:
        """The first finding that keeps it; None: it may go."""
        return next((one for one in self.findings if not _is_well(one)), None)

    @property
    def may_go(self) -> bool:
        """Tell whether nothing keeps it."""
        return self.against is None

    @property
    def lacks_trackers_only(self) -> bool:
        """Tell whether nothing but its trackers' demands is left to be asked."""
        against = [one for one in self.findings if not _is_well(one)]
        return all(one.rule == PurgeRule.DUTY for one in against)

    def finding(self, rule: PurgeRule) -> Finding:
        """Give what a rule found."""
        return next(one for one in self.findings if one.rule == rule)

    def unless_whole(self, listed: TorrentFiles | None) -> Finding | None:
        """Say that it holds more episodes than were imported from it, or that nobody knows.

        None: it does not, or none were. `listed`: its own files, where they are known.
        """
        if self.files is None:
            return None
        mine = self.finding(PurgeRule.IMPORTED)
        if listed is None:
            return replace(mine, answer=Answer.UNKNOWN, detail=say("purge_pack_unknown"))
        held = episodes_held(listed)
        if held <= self.files:
            return None
        said = say("purge_pack", count=held, imported=self.files, arrs=mine.source)
        return replace(mine, answer=Answer.NO, detail=said)

    def instead(self, finding: Finding) -> Verdict:
        """Put a finding in the place of the one of the same rule."""
        findings = (finding if one.rule == finding.rule else one for one in self.findings)
        return replace(self, findings=tuple(findings))

    def answer(self, rule: PurgeRule) -> Answer:
        """Give what a rule answers."""
        return self.finding(rule).answer


def _is_well(finding: Finding) -> bool:
    wanted = _WANTED.get(finding.rule)
    return wanted is not None and finding.answer in wanted


def gone_torrent(info_hash: str, name: str, path: str | None, size_bytes: int) -> Torrent:
    """Describe a torrent that is gone, as far as its place matters."""
    return Torrent(
        hash=info_hash,
        name=name,
        size_bytes=size_bytes,
        done_bytes=size_bytes,
        uploaded_bytes=0,
        progress=100.0,
        ratio=None,
        state=TorrentState.UNKNOWN,
        complete=True,
        is_active=False,
        content_path=path,
    )


def uses(
    facts: SeedingFacts, client: ClientTorrents, torrent: Torrent, names: Iterable[str]
) -> Answer:
    """Tell whether any torrent that is there uses the data of one that its client had.

    `names` are those of its files: what is not told exactly may be one of them.
    """
    host, gone = client.host, Placed(client.service, client.host, torrent)
    places = Places(
        (gone, *_placed((*facts.clients, *facts.silent))),
        [one for one in _placed(facts.vanished) if one.key != gone.key],
    )
    silent = facts.blind or any(may_be_same(host, one.host) for one in facts.silent)
    answer = places.shares(gone)
    if answer is Answer.NO and (silent or places.may_name(host, names)):
        return Answer.UNKNOWN
    return answer


def judge(
    facts: SeedingFacts, policy: PurgePolicy, only: Collection[Key] | None = None
) -> tuple[tuple[Verdict, ...], Places]:
    """Judge every torrent, or only these; give the places of all, too."""
    places = Places(_placed((*facts.clients, *facts.silent)), _placed(facts.vanished))
    judged = _Judge(facts, policy, places)
    return tuple(
        judged.of(client, torrent)
        for client in facts.clients
        for torrent in client.torrents
        if only is None or (client.service, torrent.hash) in only
    ), places


def _placed(clients: Iterable[ClientTorrents]) -> Iterable[Placed]:
    return (
        Placed(client.service, client.host, torrent)
        for client in clients
        for torrent in client.torrents
    )


class _Judge:
    """Judges one torrent after the other."""

    def __init__(self, facts: SeedingFacts, policy: PurgePolicy, places: Places) -> None:
        self._facts = facts
        self._policy = policy
        self._places = places
        self._silent = frozenset(one.host for one in facts.silent)

    def of(self, client: ClientTorrents, torrent: Torrent) -> Verdict:
        """Judge one."""
        placed = Placed(client.service, client.host, torrent)
        imported, files = self._imported(torrent)
        findings = (
            _errored(torrent, client),
            _complete(torrent, client),
            self._place(placed, client),
            self._keep(torrent, client),
            imported,
            self._queued(torrent),
            self._seeded(torrent, client),
            self._untimed(torrent, client),
            self._duty(placed, client),
            self._shared(placed, client),
        )
        return Verdict(client, torrent, findings, files)

    def _place(self, placed: Placed, client: ClientTorrents) -> Finding:
        if self._places.known(placed):
            path = placed.torrent.content_path
            return Finding(PurgeRule.PLACE, Answer.YES, path, source=client.name)
        return Finding(
            PurgeRule.PLACE, Answer.UNKNOWN, source=client.name, detail=say("purge_place_unknown")
        )

    def _keep(self, torrent: Torrent, client: ClientTorrents) -> Finding:
        word = self._policy.keeps((*sorted(torrent.tags), torrent.label))
        said = "" if word is None else say("torrent_kept", tag=word)
        kept = Answer.of(word is not None)
        return Finding(PurgeRule.KEEP, kept, word, source=client.name, detail=said)

    def _imported(self, torrent: Torrent) -> tuple[Finding, int | None]:
        match self._facts.imports:
            case Known(imports):
                imported = imports.of_torrent(torrent)
            case Unknown(reason):
                said = say("purge_history_unknown", why=reason)
                return Finding(PurgeRule.IMPORTED, Answer.UNKNOWN, detail=said), None
            case _:
                imported = Imported(ImportState.ABSENT)
        source, answer = ", ".join(imported.arrs), imported.state.answer
        found = Finding(
            PurgeRule.IMPORTED, answer, imported.done, imported.of, source, imported.said
        )
        return found, imported.files

    def _queued(self, torrent: Torrent) -> Finding:
        match self._facts.queued:
            case Known(names):
                mine = {hash_key(one) for one in (torrent.hash, *torrent.other_hashes)}
                waits = not mine.isdisjoint(names)
                said: Words = say("purge_in_queue") if waits else ""
                return Finding(PurgeRule.QUEUED, Answer.of(waits), detail=said)
            case Unknown(reason):
                said = say("whose_downloads_unknown", why=reason)
                return Finding(PurgeRule.QUEUED, Answer.UNKNOWN, detail=said)
            case _:
                return Finding(PurgeRule.QUEUED, Answer.NO)

    def _seeded(self, torrent: Torrent, client: ClientTorrents) -> Finding:
        """Compare the ratio and the days with what is wanted: one of them is enough."""
        policy = self._policy
        answer = any_of(
            (
                _reaches(torrent.ratio, policy.min_ratio),
                _reaches(_days(torrent, self._facts.now), policy.min_days),
            )
        )
        reached = self._amounts(torrent)
        asked = say("purge_asked", ratio=policy.min_ratio, days=policy.min_days)
        said: Words = ""
        if answer is Answer.NO:
            said = say("purge_not_seeded", told=reached, asked=asked)
        elif answer is Answer.UNKNOWN:
            said = say("purge_seeding_unknown", told=reached, asked=asked)
        return Finding(PurgeRule.SEEDED, answer, reached, asked, client.name, said)

    def _amounts(self, torrent: Torrent) -> Words:
        ratio, days = torrent.ratio, _days(torrent, self._facts.now)
        nothing = say("purge_number_unknown")
        return say(
            "purge_told",
            ratio=nothing if ratio is None else round(ratio, 2),
            days=nothing if days is None else round(days, 1),
        )

    def _untimed(self, torrent: Torrent, client: ClientTorrents) -> Finding:
        """Keep what may be a private tracker's while nobody knows how long it has seeded."""
        untimed = Answer.of(seeded(torrent, self._facts.now) is None)
        private = Answer.UNKNOWN if torrent.private is None else Answer.of(torrent.private)
        answer = all_of((untimed, private))
        said: Words = "" if answer is Answer.NO else say("purge_untimed")
        return Finding(PurgeRule.UNTIMED, answer, source=client.name, detail=said)

    def _duty(self, placed: Placed, client: ClientTorrents) -> Finding:
        """Ask whether a tracker of it still wants something."""
        if not self._policy.trackers:
            return Finding(PurgeRule.DUTY, Answer.NO)
        hosts = self._facts.trackers.get(placed.key)
        if hosts is None:
            said: Words = say("purge_trackers_unknown")
            return Finding(PurgeRule.DUTY, Answer.UNKNOWN, source=client.name, detail=said)
        days, ratio = self._policy.duty(hosts)
        torrent = placed.torrent
        done = all_of(
            (
                _reaches(_days(torrent, self._facts.now), days) if days else Answer.YES,
                _reaches(torrent.ratio, ratio) if ratio else Answer.YES,
            )
        )
        owed = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(done, Answer.UNKNOWN)
        asked = say("purge_asked_both", ratio=ratio, days=days)
        reached = self._amounts(torrent)
        said = "" if owed is Answer.NO else say("purge_duty", told=reached, asked=asked)
        return Finding(PurgeRule.DUTY, owed, reached, asked, ", ".join(sorted(set(hosts))), said)

    def _shared(self, placed: Placed, client: ClientTorrents) -> Finding:
        answer = self._places.shares(placed)
        hidden = any(may_be_same(client.host, host) for host in self._silent)
        if self._facts.blind or hidden:
            # Also where others share for sure: what is not told may be in doubt besides.
            answer = Answer.UNKNOWN
        count = len(self._places.others(placed.key))
        said: Words = ""
        if answer is Answer.YES:
            said = say("purge_shared", count=count)
        elif answer is Answer.UNKNOWN:
            said = self._why_unknown(placed.key)
        return Finding(PurgeRule.SHARED, answer, count, source=client.name, detail=said)

    def _why_unknown(self, key: Key) -> Words:
        """Say why nobody knows who uses a torrent's data, as far as its place tells."""
        if self._places.is_near_vanished(key):
            return say("purge_shared_vanished")
        if self._places.is_near_loose(key):
            return say("purge_shared_loose")
        if self._places.may_have_alias(key):
            return say("purge_shared_alias")
        return say("purge_sharing_unknown")


def _complete(torrent: Torrent, client: ClientTorrents) -> Finding:
    state = torrent.state
    answer, said = Answer.NO, say("purge_not_complete")
    if state.is_at_work:
        answer, said = Answer.UNKNOWN, say("purge_at_work")
    elif torrent.complete and state in (*_RESTS, TorrentState.ERROR):
        return Finding(PurgeRule.COMPLETE, Answer.YES, state.value, source=client.name)
    return Finding(PurgeRule.COMPLETE, answer, state.value, source=client.name, detail=said)


def _errored(torrent: Torrent, client: ClientTorrents) -> Finding:
    """Tell whether something is wrong with the data; what only a tracker says is not."""
    message = torrent.message.strip()
    tracker = message.casefold().startswith(_TRACKER)
    errored = torrent.state is TorrentState.ERROR or bool(message and not tracker)
    said: Words = say("purge_errored", why=message or torrent.state.value) if errored else ""
    return Finding(PurgeRule.ERRORED, Answer.of(errored), message, source=client.name, detail=said)


def seeded(torrent: Torrent, now: datetime) -> timedelta | None:
    """Say how long it has surely seeded; None when nobody knows.

    Without a count of the client's own it is since when it could, and only while it does: one that
    is stopped may have been so all the time.
    """
    if torrent.seeding_seconds is None and torrent.state is not TorrentState.SEEDING:
        return None
    return torrent.seeded(now)


def _days(torrent: Torrent, now: datetime) -> float | None:
    time = seeded(torrent, now)
    return None if time is None else time / timedelta(days=1)


def _reaches(value: float | None, wanted: float) -> Answer:
    return Answer.UNKNOWN if value is None else Answer.of(value >= wanted)


def waiting(names: Iterable[str | None]) -> frozenset[str]:
    """Write the hashes of queues as they are compared; what is no torrent's is left out."""
    return frozenset(found for name in names if (found := hash_key(name)) is not None)
