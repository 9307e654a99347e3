"""Whether a torrent may go: imported and seeded, and nothing that keeps it.

Every rule answers yes, no or unknown, and unknown keeps. Which data go with it depends on whoever
else uses them. Of most torrents most rules find the same: that is one finding for all of them, for
there may be very many, and what is kept of each costs everybody time.
"""

from collections.abc import Callable, Collection, Iterable

from ..finding import Finding
from ..knowledge import Answer, Known, Unknown, all_of, any_of
from ..text import Words, say
from ..torrents import Torrent
from .facts import ClientTorrents, SeedingFacts, placed
from .imports import Imported, ImportState, key as hash_key
from .nearby import nearby
from .own import complete, days, errored, reaches, untimed
from .placed import Key, Placed, may_be_same
from .places import Places
from .policy import PurgePolicy
from .verdict import PurgeRule, Verdict


def judge(
    facts: SeedingFacts, policy: PurgePolicy, only: Collection[Key] | None = None
) -> tuple[tuple[Verdict, ...], Places]:
    """Judge every torrent, or only these; give the places of all that have to do with them, too."""
    there, gone = placed((*facts.clients, *facts.silent)), placed(facts.vanished)
    places = Places(there, gone) if only is None else _places_near(there, gone, only)
    judged = _Judge(facts, policy, places)
    return tuple(
        judged.of(client, torrent)
        for client in facts.clients
        for torrent in client.torrents
        if only is None or (client.service, torrent.hash) in only
    ), places


def uses(
    facts: SeedingFacts, client: ClientTorrents, torrent: Torrent, names: Iterable[str]
) -> Answer:
    """Tell whether any torrent that is there uses the data of one that its client had.

    `names` are those of its files: what is not told exactly may be one of them.
    """
    host, gone = client.host, Placed(client.service, client.host, torrent)
    vanished = (one for one in placed(facts.vanished) if one.key != gone.key)
    places = _places_near((gone, *placed((*facts.clients, *facts.silent))), vanished, {gone.key})
    silent = facts.blind or any(may_be_same(host, one.host) for one in facts.silent)
    answer = places.shares(gone)
    if answer is Answer.NO and (silent or places.may_name(host, names)):
        return Answer.UNKNOWN
    return answer


def _places_near(there: Iterable[Placed], gone: Iterable[Placed], only: Collection[Key]) -> Places:
    """Look at what has to do with these, and at nothing else."""
    all_there, all_gone = tuple(there), tuple(gone)
    about = [one for one in (*all_there, *all_gone) if one.key in only]
    near = {one.key for one in nearby((*all_there, *all_gone), about)}
    return Places(
        (one for one in all_there if one.key in near),
        (one for one in all_gone if one.key in near),
    )


