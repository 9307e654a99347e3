"""Good answers by the end of their path, from which the changed ones are made.

A client's new question without a good answer here fails the test that asks them all.
"""

from collections.abc import Mapping
from functools import cache
import json
from typing import Any, Final

from custom_components.showrunner.clients.rtorrent_models import NEEDED, OPTIONAL, PLAIN

from .seeds import load
from .wire import Answer

GUID: Final = "ee39bef06f503dd0e9dbd20593df417f"
COLLECTION: Final = "d" * 32
USER: Final = "9f9d51bc70ef21ca5c14f307980a29d8"
SERVER: Final = "5e70c0ffee5e70c0ffee5e70c0ffee00"
HASH: Final = "0B1C2D3E4F5061728394A5B6C7D8E9F001122334"
URL: Final = "http://homeassistant.local:8123/api/webhook/a-secret"

MOVIE_ITEM: Final[dict[str, Any]] = {
    "Id": GUID,
    "Type": "Movie",
    "Name": "The Lantern",
    "ServerId": SERVER,
    "Path": "/media/movies/The Lantern (2011)/film.mkv",
    "ProductionYear": 2011,
    "ProviderIds": {"Tmdb": "990001", "Imdb": "tt9900001"},
    "DateCreated": "2026-11-20T15:06:45.1234567Z",
    "RunTimeTicks": 60_000_000_000,
    "CommunityRating": 7.1,
    "Genres": ["Drama"],
    "MediaSources": [
        {
            "Path": "/media/movies/The Lantern (2011)/film.mkv",
            "Size": 5_368_709_120,
            "MediaStreams": [{"Type": "Video", "Width": 1920}],
        }
    ],
    "UserData": {
        "Played": True,
        "PlayCount": 2,
        "IsFavorite": False,
        "LastPlayedDate": "2026-11-20T15:06:45Z",
        "PlaybackPositionTicks": 0,
    },
}
EPISODE_ITEM: Final = MOVIE_ITEM | {
    "Id": "b" * 32,
    "Type": "Episode",
    "SeriesId": "c" * 32,
    "SeriesName": "The Ministry",
    "ParentIndexNumber": 1,
    "IndexNumber": 2,
    "ProviderIds": {"Tvdb": "880102"},
}
SERIES_ITEM: Final = MOVIE_ITEM | {
    "Id": "c" * 32,
    "Type": "Series",
    "Path": "/media/tv/The Ministry",
    "ProviderIds": {"Tvdb": "880101"},
}
_ARR_COMMAND: Final = {
    "id": 5,
    "name": "MoviesSearch",
    "status": "completed",
    "queued": "2026-11-20T15:06:45Z",
    "body": {"movieIds": [12]},
}
_QUEUE_LINE: Final = {
    "id": 7,
    "seriesId": 3,
    "episodeId": 31,
    "title": "The.Ministry.S01E02",
    "status": "downloading",
    "size": 1000.5,
    "sizeleft": 10,
    "estimatedCompletionTime": "2026-11-20T15:06:45Z",
    "downloadId": HASH,
    "statusMessages": [{"title": "x", "messages": ["No files found"]}],
}
_SERIES: Final[dict[str, Any]] = {
    "id": 3,
    "title": "The Ministry",
    "year": 2015,
    "tvdbId": 880101,
    "imdbId": "tt8801010",
    "path": "/data/tv/The Ministry",
    "rootFolderPath": "/data/tv",
    "seriesType": "anime",
    "monitored": True,
    "added": "2026-11-20T15:06:45Z",
    "tags": [1],
    "genres": ["Drama"],
    "alternateTitles": [{"title": "Ministeriet"}],
    "images": [{"coverType": "poster", "remoteUrl": "https://image.example/p.jpg"}],
    "seasons": [{"seasonNumber": 1, "monitored": True, "statistics": {"totalEpisodeCount": 2}}],
    "statistics": {"totalEpisodeCount": 2, "sizeOnDisk": 1000},
}
_EPISODES: Final = [
    {
        "id": 30 + number,
        "seriesId": 3,
        "seasonNumber": 1,
        "episodeNumber": number,
        "title": "A day",
        "airDateUtc": "2015-02-24T21:00:00Z",
        "monitored": True,
        "hasFile": True,
        "episodeFileId": 40 + number,
        "absoluteEpisodeNumber": number,
    }
    for number in (1, 2)
]
_FILES: Final = [
    {
        "id": 40 + number,
        "seriesId": 3,
        "seasonNumber": 1,
        "path": f"/data/tv/The Ministry/e{number}.mkv",
        "size": 500,
        "quality": {"quality": {"name": "WEBDL-1080p"}},
        "dateAdded": "2026-11-20T15:06:45Z",
    }
    for number in (1, 2)
]
_CONNECTION: Final = {
    "id": 4,
    "name": "Showrunner",
    "onGrab": True,
    "fields": [{"name": "url", "value": URL}, {"name": "method", "value": 1}],
}
_SONARR_EVENT: Final = {
    "id": 9,
    "seriesId": 3,
    "episodeId": 31,
    "sourceTitle": "The.Ministry.S01E01",
    "date": "2026-11-20T15:18:57Z",
    "eventType": "downloadFolderImported",
    "downloadId": HASH,
    "data": {"importedPath": "/data/tv/a.mkv", "droppedPath": "/downloads/a.mkv", "fileId": "41"},
}
_SETTINGS: Final = {
    "enabled": True,
    "types": 222,
    "options": {"webhookUrl": URL, "jsonPayload": '{"request_id": "{{request_id}}"}'},
}
_PLUGIN: Final = {
    "Id": "71552a5a5c5c4350a2aeebe451a30173",
    "Name": "Webhook",
    "Version": "21.0.0.0",
}
_SHOKO_FILE: Final = {
    "ID": 1201,
    "Locations": [{"RelativePath": "Frieren/Season 1/e1.mkv"}],
    "SeriesIDs": [{"SeriesID": {"ID": 301}}],
}


