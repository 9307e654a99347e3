"""Jellyfin's answers about items, users and sessions, built from the world."""

from datetime import datetime
from typing import Final

from .catalogue import Entry, Episode, Film, guid
from .clock import jellyfin_time, ticks, utcnow
from .people import User
from .play import Play
from .world import JELLYFIN_ROOT, World

_USERS: Final = "Jellyfin.Server.Implementations.Users"

type Dto = dict[str, object]


def path_of(world: World, entry: Entry) -> str:
    """Name the file as Jellyfin does."""
    if isinstance(entry, Film):
        return next(iter(world.versions(entry, JELLYFIN_ROOT)))
    folder = f"{JELLYFIN_ROOT}/shows/{entry.series} ({entry.year})/Season {entry.season:02d}"
    return f"{folder}/{entry.series} - S{entry.season:02d}E{entry.number:02d} - {entry.name}.mkv"


def provider_ids(entry: Entry) -> dict[str, str]:
    """Give the ids; an episode's are its own, not the series'."""
    if isinstance(entry, Film):
        return {"Tmdb": str(entry.tmdb), "Imdb": entry.imdb}
    return {"Tvdb": str(entry.tvdb_episode)}


def item(world: World, entry: Entry, user: User | None, fields: set[str] | None) -> Dto:
    """Build an item. `fields`: the extra ones that were asked for; None: all of them."""
    dto = _common(world, entry)
    dto |= _film(entry) if isinstance(entry, Film) else _episode(entry)
    for name, value in _extras(world, entry).items():
        if fields is None or name in fields:
            dto[name] = value
    if user is not None:
        dto["UserData"] = userdata(world, user, entry)
    return dto


def _common(world: World, entry: Entry) -> Dto:
    return {
        "Name": entry.name,
        "ServerId": world.server_id,
        "Id": entry.item_id,
        "RunTimeTicks": ticks(entry.seconds),
        "ProductionYear": entry.year,
        "IsFolder": False,
        "MediaType": "Video",
        "VideoType": "VideoFile",
        "LocationType": "FileSystem",
        "Container": "mkv",
        "HasSubtitles": True,
        "ImageTags": {},
        "BackdropImageTags": [],
    }


def _film(film: Film) -> Dto:
    dto: Dto = {"Type": "Movie", "PremiereDate": f"{film.premiere.isoformat()}T00:00:00.0000000Z"}
    if film.rating is not None:
        # TMDb's average, a little off IMDb's, as in life.
        dto["CommunityRating"] = round(film.rating - 0.2, 1)
    return dto


def _episode(episode: Episode) -> Dto:
    return {
        "Type": "Episode",
        "SeriesName": episode.series,
        "SeriesId": episode.series_id,
        "SeasonId": guid("season", episode.tvdb, episode.season),
        "SeasonName": f"Season {episode.season}",
        "IndexNumber": episode.number,
        "ParentIndexNumber": episode.season,
    }


def _extras(world: World, entry: Entry) -> Dto:
    path = path_of(world, entry)
    extras: Dto = {
        "ProviderIds": provider_ids(entry),
        "Path": path,
        "DateCreated": jellyfin_time(created(entry)),
        "MediaSources": [
            media_source(entry, one, width) for one, width in _versions(world, entry).items()
        ],
        "Genres": list(entry.genres) if isinstance(entry, Film) else [],
        "Overview": "A made-up title of the demo.",
    }
    if isinstance(entry, Film):
        extras["OriginalTitle"] = entry.original or entry.name
    return extras


def _versions(world: World, entry: Entry) -> dict[str, int]:
    if isinstance(entry, Film):
        return world.versions(entry, JELLYFIN_ROOT)
    first = {path_of(world, entry): world.widths.get(entry.item_id, 1920)}
    return first | world.more_files.get(entry.item_id, {})


def created(entry: Entry) -> datetime:
    """Say when the file came: some day of the last years, the same one in every run."""
    days = 200 + int(entry.item_id[:4], 16) % 1500
    midnight = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight.fromordinal(midnight.toordinal() - days).replace(tzinfo=midnight.tzinfo)


def media_source(entry: Entry, path: str, width: int = 1920) -> Dto:
    """Describe the file."""
    size = entry.size if isinstance(entry, Film) else 700_000_000
    return {
        "Protocol": "File",
        "Id": entry.item_id,
        "Path": path,
        "Type": "Default",
        "Container": "mkv",
        "Size": size,
        "Name": path.rsplit("/", 1)[-1].removesuffix(".mkv"),
        "IsRemote": False,
        "RunTimeTicks": ticks(entry.seconds),
        "Bitrate": 8_000_000,
        "SupportsDirectPlay": True,
        "MediaStreams": [
            {"Type": "Video", "Index": 0, "Codec": "hevc", "Width": width, "IsDefault": True},
        ],
    }


def series(world: World, episode: Episode, user: User | None) -> Dto:
    """Build the series that an episode belongs to."""
    dto: Dto = {
        "Name": episode.series,
        "ServerId": world.server_id,
        "Id": episode.series_id,
        "Type": "Series",
        "IsFolder": True,
        "ProductionYear": episode.year,
        "Status": "Ended",
        "ProviderIds": {"Tvdb": str(episode.tvdb)},
        "Path": f"{JELLYFIN_ROOT}/shows/{episode.series} ({episode.year})",
        "Genres": ["Drama"],
        "LocationType": "FileSystem",
        "ImageTags": {},
        "BackdropImageTags": [],
    }
    if user is not None:
        dto["UserData"] = {
            "PlaybackPositionTicks": 0,
            "PlayCount": 0,
            "IsFavorite": world.userdata(user.id, episode.series_id).favorite,
            "Played": False,
            "UnplayedItemCount": 0,
            "Key": str(episode.tvdb),
            "ItemId": episode.series_id,
        }
    return dto


