"""The Playback Reporting plugin in Jellyfin: a real SQLite that runs whatever it is sent.

`installed`: whether the plugin is there. `zone`: the zone of the server's clock, which its times
show without saying so.
"""

from datetime import UTC, tzinfo
import sqlite3
from typing import Final

from aiohttp import web

from .catalogue import Episode
from .past import Played, kind_of, past
from .web import body_of, reply
from .world import World

PLUGIN_ID: Final = "5c534381-91a3-43cb-907a-35aa02eb9d2c"
_TABLE: Final = (
    "CREATE TABLE PlaybackActivity (DateCreated DATETIME NOT NULL, UserId TEXT, ItemId TEXT, "
    "ItemType TEXT, ItemName TEXT, PlaybackMethod TEXT, ClientName TEXT, DeviceName TEXT, "
    "PlayDuration INT)"
)
_INSERT: Final = "INSERT INTO PlaybackActivity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


class PlaybackReporting:
    """The plugin's database and its one endpoint."""

    def __init__(self, world: World, zone: tzinfo = UTC) -> None:
        """Fill the database with the world's past."""
        self.installed = True
        self._zone = zone
        self.database = sqlite3.connect(":memory:")
        self.database.execute(_TABLE)
        self.database.execute("CREATE TABLE UserList (UserId TEXT)")
        for play in past(world):
            self.add(play)

    def add(self, play: Played) -> None:
        """Record a play."""
        entry = play.entry
        name = entry.name
        if isinstance(entry, Episode):
            name = f"{entry.series} - s{entry.season:02d}e{entry.number:02d} - {entry.name}"
        method = f"{play.method} (v:h264 a:aac)" if play.method == "Transcode" else play.method
        # .NET writes seven digits.
        shown = play.began.astimezone(self._zone).strftime("%Y-%m-%d %H:%M:%S.%f") + "0"
        row = (shown, play.user.id, entry.item_id, kind_of(entry), name, method)
        self.insert(*row, play.client, play.device, int(play.seconds))

    def insert(self, *cells: object) -> None:
        """Write a row as it is, whatever it says."""
        self.database.execute(_INSERT, cells)

    async def query(self, request: web.Request) -> web.Response:
        """Run a query: every cell becomes a text, an error a web page's text with status 200."""
        if not self.installed:
            return web.Response(status=404)
        body = await body_of(request)
        if body.get("ReplaceUserId"):
            # On builds of 10.11 the method behind it is missing in the server.
            raise web.HTTPInternalServerError(text="Error processing request.")
        try:
            cursor = self.database.execute(str(body.get("CustomQueryString", "")))
            rows = [["" if cell is None else str(cell) for cell in row] for row in cursor]
        except sqlite3.Error as err:
            message = f"Error Running Query</br>SQLite Error 1: '{err}'.<pre>   at …</pre>"
            return reply({"colums": [], "results": [], "message": message})
        columns = [column[0] for column in cursor.description or ()]
        return reply({"colums": columns, "results": rows, "message": ""})

    def stop(self) -> None:
        """Close the database."""
        self.database.close()
