"""A movie and a series of one number are two titles, in every book (law 14)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st

from custom_components.showrunner.domain.acquisition import Acquisition, AcquisitionState
from custom_components.showrunner.domain.candidate import Candidate, Override
from custom_components.showrunner.domain.decision import Verdict, decide
from custom_components.showrunner.domain.library import (
    ItemKind,
    LibraryItem,
    MarkSource,
    WatchedMark,
)
from custom_components.showrunner.domain.media import (
    MediaType,
    ProviderIds,
    Title,
    TitleKey,
    Unit,
    UnitKind,
)
from custom_components.showrunner.domain.milestones import Milestone, MilestoneKind
from custom_components.showrunner.domain.plan import (
    DeleteEpisodeFiles,
    DeleteMovie,
    Scope,
    Subject,
    Target,
)
from custom_components.showrunner.domain.requests.facts import Event, EventKind, Facts
from custom_components.showrunner.domain.requests.report import About, Index
from custom_components.showrunner.domain.requests.request import Request
from custom_components.showrunner.domain.requests.seasons import ALL
from custom_components.showrunner.domain.requests.state import state_of
from custom_components.showrunner.domain.requests.stuck import StuckPolicy
from custom_components.showrunner.domain.watching import ReportSource, Viewing, same_unit
from custom_components.showrunner.store import LedgerState, RequestRow, Store
from custom_components.showrunner.store.small import Word
from tests.domain.plans import step
from tests.domain.samples import NOW, POLICY, candidate
from tests.effort import examples
from tests.english import english

VIEWER, SERVER = "a" * 32, "5" * 32
# Few numbers, so that both kinds have the same ones.
NUMBERS = st.none() | st.integers(1, 3)
IDS = st.builds(
    ProviderIds, NUMBERS, NUMBERS, st.none() | st.sampled_from(["tt0000001", "tt0000002"])
).filter(bool)


def title(media: MediaType, ids: ProviderIds) -> Title:
    """Make a title."""
    return Title(media, ids, "Four", 2011)


def unit(one: Title, item: str) -> Unit:
    """Make the movie, or an episode of the series."""
    if one.media is MediaType.MOVIE:
        return Unit(UnitKind.MOVIE, "Four", SERVER, item, ids=one.ids)
    return Unit(
        UnitKind.EPISODE,
        "One",
        SERVER,
        item,
        series_item_id="c" * 32,
        series_name="Four",
        series_ids=one.ids,
        season=1,
        episode=1,
    )


@dataclass
class Books:
    """Everything that is kept of a title, written once."""

    store: Store

    async def write(self, one: Title, mark: str) -> None:
        """Write a title into every book."""
        store, what = self.store, unit(one, mark * 32)
        movie = one.media is MediaType.MOVIE
        payload = DeleteMovie() if movie else DeleteEpisodeFiles(1, ())
        target = Target("x", "radarr" if movie else "sonarr", 1, None, one.ids)
        deletion = replace(
            step(1),
            payload=payload,
            scope=Scope.MOVIE if movie else Scope.SEASON,
            subject=Subject.of_title(one),
            target=target,
        )
        row = await store.ledger.begin("cleanup", mark, deletion, {})
        await store.ledger.finish(row, LedgerState.DONE, "gone", {})
        await store.overrides.set(one.key, Override.NEVER, mark)
        await store.decisions.add(decide(Candidate(one, None), POLICY, NOW), item_id=mark)
        await store.acquisitions.put(Acquisition(mark, one, AcquisitionState.DECIDING, NOW, None))
        ref = f"seerr:x:{mark}"
        seasons = None if movie else ALL
        request = Request(ref, ref, one, NOW, seasons=seasons)
        facts = Facts().with_([Event(EventKind.APPROVED, NOW)])
        status = state_of(request, facts, NOW, policy=StuckPolicy(), matcher=False)
        await store.requests.put([RequestRow(request, facts, status)])
        whole = Viewing(
            VIEWER,
            what,
            NOW.date(),
            NOW,
            NOW + timedelta(hours=1),
            3600,
            3600,
            3600,
            frozenset({ReportSource.POLL}),
            completed=True,
        )
        await store.viewings.save(whole)
        await store.watched.mark(
            VIEWER, [WatchedMark(what.keys, what.item_id, NOW, MarkSource.VIEWING)]
        )
        kind = ItemKind.MOVIE if movie else ItemKind.SERIES
        await store.library.take(
            [LibraryItem(SERVER, ("1" if movie else "c") * 32, kind, "Four", one.ids)], 1
        )

    async def found(self, key: TitleKey) -> tuple[int, ...]:
        """Count what each book has of a title."""
        store = self.store
        return (
            len(await store.ledger.for_title(key)),
            int(await store.ledger.deleted_at(key) is not None),
            int(await store.overrides.get(key) != Word()),
            len(await store.decisions.for_title(key)),
            len(await store.acquisitions.for_title(key)),
            len(await store.requests.for_title(key)),
            len(await store.viewings.history(title=key)),
            int(key.media in await store.titles.kinds(key.ids)),
            len(await store.library.by_keys(key.names)),
        )


_FILES = count()


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(IDS, IDS, st.sampled_from(MediaType))
async def test_a_movies_rows_and_a_series_rows_never_meet(
    tmp_path: Path, ids: ProviderIds, others: ProviderIds, media: MediaType
) -> None:
    """Whatever ids they share: of the one kind everything is found, of the other nothing."""
    store = await Store.open(tmp_path / f"{next(_FILES)}.db")
    books = Books(store)
    other = next(one for one in MediaType if one is not media)
    await books.write(title(media, ids), "1")
    assert await books.found(title(media, ids).key) == (1,) * 9
    assert await books.found(title(other, ids).key) == (0,) * 9
    assert await store.watched.is_watched(VIEWER, unit(title(other, ids), "9" * 32)) is None
    assert not same_unit(unit(title(media, ids), "1" * 32), unit(title(other, ids), "9" * 32))
    await books.write(title(other, others), "2")
    assert await books.found(title(media, ids).key) == (1,) * 9
    assert await books.found(title(other, others).key) == (1,) * 9
    assert len(await store.viewings.history()) == 2
    assert await store.watched.count(VIEWER) == 2
    await store.close()


@given(IDS, st.sampled_from(MediaType))
def test_no_report_of_a_series_is_a_movies(ids: ProviderIds, media: MediaType) -> None:
    """Found by any id, among those that are waited for."""
    index = Index()
    other = next(one for one in MediaType if one is not media)
    one = title(media, ids)
    seasons = None if media is MediaType.MOVIE else ALL
    index.put(Request("r", "r", one, NOW, seasons=seasons), Facts())
    assert index.of_title(one.key) == {"r"}
    assert index.of_title(TitleKey(other, ids)) == set()
    assert index.meant(About(media=other, ids=ids)) == ()
    assert len(index.meant(About(media=media, ids=ids))) == 1


@given(IDS, IDS)
def test_joining_ids_loses_no_name(ids: ProviderIds, others: ProviderIds) -> None:
    """Also of ids that contradict each other; each name once."""
    key = TitleKey(MediaType.MOVIE, ids)
    joined = key.joined(others)
    assert set(joined.names) == set(key.names) | set(TitleKey(MediaType.MOVIE, others).names)
    assert len(joined.names) == len(set(joined.names))
    assert joined.joined(others) == joined


def test_milestones_of_a_series_carry_its_kind() -> None:
    """As everything else."""
    one = title(MediaType.SERIES, ProviderIds(tmdb=4))
    assert Milestone(MilestoneKind.SERIES_FINISHED, 3, one).keys == (
        "series_finished:series:tmdb:4",
    )


def test_always_is_a_guess_where_the_kind_was_not_said() -> None:
    """Never and ask hold for both; nothing is fetched for a series' sake."""
    asked = candidate(override=Override.ALWAYS, override_kind_told=False)
    decision = decide(asked, POLICY, NOW)
    assert decision.verdict is Verdict.ASK
    assert "movie or the series" in english(decision.reason)
    for policy, verdict in ((Override.NEVER, Verdict.STREAM), (Override.ASK, Verdict.ASK)):
        unsure = candidate(override=policy, override_kind_told=False)
        assert decide(unsure, POLICY, NOW).verdict is verdict


async def test_a_movie_in_two_numbers_is_kept_under_both(store: Store) -> None:
    """What is done to Radarr's movie is found under its ids too."""
    old, new = ProviderIds(tmdb=990101, imdb="tt9990101"), ProviderIds(990999, None, "tt9990101")
    one = title(MediaType.MOVIE, old)
    target = Target("x", "radarr", 7, None, new)
    done = replace(step(1), subject=Subject.of_title(one), target=target)
    row = await store.ledger.begin("cleanup", "p", done, {})
    await store.ledger.finish(row, LedgerState.DONE, "gone", {})
    by_number = TitleKey(MediaType.MOVIE, ProviderIds(tmdb=990999))
    assert await store.ledger.deleted_at(by_number) is not None
    together = await store.titles.together(by_number)
    assert set(together.names) == {"movie:tmdb:990101", "movie:tmdb:990999", "movie:imdb:tt9990101"}