def userdata(world: World, user: User, entry: Entry) -> Dto:
    """Build what the server keeps of a user and an item."""
    data = world.userdata(user.id, entry.item_id)
    dto: Dto = {
        "PlaybackPositionTicks": ticks(data.position),
        "PlayCount": data.play_count,
        "IsFavorite": data.favorite,
        "Played": data.played,
        "Key": str(entry.tmdb if isinstance(entry, Film) else entry.tvdb),
        "ItemId": entry.item_id,
    }
    if data.position:
        dto["PlayedPercentage"] = data.position / entry.seconds * 100
    if data.last_played is not None:
        dto["LastPlayedDate"] = jellyfin_time(data.last_played)
    return dto


def user_dto(world: World, user: User) -> Dto:
    """Build a user."""
    return {
        "Name": user.name,
        "ServerId": world.server_id,
        "Id": user.id,
        "HasPassword": bool(user.password),
        "HasConfiguredPassword": bool(user.password),
        "HasConfiguredEasyPassword": False,
        "EnableAutoLogin": False,
        "LastActivityDate": jellyfin_time(world.last_active(user)),
        "Policy": {
            "IsAdministrator": user.administrator,
            "IsHidden": False,
            "IsDisabled": user.disabled,
            "EnableAllFolders": user.all_folders,
            "EnabledFolders": [guid("folder", name) for name in user.folders],
            "MaxParentalRating": 12 if user.hidden else None,
            "BlockedTags": [],
            "AllowedTags": [],
            "BlockUnratedItems": [],
            "AuthenticationProviderId": f"{_USERS}.DefaultAuthenticationProvider",
            "PasswordResetProviderId": f"{_USERS}.DefaultPasswordResetProvider",
        },
    }


def session(world: World, play: Play, now: datetime | None = None) -> Dto:
    """Build a session that plays."""
    now = now or utcnow()
    state: Dto = {
        "PositionTicks": ticks(play.listed_position(now)),
        "CanSeek": True,
        "IsPaused": play.paused_at is not None,
        "IsMuted": False,
        "VolumeLevel": 100,
        "AudioStreamIndex": 1,
        "SubtitleStreamIndex": -1,
        "MediaSourceId": play.entry.item_id,
        "PlayMethod": play.method,
        "RepeatMode": "RepeatNone",
        "PlaybackOrder": "Default",
    }
    dto: Dto = idle_session(world, play.user, play.session_id) | {
        "PlayState": state,
        "NowPlayingItem": item(
            world, play.entry, None, {"ProviderIds", "Path", "Genres", "DateCreated"}
        )
        | {"MediaStreams": media_streams(play)},
        "LastActivityDate": jellyfin_time(play.active_at(now)),
        "LastPlaybackCheckIn": jellyfin_time(play.checked_in(now)),
        "DeviceName": play.device,
        "DeviceId": play.device_id,
        "Client": play.client,
    }
    if play.method == "Transcode":
        dto["TranscodingInfo"] = transcoding(play)
    return dto


def media_streams(play: Play) -> list[Dto]:
    """Describe what is in the file that plays."""
    common = {"IsInterlaced": False, "IsForced": False, "IsExternal": False}
    picture = common | {
        "Codec": "hevc",
        "Type": "Video",
        "Index": 0,
        "IsDefault": True,
        "BitRate": 7_200_000,
        "Width": 1920,
        "Height": 1080,
        "Profile": "Main 10",
    }
    sound = common | {
        "Codec": play.audio,
        "Type": "Audio",
        "Index": 1,
        "IsDefault": True,
        "BitRate": 800_000,
        "Channels": 6,
        "Language": "eng",
    }
    if play.audio_profile:
        sound["Profile"] = play.audio_profile
    # What is in the file too, and is not what plays.
    comments = sound | {"Codec": "aac", "Index": 2, "IsDefault": False, "BitRate": 128_000}
    return [picture, sound, comments]


def transcoding(play: Play) -> Dto:
    """Describe what the server makes of it: as little as it must."""
    video = not play.reasons or any(reason.startswith("Video") for reason in play.reasons)
    audio = any("Audio" in reason for reason in play.reasons)
    return {
        "AudioCodec": "aac" if audio else play.audio,
        "VideoCodec": "h264" if video else "hevc",
        "Container": "ts",
        "IsVideoDirect": not video,
        "IsAudioDirect": not audio,
        "Bitrate": 4_000_000,
        "CompletionPercentage": 50.0,
        "Width": 1280,
        "Height": 720,
        "AudioChannels": 2,
        "TranscodeReasons": list(play.reasons),
    }


def idle_session(world: World, user: User, session_id: str) -> Dto:
    """Build a session in which nothing plays."""
    now = jellyfin_time(utcnow())
    return {
        "PlayState": {
            "CanSeek": False,
            "IsPaused": False,
            "IsMuted": False,
            "RepeatMode": "RepeatNone",
            "PlaybackOrder": "Default",
        },
        "AdditionalUsers": [],
        "RemoteEndPoint": "192.0.2.50",
        "PlayableMediaTypes": ["Video"],
        "Id": session_id,
        "UserId": user.id,
        "UserName": user.name,
        "Client": "Jellyfin Web",
        "LastActivityDate": now,
        "LastPlaybackCheckIn": "0001-01-01T00:00:00.0000000Z",
        "DeviceName": "Browser",
        "DeviceId": session_id,
        "ApplicationVersion": world.jellyfin_version,
        "IsActive": True,
        "SupportsMediaControl": False,
        "SupportsRemoteControl": False,
        "NowPlayingQueue": [],
        "HasCustomDeviceName": False,
        "ServerId": world.server_id,
        "SupportedCommands": [],
    }
