"""What was found of one torrent: may it go, and if not, what keeps it.

Every rule answers yes, no or unknown, and unknown keeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ..finding import Finding
from ..knowledge import Answer
from ..text import say
from ..torrent_details import TorrentFiles
from ..torrents import Torrent
from .facts import ClientTorrents
from .packs import episodes_held
from .placed import Key


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