def torrent_row() -> dict[str, Any]:
    """Give one of qBittorrent's."""
    row: dict[str, Any] = load("qbittorrent/torrents-info")[0]
    return row


def _rtorrent_cells() -> list[str | int]:
    """Give a value for each field that rTorrent is asked for, in their order."""
    answer: dict[str, str | int] = {
        "d.hash=": HASH,
        "d.size_bytes=": 1000,
        "d.bytes_done=": 900,
        "d.up.total=": 1350,
        "d.ratio=": 1500,
        "d.state=": 1,
        "d.is_active=": 1,
        "d.timestamp.finished=": 1_763_643_000,
        "d.custom1=": "radarr",
        "d.message=": "",
        "d.name=": "The.Lantern.2011",
        "d.base_path=": "/data/The.Lantern.2011",
        "d.directory=": "/data",
        "d.load_date=": 1_763_640_000,
        "d.down.rate=": 10,
        "d.custom=addtime": "1763640000\n",
        "d.custom=seedingtime": "1763643000\n",
    }
    return [answer.get(name, 0) for name in (*NEEDED, *PLAIN, *OPTIONAL)]


def rtorrent_rows() -> bytes:
    """Write rTorrent's list of two torrents in its own XML."""
    rows = []
    for last in "34":
        cells = [HASH[:-1] + last, *_rtorrent_cells()[1:], 5_000_000]
        written = "".join(
            f"<value><i8>{one}</i8></value>"
            if isinstance(one, int)
            else f"<value><string>{one}</string></value>"
            for one in cells
        )
        rows.append(f"<value><array><data>{written}</data></array></value>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?><methodResponse><params><param><value><array><data>'
        f"{''.join(rows)}</data></array></value></param></params></methodResponse>"
    ).encode()


_VERSION_XML: Final = (
    b'<?xml version="1.0"?><methodResponse><params><param><value><string>0.9.8</string></value>'
    b"</param></params></methodResponse>"
)


def _arr(product: str) -> dict[str, Any]:
    return {
        "/system/status": load("radarr/system-status") | {"appName": product, "version": "6.0.3.1"},
        "/queue": {"records": [_QUEUE_LINE, _QUEUE_LINE | {"id": 8}], "totalRecords": 2},
        "/history/since": [_SONARR_EVENT, _SONARR_EVENT | {"id": 10, "eventType": "grabbed"}],
        "/history": {"records": [_SONARR_EVENT, _SONARR_EVENT | {"id": 10}], "totalRecords": 2},
        "/wanted/missing": {"totalRecords": 5, "records": []},
        "/health": load("radarr/health-fresh"),
        "/downloadclient": [{"id": 1, "name": "qBit", "enable": True, "protocol": "torrent"}],
        "/rootfolder": load("radarr/rootfolder-list"),
        "/qualityprofile": load("radarr/qualityprofile-list"),
        "POST /api/v3/tag": {"id": 3, "label": "new"},
        "/tag": [{"id": 1, "label": "showrunner"}, {"id": 2, "label": "favorite"}],
        "/notification": [_CONNECTION, _CONNECTION | {"id": 5}],
        "/notification/4": _CONNECTION,
        "/notification/5": None,
        "/command": {"id": 7, "name": "RefreshMonitoredDownloads", "status": "queued"},
    }


