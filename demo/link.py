"""Links Showrunner as a person does: through its config, subentry and options flows."""

from collections.abc import Mapping
from typing import Final

from world.servers import Servers

from .homeassistant import DemoError, HomeAssistant

CONFIG: Final = "/api/config/config_entries/flow"
_SUBENTRY: Final = "/api/config/config_entries/subentries/flow"
_OPTIONS: Final = "/api/config/config_entries/options/flow"
_MOST_STEPS: Final = 12

type Answers = Mapping[str, Mapping[str, object]]


async def link(ha: HomeAssistant, servers: Servers) -> str:
    """Link everything and set the demo's options; return the entry's id. Raises DemoError."""
    keys, world = servers.world.keys, servers.world
    entry = await run(
        ha,
        CONFIG,
        {"handler": "showrunner"},
        {
            "user": {"next_step_id": "api_key"},
            "api_key": {"url": servers.jellyfin.url, "api_key": keys.jellyfin},
            "webhook": {"add_webhook": True},
            "viewers": {"viewers": [world.user(name).id for name in ("Sofa", "Kitchen")]},
        },
    )
    entry_id = entry_id_of(entry)
    radarr: Answers = {
        "user": {"url": servers.radarr.url, "api_key": keys.radarr},
        "folders": {"permanent_folders": ["/data/movies"]},
    }
    # The flow led on to the menu of services by itself, and from there to Radarr and back.
    menu = await subentry(
        ha, entry_id, "setup", {"user": {"next_step_id": "radarr"}}, entry.get("next_flow")
    )
    linked = await subentry(ha, entry_id, "radarr", radarr, menu["next_flow"])
    await subentry(ha, entry_id, "setup", {"user": {"next_step_id": "finish"}}, linked["next_flow"])
    sonarr: Answers = {
        "user": {"url": servers.sonarr.url, "api_key": keys.sonarr},
        "folders": {"permanent_folders": ["/data/shows"]},
    }
    await subentry(ha, entry_id, "sonarr", sonarr)
    seedbox = {
        "url": servers.qbittorrent.url,
        "username": keys.torrent_user,
        "password": keys.torrents,
        "quota_gb": 500,
    }
    await subentry(ha, entry_id, "qbittorrent", {"user": seedbox})
    if servers.sftp is not None and world.seedbox is not None:
        transfer: Answers = {
            "user": {
                "host": "127.0.0.1",
                "port": servers.sftp.port,
                "username": keys.torrent_user,
                "password": keys.torrents,
                "remote_path": str(world.seedbox.remote),
                "local_path": str(world.seedbox.home),
            },
            "host_key": {},
        }
        await subentry(ha, entry_id, "transfer", transfer)
        await options(ha, entry_id, "seedbox", {"sync_enabled": True, "every_minutes": 5})
    prowlarr = {"user": {"url": servers.prowlarr.url, "api_key": keys.prowlarr}}
    await subentry(ha, entry_id, "prowlarr", prowlarr)
    jellystat = {"user": {"url": servers.jellystat.url, "api_key": keys.jellystat}}
    await subentry(ha, entry_id, "jellystat", jellystat)
    seerr: Answers = {
        "user": {"url": servers.seerr.url, "api_key": keys.seerr},
        "webhook": {"add_webhook": True},
    }
    await subentry(ha, entry_id, "seerr", seerr)
    shoko = {"user": {"url": servers.shoko.url, "api_key": keys.shoko}}
    await subentry(ha, entry_id, "shoko", shoko)
    channel = {"url": servers.ntfy.url, "topic": keys.topic, "token": keys.ntfy}
    await subentry(ha, entry_id, "ntfy", {"user": channel})
    await options(ha, entry_id, "watching", {"min_seconds": 3, "lost_after": 30})
    # An import is told at once: nobody waits a minute here.
    await options(ha, entry_id, "refresh", {"collect_seconds": 2})
    downloads = {"root_folder": "/data/movies", "quality_profile": "HD-1080p", "tag": "showrunner"}
    await options(ha, entry_id, "downloads", downloads | {"searches_per_hour": 60})
    await options(ha, entry_id, "cleanup", {"who": "any", "season_packing": True})
    await options(ha, entry_id, "safety", {"dry_run": False})
    return entry_id


