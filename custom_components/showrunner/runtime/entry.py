"""One entry at run time: its parts by their names, and what the entry says now."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from ..clients.errors import NotOurs
from ..const import CONF_ADD_WEBHOOK, CONF_WEBHOOK_ID, DOMAIN, OPT_PAUSED_VIEWERS
from ..coordinators.arrs import Arrs
from ..coordinators.availability import Availability
from ..coordinators.base import ServiceCoordinator
from ..coordinators.confirmation import Confirmation
from ..coordinators.falls import Falls
from ..coordinators.jellyfin import JellyfinCoordinator
from ..coordinators.library import LibraryReader
from ..coordinators.losses import Losses
from ..coordinators.milestones import MilestoneKeeper
from ..coordinators.pictures import Pictures
from ..coordinators.playback import PlaybackTracker
from ..coordinators.radarr import RadarrCoordinator
from ..coordinators.requests import RequestTracker
from ..coordinators.seerr import SeerrCoordinator
from ..coordinators.sonarr import SonarrCoordinator
from ..coordinators.torrents import TorrentCoordinator
from ..coordinators.transfer import TransferCoordinator
from ..domain.plan import Plan
from ..domain.text import say
from ..jobs.approve import Approvals, ArrChecks, Mends
from ..jobs.buttons import Buttons
from ..jobs.cleanup.answers import Answers
from ..jobs.cleanup.collection import LeavingCollection
from ..jobs.cleanup.notices import LeavingNotices
from ..jobs.kit.refusals import PlanUnknown
from ..jobs.kit.runner import Runner
from ..jobs.kit.settling import Settling
from ..jobs.notify import Notifier
from ..jobs.spec import Jobs
from ..jobs.title_lookup import TitleLookup
from ..operations import Operations
from ..options import Options
from ..services.linked import Links, WebhookEndpoint
from ..settings import Settings, ViewerSettings
from ..signals import Attributes, Signals, Topic
from ..store import Store
from .calls import Calls
from .tasks import Tasks

type ShowrunnerConfigEntry = ConfigEntry[Runtime]


def database_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Say where an entry's database lies."""
    return Path(hass.config.path(f"{DOMAIN}-{entry_id}.db"))


def pictures_path(hass: HomeAssistant, entry_id: str) -> Path:
    """Say where an entry's pictures are kept: where no backup takes them along."""
    return Path(hass.config.cache_path(DOMAIN, entry_id))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Runtime:
    """One entry at run time: its parts by their names, and what the entry says now."""

    hass: HomeAssistant
    entry: ConfigEntry[Any]
    store: Store
    signals: Signals
    settings: Settings
    tasks: Tasks
    # What we follow.
    jellyfin: JellyfinCoordinator
    playback: PlaybackTracker
    confirmation: Confirmation
    milestones: MilestoneKeeper
    library: LibraryReader
    pictures: Pictures
    requests: RequestTracker
    links: Links
    arrs: Arrs
    availability: Availability
    losses: Losses
    falls: Falls
    # What we do.
    operations: Operations
    runner: Runner
    settling: Settling
    jobs: Jobs
    approvals: Approvals
    arr_checks: ArrChecks
    mends: Mends
    notifier: Notifier
    leaving_notices: LeavingNotices
    buttons: Buttons
    answers: Answers
    leaving_collection: LeavingCollection
    titles: TitleLookup
    # Whom we answer.
    calls: Calls = field(default_factory=Calls)

    @property
    def options(self) -> Options:
        """The options as they are now."""
        return self.settings.options

    @property
    def viewers(self) -> Mapping[str, ViewerSettings]:
        """The tracked users by their Jellyfin id."""
        return self.settings.viewers

    @property
    def services(self) -> tuple[ServiceCoordinator[Any], ...]:
        """The coordinators of all linked services, without Jellyfin's."""
        return self.links.all

    @property
    def radarrs(self) -> Mapping[str, RadarrCoordinator]:
        """The Radarrs by their subentries' ids."""
        return self.links.of(RadarrCoordinator)

    @property
    def sonarrs(self) -> Mapping[str, SonarrCoordinator]:
        """The Sonarrs by their subentries' ids."""
        return self.links.of(SonarrCoordinator)

    @property
    def seerrs(self) -> Mapping[str, SeerrCoordinator]:
        """The Seerrs by their subentries' ids."""
        return self.links.of(SeerrCoordinator)

    @property
    def torrents(self) -> Mapping[str, TorrentCoordinator]:
        """The torrent clients by their subentries' ids."""
        return self.links.of(TorrentCoordinator)

    @property
    def transfers(self) -> Mapping[str, TransferCoordinator]:
        """The transfers by their subentries' ids."""
        return self.links.of(TransferCoordinator)

    @property
    def webhook_endpoint(self) -> WebhookEndpoint:
        """The webhook that Jellyfin may call."""
        data = self.entry.data
        return WebhookEndpoint(
            data[CONF_WEBHOOK_ID],
            self.entry.title,
            self.jellyfin.accept,
            self.entry.entry_id,
            bool(data.get(CONF_ADD_WEBHOOK)),
        )

    @property
    def button_endpoint(self) -> WebhookEndpoint:
        """The webhook that takes what is pressed on phones, which may be anywhere.

        Its address is no secret: it is in every message with buttons. It takes only what we signed.
        """

        def accept(body: object) -> bool:
            token = body.get("button") if isinstance(body, Mapping) else None
            if not self.answers.take(token):
                raise NotOurs(DOMAIN, say("button_not_taken"))
            return True

        title = f"{self.entry.title} buttons"
        key = f"{self.entry.entry_id}_buttons"
        return WebhookEndpoint(
            self.buttons.webhook_id, title, accept, key, expected=False, local_only=False
        )

    def each_link(self, add: Callable[[str], None]) -> Callable[[], None]:
        """Call `add` for the id of every subentry there is, and of every one that is added.

        Returns what ends that.
        """
        for subentry_id in tuple(self.entry.subentries):
            add(subentry_id)

        def changed(kind: str, attributes: Attributes) -> None:
            if kind == "linked":
                add(str(attributes["subentry_id"]))

        return self.signals.subscribe(Topic.LINK, changed)

    async def set_tracking(self, user_id: str, *, on: bool) -> None:
        """Pause a viewer, or go on. What they play is kept up to now; the history stays."""
        paused = {one for one in self.viewers if self.settings.paused(one)}
        paused = paused - {user_id} if on else paused | {user_id}
        self.hass.config_entries.async_update_entry(
            self.entry, options={**self.entry.options, OPT_PAUSED_VIEWERS: sorted(paused)}
        )
        self.settings.refresh()
        await self.playback.let_go()

    async def set_option(self, section: str, key: str, value: object) -> None:
        """Change one option; the update listener takes it over."""
        page = {**self.entry.options.get(section, {}), key: value}
        self.hass.config_entries.async_update_entry(
            self.entry, options={**self.entry.options, section: page}
        )
        self.settings.refresh()

    async def apply_plan(
        self, plan_id: str, steps: Collection[str] | None = None, *, dry_run: bool = False
    ) -> Plan:
        """Carry out a plan, or some of its steps, by the job that made it.

        Raises Refused: PlanUnknown, PlanExpired, AlreadyRunning.
        """
        plan = await self.store.plans.get(plan_id)
        planner = None if plan is None else self.jobs.planner(plan.job)
        if plan is None or planner is None:
            raise PlanUnknown(plan_id)
        return await planner.apply(plan, steps, dry_run=dry_run)
