"""What linking Radarr and Sonarr has in common: folders, their names in Jellyfin, the webhook."""

from abc import abstractmethod
import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.webhook import async_generate_id
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.helpers.selector import ObjectSelector, ObjectSelectorConfig, ObjectSelectorField
import voluptuous as vol

from ..clients.arr import ArrClient
from ..clients.jellyfin import JellyfinClient
from ..const import CONF_ADD_WEBHOOK, CONF_PATH_MAP, CONF_PERMANENT_FOLDERS, CONF_WEBHOOK_ID
from ..domain.media import Title
from ..domain.paths import contains, normalize, propose
from ..domain.stream_folders import streamed
from ..flows import jellyfin
from ..flows.common import SWITCH, Failure, attempt, errors_of, placeholders
from ..flows.fields import choice, named, trimmed
from .arr import ArrFlow

# Titles looked up on both sides for the proposed mapping: a few per root folder tell enough.
_SHARED_PER_FOLDER: Final = 3
_SHARED_MOST: Final = 12
# They are looked for among so many; whoever has very many titles is not made to wait for all, and
# nobody for a proposal that does not come (seconds).
_READ_MOST: Final = 2000
_PROPOSED_WITHIN: Final = 10.0

HERE: Final = "here"
THERE: Final = "there"


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A title that has files, its number in the arr, and where it is as the arr names it."""

    id: int
    title: Title
    path: str


class FoldersFlow(ArrFlow):
    """Link an arr, and ask what its folders are and whether it may call us."""

    def __init__(self) -> None:
        """Begin with no folders known."""
        super().__init__()
        self._folders: tuple[str, ...] | None = None
        self._pairs: list[dict[str, str]] = []
        self._streams: frozenset[str] = frozenset()

    async def _read(self) -> tuple[str, ...]:
        """Read the root folders. Raise ServiceError."""
        client: ArrClient = self.link.client(self.hass, self._data)
        return tuple(folder.path for folder in await client.root_folders())

    @abstractmethod
    async def _on_disk(self, most: int) -> tuple[OnDisk, ...]:
        """Read some titles that have files. Raise ServiceError."""

    @abstractmethod
    async def _files(self, one: OnDisk) -> tuple[str, ...]:
        """Name files of a title as the arr does. Raise ServiceError."""

    @staticmethod
    @abstractmethod
    async def _jellyfins(server: JellyfinClient, one: OnDisk, user_id: str) -> str | None:
        """Say where Jellyfin has the same title; None when it does not. Raise ServiceError."""

    @override
    async def _linked(self) -> SubentryFlowResult:
        return await self.async_step_folders()

    async def async_step_folders(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Confirm which root folders are permanent and the proposed path mapping."""
        if self._folders is None:
            answer = await attempt(self._read_folders())
            if isinstance(answer, Failure):
                # An empty form: sending it asks again.
                return self.async_show_form(
                    step_id="folders",
                    data_schema=vol.Schema({}),
                    errors=answer.errors,
                    description_placeholders=placeholders(answer),
                )
            return await self._folders_form(self._suggested())
        if user_input is None:
            return await self._folders_form(self._suggested())
        pairs = _read_pairs(user_input.get(CONF_PATH_MAP))
        if pairs is None:
            return await self._folders_form(user_input, Failure("invalid_path_map", CONF_PATH_MAP))
        self._data[CONF_PERMANENT_FOLDERS] = user_input.get(CONF_PERMANENT_FOLDERS, [])
        self._data[CONF_PATH_MAP] = pairs
        self._data[CONF_ADD_WEBHOOK] = user_input.get(CONF_ADD_WEBHOOK, False)
        self._data[CONF_WEBHOOK_ID] = self._stored().get(CONF_WEBHOOK_ID) or async_generate_id()
        return await super()._linked()

    async def _folders_form(
        self, shown: Mapping[str, Any], failure: Failure | None = None
    ) -> SubentryFlowResult:
        called = await jellyfin.shown_webhook_url(self.hass)
        folders = list(dict.fromkeys((*(self._folders or ()), *self._chosen())))
        field: ObjectSelectorField = {"required": True, "selector": {"text": {}}}
        pairs = ObjectSelectorConfig(
            multiple=True,
            label_field=HERE,
            description_field=THERE,
            translation_key=CONF_PATH_MAP,
            fields={HERE: field, THERE: field},
        )
        schema = vol.Schema(
            {
                vol.Optional(CONF_PERMANENT_FOLDERS): choice(
                    [named(folder) for folder in folders], multiple=True
                ),
                vol.Optional(CONF_PATH_MAP): ObjectSelector(pairs),
                vol.Required(CONF_ADD_WEBHOOK, default=True): SWITCH,
            }
        )
        return self.async_show_form(
            step_id="folders",
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors_of(failure),
            description_placeholders=placeholders(failure, webhook_url=called),
        )

    def _chosen(self) -> list[str]:
        """Return the permanent folders stored before; one that is gone now stays choosable."""
        chosen = self._stored().get(CONF_PERMANENT_FOLDERS, [])
        return list(chosen)

    def _suggested(self) -> dict[str, Any]:
        if self.reconfiguring:
            stored = self._stored()
            return {
                CONF_PERMANENT_FOLDERS: self._chosen(),
                CONF_PATH_MAP: list(stored.get(CONF_PATH_MAP) or self._pairs),
                CONF_ADD_WEBHOOK: stored.get(CONF_ADD_WEBHOOK, True),
            }
        return {
            CONF_PERMANENT_FOLDERS: [
                folder for folder in self._folders or () if folder not in self._streams
            ],
            CONF_PATH_MAP: self._pairs,
            CONF_ADD_WEBHOOK: True,
        }

    async def _read_folders(self) -> None:
        """Read the root folders, and propose what they are. Raise ServiceError of the arr only."""
        folders = await self._read()
        self._streams = streamed(folders, ())
        # Without Jellyfin's answer, or titles soon enough, the person fills the mapping in.
        try:
            async with asyncio.timeout(_PROPOSED_WITHIN):
                pairs = await attempt(self._propose(folders))
        except TimeoutError:
            pairs = []
        self._pairs = [] if isinstance(pairs, Failure) else pairs
        self._folders = folders

    async def _propose(self, folders: tuple[str, ...]) -> list[dict[str, str]]:
        titles = _sample(folders, await self._on_disk(_READ_MOST))
        files = await self._seen(titles)
        self._streams = streamed(folders, files)
        server = await jellyfin.client(self.hass, self._get_entry().data)
        here = [path for library in await server.library_folders() for path in library.paths]
        shared = await self._shared(server, titles)
        self._streams = streamed(folders, [*files, *((there, path) for path, there in shared)])
        return [
            {HERE: pair.here, THERE: pair.there} for pair in propose(here, folders, shared).pairs
        ]

    async def _seen(self, titles: list[OnDisk]) -> list[tuple[str, str]]:
        """Return what files the arr names, each with its title's place; none where it can't say."""
        answers = await asyncio.gather(*(attempt(self._files(title)) for title in titles))
        return [
            (title.path, file)
            for title, answer in zip(titles, answers, strict=True)
            if not isinstance(answer, Failure)
            for file in answer
        ]

    async def _shared(self, server: JellyfinClient, titles: list[OnDisk]) -> list[tuple[str, str]]:
        """Return where both sides say that the same thing is: (Jellyfin's path, the arr's)."""
        administrators = [user for user in await server.users() if user.is_administrator]
        if not administrators:
            return []
        user = administrators[0].id
        found = await asyncio.gather(*(self._jellyfins(server, title, user) for title in titles))
        return [(path, title.path) for path, title in zip(found, titles, strict=True) if path]


