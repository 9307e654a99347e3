"""Link Radarr, and say what its folders are: permanent or streamed, and how Jellyfin calls them."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_API_KEY, CONF_URL, CONF_VERIFY_SSL
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import ObjectSelector, ObjectSelectorConfig, ObjectSelectorField
import voluptuous as vol

from ..clients.jellyfin import JellyfinClient
from ..clients.radarr import RadarrClient, RadarrMovie
from ..const import CONF_PATH_MAP, CONF_PERMANENT_FOLDERS, RADARR
from ..domain.paths import contains, normalize, propose
from . import jellyfin
from .arr import ArrFlow
from .common import Failure, attempt, choice, errors_of, named, placeholders, read_url

# Titles looked up on both sides for the proposed mapping: a few per root folder tell enough.
_SHARED_PER_FOLDER: Final = 3
_SHARED_MOST: Final = 12

HERE: Final = "here"
THERE: Final = "there"


def client(hass: HomeAssistant, data: Mapping[str, Any]) -> RadarrClient:
    """Build a client from url, api_key and verify_ssl. Raise InvalidUrl."""
    session = async_get_clientsession(hass, data[CONF_VERIFY_SSL])
    return RadarrClient(session, read_url(data[CONF_URL]), data[CONF_API_KEY])


async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
    """Try url, api_key and verify_ssl; return the instance's name. Raise ServiceError."""
    status = await client(hass, data).status()
    return status.instance_name or status.app_name


class RadarrFlow(ArrFlow):
    """Add or reconfigure Radarr."""

    kind: ClassVar[str] = RADARR
    example: ClassVar[str] = "http://192.168.1.10:7878"

    def __init__(self) -> None:
        """Begin with no folders known."""
        super().__init__()
        self._folders: tuple[str, ...] | None = None
        self._pairs: list[dict[str, str]] = []

    @staticmethod
    @override
    async def probe(hass: HomeAssistant, data: Mapping[str, Any]) -> str:
        return await probe(hass, data)

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
            return self._folders_form(self._suggested())
        if user_input is None:
            return self._folders_form(self._suggested())
        pairs = _read_pairs(user_input.get(CONF_PATH_MAP))
        if pairs is None:
            return self._folders_form(user_input, Failure("invalid_path_map", CONF_PATH_MAP))
        self._data[CONF_PERMANENT_FOLDERS] = user_input.get(CONF_PERMANENT_FOLDERS, [])
        self._data[CONF_PATH_MAP] = pairs
        return await super()._linked()

    def _folders_form(
        self, shown: Mapping[str, Any], failure: Failure | None = None
    ) -> SubentryFlowResult:
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
            }
        )
        return self.async_show_form(
            step_id="folders",
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors_of(failure),
            description_placeholders=placeholders(failure),
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
            }
        return {CONF_PERMANENT_FOLDERS: list(self._folders or ()), CONF_PATH_MAP: self._pairs}

    async def _read_folders(self) -> None:
        """Read the root folders, and propose the mapping. Raise ServiceError of Radarr only."""
        radarr = client(self.hass, self._data)
        folders = tuple(folder.path for folder in await radarr.root_folders())
        movies = await radarr.movies()
        # Without Jellyfin's answer there is no proposal, and the person fills it in.
        pairs = await attempt(self._propose(folders, movies))
        self._pairs = [] if isinstance(pairs, Failure) else pairs
        self._folders = folders

    async def _propose(
        self, folders: tuple[str, ...], movies: tuple[RadarrMovie, ...]
    ) -> list[dict[str, str]]:
        server = await jellyfin.client(self.hass, self._get_entry().data)
        here = [path for library in await server.library_folders() for path in library.paths]
        shared = await _shared(server, _sample(folders, movies))
        return [
            {HERE: pair.here, THERE: pair.there} for pair in propose(here, folders, shared).pairs
        ]


def _sample(folders: tuple[str, ...], movies: tuple[RadarrMovie, ...]) -> list[RadarrMovie]:
    """Take a few movies with a file out of each root folder."""
    files = [movie for movie in movies if movie.has_file and movie.file_path]
    picked = [
        movie
        for folder in folders
        for movie in [movie for movie in files if contains(folder, movie.path)][:_SHARED_PER_FOLDER]
    ]
    return picked[:_SHARED_MOST]


async def _shared(server: JellyfinClient, movies: list[RadarrMovie]) -> list[tuple[str, str]]:
    """Return where both sides say that the same file is: (Jellyfin's path, Radarr's path)."""
    administrators = [user for user in await server.users() if user.is_administrator]
    if not administrators:
        return []
    items = await asyncio.gather(
        *(
            server.find_movie(movie.title.ids, movie.title.name, administrators[0].id)
            for movie in movies
        )
    )
    return [
        (item.path, movie.file_path)
        for item, movie in zip(items, movies, strict=True)
        if item is not None and item.path and movie.file_path
    ]


def _read_pairs(value: object) -> list[dict[str, str]] | None:
    """Return the pairs as typed, cleaned; None when one is no pair of absolute folders."""
    pairs: list[dict[str, str]] = []
    for item in value if isinstance(value, list) else [value] if value else []:
        if not isinstance(item, Mapping):
            return None
        here, there = (str(item.get(side) or "").strip() for side in (HERE, THERE))
        if not (_is_absolute(here) and _is_absolute(there)):
            return None
        pairs.append({HERE: here, THERE: there})
    return pairs


def _is_absolute(path: str) -> bool:
    r"""Tell whether this names one folder from its root: /…, C:\… or \\host\…, without `..`."""
    drive = len(path) > 2 and path[0].isalpha() and path[1] == ":" and path[2] in "/\\"  # noqa: PLR2004
    return (drive or path.startswith(("/", "\\\\"))) and ".." not in normalize(path).split("/")
