"""A repair, and how it is fixed."""

from typing import Any

from custom_components.showrunner.const import DOMAIN

FIX = "/api/repairs/issues/fix"


class Repair:
    """The repair as the front end shows it."""

    def __init__(self, client: Any, issue_id: str) -> None:
        self._client = client
        self._issue_id = issue_id
        self._path = ""

    async def open(self) -> Any:
        """Open it."""
        begin = {"handler": DOMAIN, "issue_id": self._issue_id}
        form = await (await self._client.post(FIX, json=begin)).json()
        self._path = f"{FIX}/{form['flow_id']}"
        return form

    async def submit(self) -> Any:
        """Agree."""
        return await (await self._client.post(self._path, json={})).json()