def _radarr() -> dict[str, Any]:
    movie = load("radarr/movie")
    history = load("radarr/history-records")["records"]
    return _arr("Radarr") | {
        "/movie": [*load("radarr/movie-list"), movie],
        "/movie/3": movie,
        "/movie/lookup/tmdb": load("radarr/movie-lookup-tmdb"),
        "/movie/lookup/imdb": load("radarr/movie-lookup-imdb"),
        "/movie/editor": [],
        "/moviefile/3": None,
        "POST /api/v3/movie": movie,
        "POST /api/v3/command": _ARR_COMMAND,
        "/command": [_ARR_COMMAND, _ARR_COMMAND | {"id": 6}],
        "/command/3": _ARR_COMMAND,
        "/history/movie": history,
        "/history/since": history,
        "/history": {"records": history, "totalRecords": len(history)},
    }


def _sonarr() -> dict[str, Any]:
    return _arr("Sonarr") | {
        "/series": [_SERIES, _SERIES | {"id": 4, "tvdbId": 880109}],
        "/series/3": _SERIES,
        "/series/lookup": [_SERIES],
        "POST /api/v3/series": _SERIES,
        "/episode": _EPISODES,
        "/episodefile": _FILES,
        "/episode/monitor": [],
        "/episodefile/bulk": None,
        "POST /api/v3/command": _ARR_COMMAND,
        "/history/series": [_SONARR_EVENT, _SONARR_EVENT | {"id": 10}],
    }


def _jellyfin() -> dict[str, Any]:
    session = load("jellyfin/sessions")
    plays = load("playback-reporting/response-submit-custom-query")
    user = {"Id": USER, "Name": "Sofa", "Policy": {"IsAdministrator": True}}
    user |= {"LastActivityDate": "2026-11-20T15:06:45Z"}
    return {
        "/System/Info/Public": {
            "Id": SERVER,
            "ProductName": "Jellyfin Server",
            "Version": "10.11.0",
            "ServerName": "Home",
        },
        "/Users": [user, user | {"Id": "d" * 32}],
        "/Library/VirtualFolders": [
            {"Name": "Movies", "CollectionType": "movies", "Locations": ["/media/movies"]},
            {"Name": "Series", "CollectionType": "tvshows", "Locations": ["/media/tv"]},
        ],
        "/Plugins": [_PLUGIN, _PLUGIN | {"Id": "a" * 32, "Name": "Other"}],
        f"/Plugins/{_PLUGIN['Id']}/Configuration": load("jellyfin-webhook/plugin-configuration"),
        "/Sessions": session,
        "/Items": {"Items": [MOVIE_ITEM, EPISODE_ITEM, SERIES_ITEM], "TotalRecordCount": 3},
        "/Collections": {"Id": COLLECTION},
        f"/Collections/{COLLECTION}/Items": None,
        "/Library/Media/Updated": None,
        "/Library/Refresh": None,
        "/Users/AuthenticateByName": {"AccessToken": "t" * 32},
        "/Auth/Keys": {
            "Items": [
                {"AppName": "Showrunner", "AccessToken": "t" * 32, "DateCreated": "2026-11-20"}
            ]
        },
        "/Sessions/Logout": None,
        "/user_usage_stats/submit_custom_query": plays,
        "/user_usage_stats/submit_custom_query again": plays | {"results": []},
    }


def _seerr() -> dict[str, Any]:
    return {
        "/status": load("seerr/api/status"),
        "/auth/me": load("seerr/api/auth-me"),
        "/settings/public": load("seerr/api/settings-public"),
        "/request": load("seerr/api/request-list"),
        "/request/3": load("seerr/api/request-retry"),
        "/request/3/approve": load("seerr/api/request-approve"),
        "/request/3/retry": load("seerr/api/request-retry"),
        "/request/3/decline": load("seerr/api/request-decline"),
        "/movie/3": load("seerr/api/movie-get"),
        "/tv/3": load("seerr/api/tv-get"),
        "/settings/radarr": [load("seerr/api/settings-radarr-post")],
        "/settings/sonarr": [load("seerr/api/settings-sonarr-post")],
        "/media/3": None,
        "/settings/notifications/webhook": _SETTINGS,
        "/settings/notifications/webhook/test": None,
    }


def _jellystat() -> dict[str, Any]:
    return {
        "/auth/isConfigured": load("jellystat/isConfigured-state2"),
        "/api/getLibraries": load("jellystat/getLibraries"),
        "/api/getUserHistory": load("jellystat/getUserHistory"),
        "/api/getHistory": load("jellystat/getHistory"),
        "/api/getItemHistory": load("jellystat/getItemHistory-movie"),
    }


def _shoko() -> dict[str, Any]:
    return {
        "/Init/Version": {"Server": {"Version": "5.3.0.0"}},
        "/Init/Status": {"State": "Started"},
        "/File/PathEndsWith": [_SHOKO_FILE, _SHOKO_FILE | {"ID": 1202}],
        "/File/3": _SHOKO_FILE,
    }