async def link_uhd(ha: HomeAssistant, entry_id: str, servers: Servers) -> None:
    """Link the second Radarr, which has films in 4K. Raises DemoError."""
    answers: Answers = {
        "user": {"url": servers.radarr_4k.url, "api_key": servers.world.keys.radarr_4k},
        # Whose films are elsewhere to Jellyfin as well, so that nothing can be proposed.
        "folders": {
            "permanent_folders": ["/data/movies-4k"],
            "path_map": [{"here": "/media", "there": "/data"}],
        },
    }
    await subentry(ha, entry_id, "radarr", answers)


async def options(
    ha: HomeAssistant, entry_id: str, page: str, values: Mapping[str, object]
) -> None:
    """Change one page of the options; the rest of the page stays as shown."""
    answers = {"init": {"next_step_id": page}, page: values}
    await run(ha, _OPTIONS, {"handler": entry_id}, answers)


async def subentry(
    ha: HomeAssistant, entry_id: str, kind: str, answers: Answers, begun: object = None
) -> dict[str, object]:
    """Go through a subentry's flow, or one that was begun; give its result. Raises DemoError."""
    flow = str(begun[1]) if isinstance(begun, list) else None
    return await run(ha, _SUBENTRY, {"handler": [entry_id, kind]}, answers, flow)


async def run(
    ha: HomeAssistant,
    base: str,
    handler: Mapping[str, object],
    answers: Answers,
    begun: str | None = None,
) -> dict[str, object]:
    """Answer one form after the other until the flow has made something."""
    if begun is None:
        result = await ha.table("POST", base, dict(handler) | {"show_advanced_options": False})
    else:
        result = await ha.table("GET", f"{base}/{begun}")
    for _ in range(_MOST_STEPS):
        leads_on = "next_flow" in result or result.get("reason") == "finished"
        if result["type"] == "create_entry" or (result["type"] == "abort" and leads_on):
            return result
        if result["type"] not in ("form", "menu") or result.get("errors"):
            raise DemoError(f"{dict(handler)}: {_short(result)}")
        step = str(result["step_id"])
        sent = _filled(result.get("data_schema"), answers.get(step, {}))
        result = await ha.table("POST", f"{base}/{result['flow_id']}", sent)
    raise DemoError(f"{dict(handler)}: the flow does not end: {_short(result)}")


def _filled(schema: object, given: Mapping[str, object]) -> dict[str, object]:
    """Fill in a form as the browser does: defaults and suggestions, and what is typed over them."""
    values: dict[str, object] = {}
    given = dict(given)
    for item in schema if isinstance(schema, list) else []:
        if item.get("type") == "expandable":
            # A section: what is typed goes where its field stands.
            inside = {one["name"] for one in item["schema"]} & given.keys()
            typed = {name: given.pop(name) for name in inside}
            values[item["name"]] = _filled(item["schema"], typed)
            continue
        description = item.get("description") or {}
        if "suggested_value" in description:
            values[item["name"]] = description["suggested_value"]
        elif "default" in item:
            values[item["name"]] = item["default"]
    return values | given


def _short(result: Mapping[str, object]) -> str:
    kept = ("type", "step_id", "errors", "reason", "description_placeholders")
    return ", ".join(f"{name} {result[name]}" for name in kept if result.get(name))


def entry_id_of(result: Mapping[str, object]) -> str:
    """Give the id of the entry that a flow has made. Raises DemoError."""
    entry = result.get("result")
    if not isinstance(entry, dict):
        raise DemoError("the flow made no entry")
    return str(entry["entry_id"])