class _Judge:
    """Judges one torrent after the other."""

    def __init__(self, facts: SeedingFacts, policy: PurgePolicy, places: Places) -> None:
        self._facts = facts
        self._policy = policy
        self._places = places
        self._silent = frozenset(one.host for one in facts.silent)
        self._asked = _asked(policy.min_ratio, policy.min_days)
        self._found: dict[tuple[object, ...], Finding] = {}

    def of(self, client: ClientTorrents, torrent: Torrent) -> Verdict:
        """Judge one."""
        one = Placed(client.service, client.host, torrent)
        imported, files = self._imported(torrent)
        findings = (
            self._errored(torrent, client),
            self._complete(torrent, client),
            self._place(one, client),
            self._keep(torrent, client),
            imported,
            self._queued(torrent),
            self._seeded(torrent, client),
            self._untimed(torrent, client),
            self._duty(one, client),
            self._shared(one, client),
        )
        return Verdict(client, torrent, findings, files)

    def _same(self, find: Callable[[], Finding], *what: object) -> Finding:
        """Give a finding that is the same for all of which the same is said."""
        found = self._found.get(what)
        if found is None:
            found = self._found[what] = find()
        return found

    def _errored(self, torrent: Torrent, client: ClientTorrents) -> Finding:
        if torrent.message:
            return errored(torrent, client)
        what = PurgeRule.ERRORED, client.service, torrent.state
        return self._same(lambda: errored(torrent, client), *what)

    def _complete(self, torrent: Torrent, client: ClientTorrents) -> Finding:
        what = PurgeRule.COMPLETE, client.service, torrent.state, torrent.complete
        return self._same(lambda: complete(torrent, client), *what)

    def _untimed(self, torrent: Torrent, client: ClientTorrents) -> Finding:
        found = untimed(torrent, client, self._facts.now)
        return self._same(lambda: found, PurgeRule.UNTIMED, client.service, found.answer)

    def _place(self, one: Placed, client: ClientTorrents) -> Finding:
        if self._places.known(one):
            path = one.torrent.content_path
            return Finding(PurgeRule.PLACE, Answer.YES, path, source=client.name)
        return Finding(
            PurgeRule.PLACE, Answer.UNKNOWN, source=client.name, detail=say("purge_place_unknown")
        )

    def _keep(self, torrent: Torrent, client: ClientTorrents) -> Finding:
        def find() -> Finding:
            word = self._policy.keeps((*sorted(torrent.tags), torrent.label))
            said = "" if word is None else say("torrent_kept", tag=word)
            kept = Answer.of(word is not None)
            return Finding(PurgeRule.KEEP, kept, word, source=client.name, detail=said)

        return self._same(find, PurgeRule.KEEP, client.service, torrent.label, torrent.tags)

    def _imported(self, torrent: Torrent) -> tuple[Finding, int | None]:
        match self._facts.imports:
            case Known(imports):
                state = imports.of_torrent(torrent)
            case Unknown(reason):
                said = say("purge_history_unknown", why=reason)
                return Finding(PurgeRule.IMPORTED, Answer.UNKNOWN, detail=said), None
            case _:
                state = Imported(ImportState.ABSENT)

        def find() -> Finding:
            source, answer = ", ".join(state.arrs), state.state.answer
            return Finding(PurgeRule.IMPORTED, answer, state.done, state.of, source, state.said)

        return self._same(find, PurgeRule.IMPORTED, state), state.files

    def _queued(self, torrent: Torrent) -> Finding:
        match self._facts.queued:
            case Known(names):
                mine = {hash_key(one) for one in (torrent.hash, *torrent.other_hashes)}
                waits = not mine.isdisjoint(names)
                said: Words = say("purge_in_queue") if waits else ""
                answer = Answer.of(waits)
            case Unknown(reason):
                answer, said = Answer.UNKNOWN, say("whose_downloads_unknown", why=reason)
            case _:
                answer, said = Answer.NO, ""
        found = Finding(PurgeRule.QUEUED, answer, detail=said)
        return self._same(lambda: found, PurgeRule.QUEUED, answer)

    def _seeded(self, torrent: Torrent, client: ClientTorrents) -> Finding:
        """Compare the ratio and the days with what is wanted: one of them is enough."""
        policy = self._policy
        answer = any_of(
            (
                reaches(torrent.ratio, policy.min_ratio),
                reaches(days(torrent, self._facts.now), policy.min_days),
            )
        )
        reached, asked = self._amounts(torrent), self._asked
        said: Words = ""
        if answer is Answer.NO:
            said = say("purge_not_seeded", told=reached, asked=asked)
        elif answer is Answer.UNKNOWN:
            said = say("purge_seeding_unknown", told=reached, asked=asked)
        return Finding(PurgeRule.SEEDED, answer, reached, asked, client.name, said)

    def _amounts(self, torrent: Torrent) -> Words:
        ratio, seeds = torrent.ratio, days(torrent, self._facts.now)
        nothing = say("purge_number_unknown")
        return say(
            "purge_told",
            ratio=nothing if ratio is None else round(ratio, 2),
            days=nothing if seeds is None else round(seeds, 1),
        )

    def _duty(self, one: Placed, client: ClientTorrents) -> Finding:
        """Ask whether a tracker of it still wants something."""
        if not self._policy.trackers:
            return self._same(lambda: Finding(PurgeRule.DUTY, Answer.NO), PurgeRule.DUTY)
        hosts = self._facts.trackers.get(one.key)
        if hosts is None:
            said: Words = say("purge_trackers_unknown")
            return Finding(PurgeRule.DUTY, Answer.UNKNOWN, source=client.name, detail=said)
        least, ratio = self._policy.duty(hosts)
        torrent = one.torrent
        done = all_of(
            (
                reaches(days(torrent, self._facts.now), least) if least else Answer.YES,
                reaches(torrent.ratio, ratio) if ratio else Answer.YES,
            )
        )
        owed = {Answer.YES: Answer.NO, Answer.NO: Answer.YES}.get(done, Answer.UNKNOWN)
        asked = _asked_both(ratio, least)
        reached = self._amounts(torrent)
        said = "" if owed is Answer.NO else say("purge_duty", told=reached, asked=asked)
        return Finding(PurgeRule.DUTY, owed, reached, asked, ", ".join(sorted(set(hosts))), said)

    def _shared(self, one: Placed, client: ClientTorrents) -> Finding:
        answer = self._places.shares(one)
        hidden = any(may_be_same(client.host, host) for host in self._silent)
        if self._facts.blind or hidden:
            # Also where others share for sure: what is not told may be in doubt besides.
            answer = Answer.UNKNOWN
        count = len(self._places.others(one.key))
        said: Words = ""
        if answer is Answer.YES:
            said = say("purge_shared", count=count)
        elif answer is Answer.UNKNOWN:
            said = self._why_unknown(one.key)
        found = Finding(PurgeRule.SHARED, answer, count, source=client.name, detail=said)
        return self._same(lambda: found, PurgeRule.SHARED, client.service, answer, count, said)

    def _why_unknown(self, key: Key) -> Words:
        """Say why nobody knows who uses a torrent's data, as far as its place tells."""
        if self._places.is_near_vanished(key):
            return say("purge_shared_vanished")
        if self._places.is_near_loose(key):
            return say("purge_shared_loose")
        if self._places.may_have_alias(key):
            return say("purge_shared_alias")
        return say("purge_sharing_unknown")


def _asked(ratio: float, least: float) -> Words:
    """Say how long a torrent has to be seeded: one of both is enough."""
    if least == 1:
        return say("purge_asked_a_day", ratio=ratio)
    return say("purge_asked", ratio=ratio, days=least)


def _asked_both(ratio: float, least: float) -> Words:
    """Say what a tracker wants: both."""
    if least == 1:
        return say("purge_asked_both_a_day", ratio=ratio)
    return say("purge_asked_both", ratio=ratio, days=least)