def _qbittorrent() -> dict[str, Any]:
    row = torrent_row()
    return {
        "/app/version": b"v5.0.1",
        "/auth/login": b"Ok.",
        "/sync/maindata": {
            "rid": 1,
            "full_update": True,
            "torrents": {HASH.lower(): row, "a" * 40: row | {"state": "uploading"}},
            "server_state": {"free_space_on_disk": 5000, "dl_info_speed": 5},
        },
        "/torrents/delete": None,
        "/torrents/files": [{"name": "Show/e1.mkv", "size": 5, "progress": 1}] * 2,
        "/torrents/info": [row | {"save_path": "/data", "amount_left": 0}],
        "/torrents/trackers": [{"url": "http://t.example/secret", "status": 2}],
        "/torrents/stop": None,
        "/torrents/start": None,
        "/transfer/downloadLimit": b"1024",
        "/transfer/uploadLimit": b"0",
        "/transfer/setDownloadLimit": None,
        "/transfer/setUploadLimit": None,
    }


def _array(*values: bytes) -> bytes:
    inner = b"".join(b"<value>%s</value>" % one for one in values)
    return b"<array><data>%s</data></array>" % inner


_FILE_XML: Final = _array(
    *(b"<string>e1.mkv</string>", b"<string></string>"),
    *(b"<i8>900</i8>", b"<i8>14</i8>", b"<i8>14</i8>"),
)
_TRACKER_XML: Final = _array(b"<string>http://t.example/secret</string>", b"<i8>1</i8>")


def _rtorrent() -> dict[str, Any]:
    cells = _rtorrent_cells()
    rows = [[*cells, 5_000_000], ["1" * 40, *cells[1:], 5_000_000]]
    return {
        "/version": _VERSION_XML,
        "/list": rtorrent_rows(),
        "/erase": _VERSION_XML.replace(b"<string>0.9.8</string>", b"<i4>0</i4>"),
        "/limit": _VERSION_XML.replace(b"<string>0.9.8</string>", b"<i8>1024</i8>"),
        "/directory": _VERSION_XML.replace(b"0.9.8", b"/data/Show"),
        "/files": _VERSION_XML.replace(b"<string>0.9.8</string>", _array(_FILE_XML)),
        "/trackers": _VERSION_XML.replace(
            b"<string>0.9.8</string>", _array(_array(_array(_TRACKER_XML)))
        ),
        "/each": _VERSION_XML.replace(b"<string>0.9.8</string>", _array(_array(b"<i4>0</i4>"))),
        "/json/files": {"jsonrpc": "2.0", "id": 1, "result": [["e1.mkv", "", 900, 14, 14]]},
        "/json/directory": {"jsonrpc": "2.0", "id": 1, "result": "/data/Show"},
        "/action.php": ["0", "0"],
        "/json/version": {"jsonrpc": "2.0", "id": 1, "result": "0.16.17"},
        "/json/list": {"jsonrpc": "2.0", "id": 1, "result": rows},
        "/json/hashes": {"jsonrpc": "2.0", "id": 1, "result": [[HASH], ["1" * 40]]},
        "/hashes": _VERSION_XML.replace(
            b"<string>0.9.8</string>",
            _array(_array(f"<string>{HASH}</string>".encode())),
        ),
    }


@cache
def good_answers(module: str) -> Mapping[str, Answer]:
    """Give the good answers that a module's clients may ask for, by the end of their path."""
    made: dict[str, Any] = {}
    match module.partition("_")[0]:
        case "arr":
            made = _sonarr() | _radarr()
        case "radarr":
            made = _radarr()
        case "sonarr":
            made = _sonarr()
        case "jellyfin" | "playback":
            made = _jellyfin()
        case "seerr":
            made = _seerr()
        case "jellystat":
            made = _jellystat()
        case "shoko":
            made = _shoko()
        case "qbittorrent":
            made = _qbittorrent()
        case "prowlarr":
            indexer = {
                "id": 1,
                "enable": True,
                "protocol": "torrent",
                "capabilities": {"movieSearchParams": ["q", "imdbId"], "searchParams": ["q"]},
            }
            made = _arr("Prowlarr") | {
                "/search": load("prowlarr/search-result"),
                "/indexer": [indexer],
                "/indexerstatus": [{"indexerId": 9, "disabledTill": "2026-06-01T00:00:00Z"}],
            }
        case "ntfy":
            made = {"/v1/health": {"healthy": True}, "/things/auth": {"success": True}, "/": {}}
        case "rtorrent":
            made = _rtorrent()
    return {path: _told(answer) for path, answer in made.items()}


def _told(answer: Any) -> Answer:
    if isinstance(answer, bytes):
        return Answer(answer)
    return Answer(b"" if answer is None else json.dumps(answer).encode())