def _sample(folders: tuple[str, ...], titles: tuple[OnDisk, ...]) -> list[OnDisk]:
    """Take a few titles out of each root folder, the first of each before a second of any."""
    inside = [[one for one in titles if contains(folder, one.path)] for folder in folders]
    picked = [
        found[number]
        for number in range(_SHARED_PER_FOLDER)
        for found in inside
        if number < len(found)
    ]
    return picked[:_SHARED_MOST]


def _read_pairs(value: object) -> list[dict[str, str]] | None:
    """Return the pairs as typed, cleaned; None when one is no pair of absolute folders."""
    pairs: list[dict[str, str]] = []
    for item in value if isinstance(value, list) else [value] if value else []:
        if not isinstance(item, Mapping):
            return None
        here, there = (trimmed(str(item.get(side) or "")) for side in (HERE, THERE))
        if not (_is_absolute(here) and _is_absolute(there)):
            return None
        pairs.append({HERE: here, THERE: there})
    return pairs


def _is_absolute(path: str) -> bool:
    r"""Tell whether this names one folder from its root: /…, C:\… or \\host\…, without `..`."""
    drive = len(path) > 2 and path[0].isalpha() and path[1] == ":" and path[2] in "/\\"  # noqa: PLR2004
    return (drive or path.startswith(("/", "\\\\"))) and ".." not in normalize(path).split("/")
