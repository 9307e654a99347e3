"""What fuzzing found, each as it was mended."""

from collections.abc import Iterator
import json
from typing import Any

from asyncssh.packet import Byte, String
import pytest

from custom_components.showrunner.clients import radarr_models
from custom_components.showrunner.clients.arr_notifications import ArrNotifications
from custom_components.showrunner.clients.bodies import written
from custom_components.showrunner.clients.errors import ServiceError, Unreadable
from custom_components.showrunner.clients.http import HttpClient
from custom_components.showrunner.clients.jellyfin import JellyfinClient
from custom_components.showrunner.clients.jellystat import JellystatClient
from custom_components.showrunner.clients.radarr import SWITCHES, RadarrClient
from custom_components.showrunner.domain.media import ProviderIds

from . import sftp_server
from .answers import MOVIE_ITEM, SERVER, URL, USER
from .seeds import load
from .targets import NOW, hurried
from .wire import MOST_REQUESTS, Answer, FakeSession, as_session


@pytest.fixture(autouse=True)
def _hurried() -> Iterator[None]:
    with hurried():
        yield


def always(answer: Any) -> FakeSession:
    """Answer everything alike, for ever."""
    return FakeSession(lambda _: Answer(json.dumps(answer).encode()))


async def test_a_queue_that_never_ends_is_none() -> None:
    """The same page for ever, of as many downloads as there are numbers."""
    session = always({"records": [{"id": 1, "movieId": 3}], "totalRecords": 2**52})
    with pytest.raises(Unreadable):
        await RadarrClient(as_session(session), "http://service", "key").queue()
    assert len(session.asked) < MOST_REQUESTS / 10


async def test_a_history_that_never_ends_is_none() -> None:
    """Jellystat's pages are as many as it says."""
    value = load("jellystat/getUserHistory")
    value = {"results": value["results"], "pages": 2**52, "size": 1}
    value |= load("jellystat/isConfigured-state2")
    session = always(value)
    jellystat = JellystatClient(as_session(session), "http://service", "key")
    with pytest.raises(Unreadable):
        async for _ in jellystat.user_history(USER):
            pass
    assert len(session.asked) < 10


async def test_a_library_that_never_ends_holds_nothing() -> None:
    """A thousand films, the same on every page."""
    rows = [MOVIE_ITEM | {"Id": f"{number:032x}"} for number in range(1, 1001)]
    body = {"Items": rows, "TotalRecordCount": 2**52, "Id": SERVER}
    body |= {"ProductName": "Jellyfin Server", "Version": "10.11.0"}
    session = always(body)
    jellyfin = JellyfinClient(as_session(session), "http://service", "key", device_id="x")
    with pytest.raises(Unreadable):
        await jellyfin.find_movie(ProviderIds(tmdb=1), "Another", None)
    assert len(session.asked) < 10


async def test_names_that_are_none_are_kept_as_they_are() -> None:
    """A connection's field is named by an object: it is nobody's, and is written back."""
    sent: list[Any] = []

    class Session(FakeSession):
        def request(self, method: str, url: str, **asked: Any) -> Any:
            if method == "PUT":
                sent.append(json.loads(asked["data"]))
            return super().request(method, url, **asked)

    field = {"name": {"a": 1}, "value": 5}
    row = {"id": 4, "onGrab": False, "fields": [{"name": "url", "value": URL}, field]}
    session = Session(lambda _: Answer(json.dumps([row]).encode()))
    client = HttpClient(as_session(session), "http://service", service="Radarr")
    assert await ArrNotifications(client, SWITCHES).ensure(URL)
    assert sent[0]["fields"][1] == field


def test_half_a_pair_of_surrogates_is_written_back_as_it_came() -> None:
    """In a film's name, or in somebody else's webhook."""
    assert json.loads(written({"title": "a\ud800b"})) == {"title": "a\ud800b"}
    assert written({"title": "é"}) == '{"title": "é"}'.encode()


def test_names_in_a_historys_data_can_be_kept() -> None:
    """They are texts of a service like their values."""
    row = {"id": 1, "date": NOW.isoformat(), "data": {"\ud800": "x", "reason": "a\0b", "": "y"}}
    assert radarr_models.history_record(row).data == {"\ufffd": "x", "reason": "ab"}


async def test_more_of_a_file_than_was_asked_for_is_no_answer() -> None:
    """It would be written where other bytes belong."""
    answer = Byte(103) + String(b"x" * 65)
    with pytest.raises(ServiceError):
        await sftp_server.opened(sftp_server.odd("READ", answer))
