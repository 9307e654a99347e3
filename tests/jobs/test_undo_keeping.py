"""What keeps a movie that we added when that is undone: everything that keeps one from deletion."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from custom_components.showrunner.clients.errors import ServiceError, Unreachable
from custom_components.showrunner.clients.radarr import RadarrMovie
from custom_components.showrunner.domain.candidate import Override
from custom_components.showrunner.domain.deletion.facts import Evidence, Favorites, ProofFacts
from custom_components.showrunner.domain.identity import KnownAs
from custom_components.showrunner.domain.inventory import ArrTitle
from custom_components.showrunner.domain.keeps import Keep
from custom_components.showrunner.domain.knowledge import Knowledge, Known, Unknown
from custom_components.showrunner.domain.library import UserRow
from custom_components.showrunner.domain.media import (
    MOVIE,
    MediaType,
    ProviderIds,
    Title,
    TitleKey,
    Unit,
    UnitKind,
)
from custom_components.showrunner.domain.paths import PathMap, PathPair
from custom_components.showrunner.jobs.facts.title_asker import TitleAsker
from custom_components.showrunner.jobs.undo import keeping
from custom_components.showrunner.jobs.undo.keeping import Keeping, keep_tags
from custom_components.showrunner.settings import Settings
from custom_components.showrunner.store import Store
from tests.english import english

IDS = ProviderIds(tmdb=5, imdb="tt0000005")
PERHAPS = ProviderIds(tvdb=4)
ADDED = datetime(2026, 6, 10, 20, tzinfo=UTC)
RECORD = ArrTitle(
    "r1",
    "radarr",
    "Radarr",
    7,
    IDS,
    "/m/Rain",
    frozenset(),
    (),
    (),
    PathMap((PathPair("/media", "/m"),)),
    year=2011,
)
ELSEWHERE = Evidence("i1", IDS, frozenset({MOVIE}), ("/media/4k/Rain/rain.mkv",), year=2011)
PLAYING = Unit(UnitKind.MOVIE, "Rain", "server", "i1", IDS)
NONE: Known[tuple[()]] = Known(())
THERE: Known[tuple[Evidence, ...]] = Known((ELSEWHERE,))
NOBODY: Unknown = Unknown("it was asleep", "jellyfin")


@dataclass
class Asked:
    """What everybody says, and the way in which the keeping asks them."""

    store: Store
    record: ArrTitle = RECORD
    items: Knowledge[tuple[Evidence, ...]] = THERE
    loved: Knowledge[tuple[Favorites, ...]] = NONE
    plays: Knowledge[tuple[Unit, ...]] = NONE
    keeps: Knowledge[tuple[Keep, ...]] = NONE
    named: Knowledge[KnownAs] = field(
        default_factory=lambda: Known(
            KnownAs(
                TitleKey(MediaType.MOVIE, IDS),
                TitleKey(MediaType.MOVIE, ProviderIds(), (PERHAPS,)),
            )
        )
    )
    rows: dict[str, UserRow] = field(default_factory=dict)
    silent: ServiceError | None = None
    linked: bool = True

    @property
    def titles(self) -> TitleAsker:
        """Stand in for who asks."""

        async def with_items(title: Title, wants: object, found: ProofFacts) -> ProofFacts:
            return replace(found, evidence=self.items)

        async def with_protection(title: Title, found: ProofFacts) -> ProofFacts:
            return replace(found, favorites=self.loved, playing=self.plays)

        async def known_as(title: Title, found: ProofFacts) -> Knowledge[KnownAs]:
            return self.named

        async def words(named: object) -> Knowledge[tuple[Keep, ...]]:
            return self.keeps

        async def kept(viewer: str, title: Title, items: object) -> dict[str, UserRow]:
            if self.silent is not None:
                raise self.silent
            return self.rows

        found = SimpleNamespace(
            radarrs={"r1": object()} if self.linked else {},
            with_items=with_items,
            with_protection=with_protection,
            known_as=known_as,
            keeps=words,
            evidence=SimpleNamespace(kept=kept),
            sources=frozenset({"library"}),
        )
        return cast("TitleAsker", found)


@pytest.fixture
async def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Asked]:
    """Ask of a movie that nobody keeps."""
    store = await Store.open(tmp_path / "keeping.db")
    made = Asked(store)

    async def record(arr: object, movie: object) -> ArrTitle:
        return made.record

    monkeypatch.setattr(keeping, "of_movie", record)
    yield made
    await store.close()


async def why(asked: Asked, tags: frozenset[str] | None = frozenset({"keep"})) -> str:
    """Say why it stays; empty: it may go."""
    title = Title(MediaType.MOVIE, IDS, "Rain", 2011)
    movie = cast("RadarrMovie", SimpleNamespace(title=title))
    made = Keeping(asked.titles, asked.store, lambda: tags, lambda: {"u1": "Ada"}, lambda: ADDED)
    assert made.sources == {"library"}
    said = await made.against("r1", movie, IDS, ADDED)
    return "" if said is None else english(said)


async def test_what_nobody_keeps_goes(asked: Asked) -> None:
    """Also where another Radarr has it, and somebody had watched that before."""
    asked.rows = {"i1": UserRow("i1", played=True, play_count=2, last_played=ADDED - timedelta(1))}
    asked.loved = Known((Favorites("Ada", frozenset({"another"})),))
    asked.plays = Known((replace(PLAYING, item_id="other", ids=ProviderIds(tmdb=9)),))
    assert await why(asked) == ""


type Change = Callable[[Asked], object]


def _set(**values: object) -> Change:
    def change(asked: Asked) -> None:
        for name, value in values.items():
            setattr(asked, name, value)

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_set(linked=False), "no longer linked"),
        (_set(record=replace(RECORD, tags=frozenset({"Keep"}))), "it has the tag keep"),
        (_set(record=replace(RECORD, ids=ProviderIds(tmdb=9))), "tmdb:9"),
        (_set(record=replace(RECORD, year=1950)), "1950"),
        (
            _set(keeps=Known((Keep(TitleKey(MediaType.MOVIE, IDS), None, None, ADDED, "ada"),))),
            "a person keeps it",
        ),
        (_set(keeps=NOBODY), "asleep"),
        (_set(named=NOBODY), "nobody knows"),
        (_set(items=NOBODY), "asleep"),
        (
            _set(items=Known((replace(ELSEWHERE, paths=("/media/Rain/rain.mkv",)),))),
            "it has a file",
        ),
        (_set(loved=Known((Favorites("Ada", frozenset({"i1"})),))), "it is a favourite of Ada"),
        (_set(loved=Known((Favorites("Ada", frozenset(), within=True),))), "favourite of Ada"),
        (_set(items=Known((replace(ELSEWHERE, paths=("/x/rain.mkv",)),))), "it has a file"),
        (_set(loved=NOBODY), "whose favourite"),
        (_set(plays=Known((replace(PLAYING, ids=ProviderIds()),))), "playing now"),
        (_set(plays=Known((replace(PLAYING, item_id="i9"),))), "playing now"),
        (_set(plays=NOBODY), "what is playing"),
        (_set(rows={"i1": UserRow("i1", position=9)}), "Ada has watched it since"),
        (_set(rows={"i1": UserRow("i1", last_played=ADDED)}), "Ada has watched it since"),
        (_set(silent=Unreachable("Jellyfin", "it was asleep")), "whether somebody has watched it"),
    ],
)
async def test_whatever_keeps_it_keeps_it(asked: Asked, change: Change, said: str) -> None:
    """As before every deletion; and who does not answer has not said that nothing does."""
    change(asked)
    assert said in await why(asked)


@pytest.mark.parametrize("ids", [IDS, PERHAPS])
async def test_what_is_always_to_be_there_stays(asked: Asked, ids: ProviderIds) -> None:
    """Also where it is not sure that the word is on this movie."""
    await asked.store.overrides.set(TitleKey(MediaType.MOVIE, ids), Override.ALWAYS, "ada")
    assert "always to be there" in await why(asked)


async def test_what_was_watched_since_stays(asked: Asked) -> None:
    """By our own history, also when nothing of it is left in Jellyfin."""
    asked.items = Known(())
    assert await why(asked) == ""

    async def last_of(viewer: str, unit: Unit, since: datetime) -> object:
        assert (viewer, unit.ids, since) == ("u1", IDS, ADDED)
        return object()

    cast("Any", asked.store).viewings = SimpleNamespace(last_of=last_of)
    assert "Ada has watched it since" in await why(asked)


def _settings(**pages: dict[str, object]) -> Settings:
    return cast("Settings", SimpleNamespace(page=lambda section: pages.get(section, {})))


def test_every_tag_of_the_options_keeps() -> None:
    """Those of the cleanup and of the seedbox, and always "keep"."""
    assert keep_tags(_settings()) == {"keep"}
    pages = _settings(cleanup={"keep_tag": " Stay "}, purge={"keep_tags": ["Gold", "four-k"]})
    assert keep_tags(pages) == {"keep", "stay", "gold", "four-k"}


@pytest.mark.parametrize(
    "page",
    [{"cleanup": {"keep_tag": 5}}, {"purge": {"keep_tags": "gold"}}, {"purge": {"keep_tags": [1]}}],
)
async def test_options_that_can_not_be_meant_have_every_tag_keep(
    asked: Asked, page: dict[str, dict[str, object]]
) -> None:
    """Nobody knows which tag was meant."""
    assert keep_tags(_settings(**page)) is None
    made = Keeping(asked.titles, asked.store, lambda: None, dict, lambda: ADDED)
    assert made.tag(["family"]) == "family"
    assert made.tag([]) is None
    known = Keeping(asked.titles, asked.store, lambda: frozenset({"stay"}), dict, lambda: ADDED)
    assert known.tag(["family", " STAY "]) == " STAY "
    assert known.tag(["family"]) is None
