"""Webhooks as Jellyfin sends them."""

from datetime import UTC, datetime

from world.catalogue import Film, by_name
from world.people import User

from .household import Household

SECOND = "The Lantern Keeper"


def started(household: Household) -> tuple[Film, User]:
    """Have Jellyfin keep start and end, as it does before the plugin tells of the end."""
    film, user = by_name(SECOND), household.user("Sofa")
    data = household.servers.world.userdata(user.id, film.item_id)
    data.play_count, data.last_played, data.played = 2, datetime.now(UTC), True
    return film, user


def flat(household: Household, **more: object) -> dict[str, object]:
    """Build the plugin's "send all properties" body of a film's end."""
    film, user = started(household)
    return {
        "NotificationType": "PlaybackStop",
        "ServerId": household.servers.world.server_id,
        "ItemType": "Movie",
        "ItemId": film.item_id,
        "Name": film.name,
        "Year": film.year,
        "Provider_tmdb": str(film.tmdb),
        "Provider_imdb": film.imdb,
        "RunTimeTicks": film.seconds * 10_000_000,
        "PlaybackPositionTicks": film.seconds * 10_000_000,
        "PlayedToCompletion": True,
        "NotificationUsername": user.name,
        "UserId": user.id,
    } | more
