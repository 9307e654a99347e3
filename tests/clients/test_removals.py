"""What is asked of services when something of theirs is deleted: exactly that, and never all."""

import json
from typing import Any

import aiohttp
from aioresponses import CallbackResult, aioresponses
import pytest
from yarl import URL

from custom_components.showrunner.clients.errors import Refused, Unauthorized, Unreachable
from custom_components.showrunner.clients.qbittorrent import QBittorrentClient
from custom_components.showrunner.clients.radarr import RadarrClient
from custom_components.showrunner.clients.rtorrent import RTorrentClient
from custom_components.showrunner.clients.sonarr import SonarrClient
from custom_components.showrunner.domain.torrent_details import Removal

HASH = "C" * 40
RADARR, SONARR = "http://r/api/v3", "http://s/api/v3"
QBIT, RTORRENT = "http://q/api/v2", "http://t/RPC2"
_FAULT = (
    '<?xml version="1.0"?><methodResponse><fault><value><struct>'
    "<member><name>faultCode</name><value><i4>-501</i4></value></member>"
    "<member><name>faultString</name><value><string>{}</string></value></member>"
    "</struct></value></fault></methodResponse>"
)
_ZERO = (
    '<?xml version="1.0"?><methodResponse><params><param><value><i4>0</i4></value></param>'
    "</params></methodResponse>"
)


def sent(mocked: aioresponses, method: str, url: str) -> list[Any]:
    """Give the bodies that were sent."""
    calls = mocked.requests.get((method, URL(url)), [])
    bodies = [call.kwargs.get("data") for call in calls]
    return [json.loads(one) if isinstance(one, bytes) else one for one in bodies]


async def test_radarr_forgets_a_movie_without_its_folder(session: aiohttp.ClientSession) -> None:
    """Both words are said: nothing depends on what a server takes for its default."""
    url = f"{RADARR}/movie/7?addImportExclusion=false&deleteFiles=false"
    with aioresponses() as mocked:
        mocked.delete(url, payload={})
        mocked.delete(f"{RADARR}/moviefile/9", payload={})
        client = RadarrClient(session, "http://r", "key")
        await client.delete_movie(7)
        await client.delete_file(9)
        assert len(mocked.requests) == 2


async def test_what_is_gone_already_is_as_good_and_a_refusal_is_not(
    session: aiohttp.ClientSession,
) -> None:
    """404 is what was wanted; anything else is an error."""
    client = RadarrClient(session, "http://r", "key")
    for status, error in ((404, None), (400, Refused), (401, Unauthorized), (500, Unreachable)):
        with aioresponses() as mocked:
            mocked.delete(f"{RADARR}/moviefile/9", status=status, payload={})
            if error is None:
                await client.delete_file(9)
            else:
                with pytest.raises(error):
                    await client.delete_file(9)


async def test_the_whole_record_is_kept_but_what_comes_from_outside(
    session: aiohttp.ClientSession,
) -> None:
    """What only the person knows is in it."""
    row = {"id": 7, "tmdbId": 5, "path": "/x", "qualityProfileId": 4, "tags": [2], "images": [1]}
    with aioresponses() as mocked:
        mocked.get(f"{RADARR}/movie/7", payload=row)
        mocked.get(f"{RADARR}/movie/8", status=404, payload={})
        client = RadarrClient(session, "http://r", "key")
        record = await client.record(7)
        assert record == {key: value for key, value in row.items() if key != "images"}
        assert await client.record(8) is None


async def test_sonarr_deletes_files_in_one_call_and_never_none(
    session: aiohttp.ClientSession,
) -> None:
    """An empty list is a 500 there, and a mistake here."""
    with aioresponses() as mocked:
        mocked.delete(f"{SONARR}/episodefile/bulk", payload={})
        mocked.put(f"{SONARR}/episode/monitor", payload=[], status=202)
        client = SonarrClient(session, "http://s", "key")
        await client.delete_files((12, 11))
        await client.set_monitored((2, 1), monitored=False)
        assert sent(mocked, "DELETE", f"{SONARR}/episodefile/bulk") == [
            {"episodeFileIds": [11, 12]}
        ]
        assert sent(mocked, "PUT", f"{SONARR}/episode/monitor") == [
            {"episodeIds": [1, 2], "monitored": False}
        ]
        with pytest.raises(ValueError, match="no files"):
            await client.delete_files(())


@pytest.mark.parametrize("data", [True, False])
async def test_qbittorrent_removes_one_hash_with_its_data_or_without(
    session: aiohttp.ClientSession, data: bool
) -> None:
    """After it signed in anew, where the session was over. What others use stays."""
    asked: list[object] = []

    def answer(url: URL, **kwargs: Any) -> CallbackResult:
        asked.append(kwargs["data"])
        return CallbackResult(status=403 if len(asked) == 1 else 200)

    with aioresponses() as mocked:
        mocked.post(f"{QBIT}/torrents/delete", callback=answer, repeat=True)
        mocked.post(f"{QBIT}/auth/login", body="Ok.")
        client = QBittorrentClient(session, "http://q", username="u", password="p")
        await client.remove(HASH, data=data)
    word = "true" if data else "false"
    assert asked == [{"hashes": HASH.lower(), "deleteFiles": word}] * 2
    assert client.removal is Removal.WITH_DATA


@pytest.mark.parametrize("word", ["all", "", "C" * 39, f"{HASH}|{HASH}"])
async def test_no_client_takes_anything_but_one_hash(
    session: aiohttp.ClientSession, word: str
) -> None:
    """`all` is a word at qBittorrent; nothing is sent."""
    with aioresponses() as mocked:
        for client in (
            QBittorrentClient(session, "http://q"),
            RTorrentClient(session, RTORRENT),
        ):
            with pytest.raises(ValueError, match="hash"):
                await client.remove(word, data=False)
        assert not mocked.requests


async def test_rtorrent_erases_the_entry_and_says_that_data_stays(
    session: aiohttp.ClientSession,
) -> None:
    """One that is gone already is as good; any other fault is a refusal."""
    client = RTorrentClient(session, RTORRENT)
    assert client.removal is Removal.ENTRY_ONLY
    with aioresponses() as mocked:
        mocked.post(RTORRENT, body=_ZERO)
        mocked.post(RTORRENT, body=_FAULT.format("info-hash not found"))
        mocked.post(RTORRENT, body=_FAULT.format("Command not allowed"))
        await client.remove(HASH.lower(), data=False)
        await client.remove(HASH, data=False)
        with pytest.raises(Refused):
            await client.remove(HASH, data=False)
        bodies = [call.kwargs["data"] for call in mocked.requests[("POST", URL(RTORRENT))]]
    assert all(b"d.erase" in body and HASH.encode() in body for body in bodies)
