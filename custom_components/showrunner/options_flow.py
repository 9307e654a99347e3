"""The options: a menu with one page a section; each page is stored as that section."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
import re
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, TimeSelector
import voluptuous as vol

from .const import (
    OPT_DOWNLOADS,
    OPT_NOTIFICATIONS,
    OPT_SAFETY,
    OPT_WATCHING,
)
from .domain.decision import Policy
from .flows.common import SWITCH, Failure, attempt, number, whole
from .flows.fields import TEXT, choice, named, trimming, words
from .jobs.registry import JOBS
from .jobs.spec import OptionsPage
from .options import (
    DAYS,
    DIGEST_AT,
    DIGEST_DAY,
    DOWNLOADS,
    NOTIFICATIONS,
    SAFETY,
    WATCHING,
    DownloadOptions,
    Options,
    Range,
)
from .services import radarr

_STEP: Final = "async_step_"

_WORDS: Final = ("keywords", "genres_instant", "genres_rare", "genres_excluded")
# The fields of the downloads page that are folded away, by what they are about.
_DOWNLOAD_GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "rewatched": ("rewatch_count", "rewatch_days", "rewatch_rating"),
    "at_once": ("instant_rating", "genres_instant", "favorite_tag"),
    "rare": (
        *("rare_rating", "rare_votes", "rare_before_year", "rare_seeders"),
        *("keywords", "genres_rare"),
    ),
    "never": ("genres_excluded", "cooldown_days"),
    "radarr": ("quality_profile", "root_folder", "tag"),
}
# What Radarr takes for a label; anything else it refuses.
_TAG: Final = re.compile(r"[a-z0-9-]+")
_QUIET: Final = ("quiet_from", "quiet_to")


class ShowrunnerOptionsFlow(OptionsFlow):
    """Change the options, a page at a time."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the pages."""
        return self.async_show_menu(step_id="init", menu_options=_pages())

    async def async_step_watching(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask when a viewing counts."""
        schema = vol.Schema(
            {
                **_numbers(WATCHING),
                vol.Required("history_admins_only", default=Options().history_admins_only): SWITCH,
            }
        )
        return self._page(OPT_WATCHING, schema, user_input)

    async def async_step_downloads(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what deserves a download, and how Radarr is to fetch it."""
        profiles, folders = ([], []) if user_input is not None else await self._radarr_choices()
        policy = Policy()
        fields: dict[vol.Marker, object] = {
            vol.Required("enabled", default=DownloadOptions().enabled): SWITCH,
            **_numbers(DOWNLOADS),
            **{vol.Required(key, default=list(getattr(policy, key))): words() for key in _WORDS},
            vol.Optional("favorite_tag"): TEXT,
            vol.Required("guests_instant", default=policy.guests_instant): SWITCH,
            vol.Optional("quality_profile"): _suggestions(profiles),
            vol.Optional("root_folder"): _suggestions(folders),
            vol.Optional("tag"): TEXT,
        }
        schema = _grouped(fields, _DOWNLOAD_GROUPS)
        if user_input is not None:
            # Emptied means no such tag, not the default one.
            user_input = {"favorite_tag": "", **_flat(user_input)}
        tag = (user_input or {}).get("tag", "")
        errors = {"base": "invalid_tag"} if tag and not _TAG.fullmatch(tag) else {}
        return self._page(
            OPT_DOWNLOADS,
            schema,
            user_input,
            errors,
            defaults={"favorite_tag": policy.favorite_tag},
        )

    def __getattr__(self, name: str) -> Any:
        """Give the step of a job's page: Home Assistant finds steps by their names."""
        section_ = name.removeprefix(_STEP) if name.startswith(_STEP) else ""
        pages = _job_pages().get(section_)
        if pages is None:
            raise AttributeError(name)
        return partial(self._job_page, section_, pages)

    async def _job_page(
        self,
        section_: str,
        pages: Sequence[OptionsPage],
        user_input: dict[str, Any] | None = None,
    ) -> ConfigFlowResult:
        """Ask whether and how jobs do their work."""
        schema: dict[vol.Marker, object] = {}
        for page in pages:
            fields = {
                **{vol.Required(key, default=on): SWITCH for key, on in page.switches.items()},
                **_numbers(page.numbers),
                **{marker: trimming(one) for marker, one in page.fields.items()},
            }
            if page.group is None:
                schema |= fields
            else:
                schema[vol.Required(page.group)] = section(vol.Schema(fields), {"collapsed": False})
        errors: dict[str, str] = {}
        if user_input is not None:
            user_input = _flat(user_input)
            for page in pages:
                errors |= await page.errors(self.hass, user_input)
        return self._page(section_, vol.Schema(schema), user_input, errors)

    async def async_step_safety(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the limits of every run."""
        schema = vol.Schema({vol.Required("dry_run", default=True): SWITCH, **_numbers(SAFETY)})
        return self._page(OPT_SAFETY, schema, user_input)

    async def async_step_notifications(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask when to be quiet, and how much may be said."""
        schema = vol.Schema(
            {
                **{vol.Optional(key): TimeSelector() for key in _QUIET},
                **_numbers(NOTIFICATIONS),
                vol.Required("digest_day", default=DIGEST_DAY): SelectSelector(
                    SelectSelectorConfig(options=list(DAYS), translation_key="weekdays")
                ),
                vol.Required("digest_at", default=DIGEST_AT): TimeSelector(),
            }
        )
        errors: dict[str, str] = {}
        if user_input is not None and len(user_input.keys() & set(_QUIET)) == 1:
            errors["base"] = "half_quiet_time"
        return self._page(OPT_NOTIFICATIONS, schema, user_input, errors)

    def _page(
        self,
        page: str,
        schema: vol.Schema,
        user_input: dict[str, Any] | None,
        errors: dict[str, str] | None = None,
        defaults: Mapping[str, object] | None = None,
    ) -> ConfigFlowResult:
        """Store a page that was sent, else show it with what is stored or was just typed."""
        if user_input is not None and not errors:
            options = {**self.config_entry.options, page: whole(user_input)}
            return self.async_create_entry(data=options)
        stored = {**(defaults or {}), **self.config_entry.options.get(page, {})}
        shown = stored if user_input is None else user_input
        return self.async_show_form(
            step_id=page,
            data_schema=self.add_suggested_values_to_schema(schema, _nested(schema, shown)),
            errors=errors,
        )

    async def _radarr_choices(self) -> tuple[list[str], list[str]]:
        """Return all quality profiles and root folders that a linked Radarr can tell now.

        A Radarr that is down tells none; the fields take free text all the same.
        """
        answers = await asyncio.gather(
            *(
                attempt(_read_choices(self.hass, subentry.data))
                for subentry in self.config_entry.get_subentries_of_type(radarr.KEY)
            )
        )
        choices = [answer for answer in answers if not isinstance(answer, Failure)]
        profiles = {name for names, _ in choices for name in names}
        folders = {path for _, paths in choices for path in paths}
        return sorted(profiles), sorted(folders)


def _job_pages() -> dict[str, list[OptionsPage]]:
    """Give what jobs have on each page, by its section."""
    found: dict[str, list[OptionsPage]] = {}
    for spec in JOBS.values():
        if spec.page is not None:
            found.setdefault(spec.page.section, []).append(spec.page)
    return found


def _pages() -> list[str]:
    return [OPT_WATCHING, *_job_pages(), OPT_SAFETY, OPT_NOTIFICATIONS]


async def _read_choices(
    hass: HomeAssistant, data: Mapping[str, Any]
) -> tuple[list[str], list[str]]:
    client = radarr.LINK.client(hass, data)
    profiles = [name for _, name in await client.quality_profiles()]
    return profiles, [folder.path for folder in await client.root_folders()]


def _grouped(
    fields: Mapping[vol.Marker, object], groups: Mapping[str, tuple[str, ...]]
) -> vol.Schema:
    """Put fields into sections that can be folded; those of no group stand before them."""
    grouped = {key for keys in groups.values() for key in keys}
    schema = {marker: field for marker, field in fields.items() if marker not in grouped}
    by_name = {str(marker): marker for marker in fields}
    for name, keys in groups.items():
        inner = vol.Schema({by_name[key]: fields[by_name[key]] for key in keys})
        schema[vol.Required(name)] = section(inner, {"collapsed": True})
    return vol.Schema(schema)


def _flat(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Take the fields out of their sections."""
    found: dict[str, Any] = {}
    for key, value in typed.items():
        found |= value if isinstance(value, Mapping) else {key: value}
    return found


def _nested(schema: vol.Schema, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Put values where a schema's sections want them."""
    found = dict(shown)
    for marker, field in schema.schema.items():
        if isinstance(field, section):
            found[str(marker)] = {
                str(key): shown[str(key)] for key in field.schema.schema if str(key) in shown
            }
    return found


def _numbers(ranges: Mapping[str, Range]) -> Mapping[vol.Marker, object]:
    return {
        vol.Required(key, default=limit.default): number(limit) for key, limit in ranges.items()
    }


def _suggestions(values: list[str]) -> object:
    """Return a field that offers values and takes others too."""
    return choice([named(value) for value in values], custom=True)
