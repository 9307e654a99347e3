"""What the entry says, typed and always current: options, viewers and their own thresholds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.util import dt as dt_util

from .const import (
    CONF_COUNTS_FOR_CLEANUP,
    CONF_MAY_DOWNLOAD,
    CONF_PRIMARY,
    CONF_USER_ID,
    CONF_USER_NAME,
    OPT_PAUSED_VIEWERS,
    VIEWER,
)
from .domain.decision import Policy, Viewer
from .domain.watching import WatchPolicy
from .options import DOWNLOADS, NotificationOptions, Options, page_of


@dataclass(frozen=True, slots=True)
class ViewerSettings:
    """A tracked Jellyfin user. None means: as the options say. Percent and days."""

    user_id: str
    name: str
    subentry_id: str
    completion: float | None
    rewatch_count: int | None
    rewatch_days: int | None
    may_download: bool
    counts_for_cleanup: bool = True
    primary: bool = False


class Settings:
    """One entry's settings. `refresh` reads the entry again after it was changed."""

    def __init__(self, entry: ConfigEntry[Any]) -> None:
        """Read the entry."""
        self._entry = entry
        self.options = Options.from_entry(entry.options)
        self._pages = entry.options
        self._paused = _paused(entry)
        self.viewers = _viewers(entry)

    def refresh(self) -> None:
        """Take over changed options, and who is a viewer now."""
        self.options = Options.from_entry(self._entry.options)
        self._pages = self._entry.options
        self._paused = _paused(self._entry)
        self.viewers = _viewers(self._entry)

    def now(self) -> Options:
        """Give the options as they are now."""
        return self.options

    def page(self, section: str) -> Mapping[str, object]:
        """Give a section of the options as it is stored now; empty when nobody has changed it."""
        return page_of(self._pages, section)

    def notification_options(self) -> NotificationOptions:
        """Give the options of notifications as they are now."""
        return self.options.notifications

    def max_drop(self) -> float:
        """Say how much of what a source had may vanish at once, in percent."""
        return self.options.safety.max_drop_percent

    def kept_since(self) -> datetime | None:
        """Say since when viewings are kept; None when all are."""
        return self.options.kept_since(dt_util.utcnow())

    def tracked_viewers(self) -> tuple[str, ...]:
        """Name the viewers who are tracked now: whoever is paused leaves no new trace."""
        return tuple(one for one in self.viewers if self.tracked(one))

    def viewer_names(self) -> dict[str, str]:
        """Give the viewers' names by their ids, also of those who are paused."""
        return {user_id: viewer.name for user_id, viewer in self.viewers.items()}

    def policy_of_tracked(self, user_id: str) -> WatchPolicy | None:
        """Give a tracked viewer's thresholds, None for everybody else."""
        return self.policy(user_id) if self.tracked(user_id) else None

    def policy(self, user_id: str) -> WatchPolicy:
        """Give the thresholds of watching that hold for a user."""
        viewer = self.viewers.get(user_id)
        watching = self.options.watching
        if viewer is None or viewer.completion is None:
            return watching
        return replace(watching, completion=viewer.completion)

    def tracked(self, user_id: str) -> bool:
        """Tell whether a user is tracked now: chosen, and not paused."""
        return user_id in self.viewers and user_id not in self._paused

    def paused(self, user_id: str) -> bool:
        """Tell whether a user was chosen, but nothing of them is to be noticed for now."""
        return user_id in self.viewers and user_id in self._paused

    @property
    def guests(self) -> bool:
        """Tell whether plays of users who are not tracked may lead to a decision."""
        return self.options.downloads.policy.guests_instant

    def viewer_of(self, subentry_id: str) -> ViewerSettings | None:
        """Return the viewer that a subentry is about; None when it is about something else."""
        return next((v for v in self.viewers.values() if v.subentry_id == subentry_id), None)

    def viewer(self, user_id: str) -> Viewer | None:
        """Give a tracked viewer as the decision sees it."""
        known = self.viewers.get(user_id)
        if known is None:
            return None
        return Viewer(
            user_id=known.user_id,
            name=known.name,
            tracked=True,
            may_download=known.may_download,
            rewatch_count=known.rewatch_count,
            rewatch_days=known.rewatch_days,
        )

    def download_policy(self, user_id: str | None) -> Policy:
        """Give the download policy that holds for a user, or for nobody in particular."""
        policy = self.options.downloads.policy
        known = self.viewers.get(user_id) if user_id else None
        if known is None or known.completion is None:
            return policy
        return replace(policy, completion=known.completion)


def _paused(entry: ConfigEntry[Any]) -> frozenset[str]:
    """Read who is paused. It is kept in the options: as they change, nothing is reloaded."""
    paused = entry.options.get(OPT_PAUSED_VIEWERS)
    return frozenset(str(one) for one in paused) if isinstance(paused, list) else frozenset()


def _viewers(entry: ConfigEntry[Any]) -> Mapping[str, ViewerSettings]:
    """Read the viewers, by their Jellyfin ids."""
    viewers = map(_viewer, entry.get_subentries_of_type(VIEWER))
    return MappingProxyType({viewer.user_id: viewer for viewer in viewers})


def _viewer(subentry: ConfigSubentry) -> ViewerSettings:
    data = subentry.data

    def own(key: str) -> float | None:
        """Read an own threshold; one that can't be right is none."""
        limit, value = DOWNLOADS[key], data.get(key)
        if value is None or limit.read(value) != value:
            return None
        return limit.read(value)

    count, days = own("rewatch_count"), own("rewatch_days")
    return ViewerSettings(
        user_id=data[CONF_USER_ID],
        name=data.get(CONF_USER_NAME) or subentry.title,
        subentry_id=subentry.subentry_id,
        completion=own("completion"),
        rewatch_count=None if count is None else int(count),
        rewatch_days=None if days is None else int(days),
        may_download=data.get(CONF_MAY_DOWNLOAD, True) is True,
        counts_for_cleanup=data.get(CONF_COUNTS_FOR_CLEANUP, True) is True,
        primary=data.get(CONF_PRIMARY, False) is True,
    )
