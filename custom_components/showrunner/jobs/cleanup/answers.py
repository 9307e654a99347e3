"""Answers the buttons under a notice: keeps what somebody wants, and says why it leaves.

Whoever holds a token may press its button: it went to a channel that an administrator has linked,
and all that it can do is to protect (an administrator may take that back). What is kept is kept
first and the token used up after it: whatever breaks in between, nothing is lost that was wanted.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, tzinfo
from functools import partial
import logging
from typing import Final, Protocol

from ...clients.errors import ServiceError
from ...domain.buttons import BY_BUTTON, Button, Press, Verb
from ...domain.deletion.leaving import part_of
from ...domain.deletion.why import why_it_leaves
from ...domain.keeps import Keep, put_off
from ...domain.text import Words
from ...signals import Signals, Topic
from ...store import Store, StoreError
from ..buttons import Buttons
from ..messages import Answer
from ..refused import Refused
from .due import Leaving
from .notices import Leaves

_LOGGER = logging.getLogger(__name__)

_DAYS: Final = 30
# So long the end of the entry waits for what was pressed before it (seconds).
_LAST: Final = 5.0


class Looks(Leaves, Protocol):
    """The job that lets things leave, as far as it is asked here."""

    async def look(self) -> object:
        """Find out what is due. Raises ServiceError, StoreError, Refused."""
        ...


class Answers:
    """Takes what is pressed, and works it off. Keeping waits for no question."""

    def __init__(
        self,
        store: Store,
        signals: Signals,
        job: Looks,
        buttons: Buttons,
        *,
        name_of: Callable[[str], Awaitable[str]],
        now: Callable[[], datetime],
        zone: Callable[[], tzinfo],
    ) -> None:
        """Take everything by hand; `name_of` names a title that no longer leaves, by an id."""
        self._store = store
        self._signals = signals
        self._job = job
        self._buttons = buttons
        self._name_of = name_of
        self._now = now
        self._zone = zone
        self._taken: set[str] = set()
        self._over = False
        self._wishes: asyncio.Queue[tuple[Press, str]] = asyncio.Queue()
        self._questions: asyncio.Queue[tuple[Press, str]] = asyncio.Queue()

    def take(self, token: object, by: str = BY_BUTTON) -> bool:
        """Take what was pressed; tell whether it is a button of ours that was not pressed yet.

        `by` is the id of a user of Home Assistant. At the end of the entry nothing is taken:
        nobody would do it.
        """
        press = None if self._over else self._buttons.read(token)
        if press is None or press.number in self._taken:
            return False
        self._taken.add(press.number)
        queue = self._questions if press.button.verb is Verb.WHY else self._wishes
        queue.put_nowait((press, by))
        return True

    async def finish(self) -> None:
        """Take nothing more, and wait for the wishes that were taken, though not for ever.

        A question may take long; it uses its button up only when it is answered.
        """
        self._over = True
        try:
            async with asyncio.timeout(_LAST):
                await self._wishes.join()
        except TimeoutError:
            _LOGGER.warning("What was pressed last could not be kept before the end")

    async def work_on_wishes(self) -> None:
        """Keep what somebody wants, for as long as the entry is loaded."""
        await self._work(self._wishes)

    async def work_on_questions(self) -> None:
        """Say why things leave, for as long as the entry is loaded."""
        await self._work(self._questions)

    async def _work(self, queue: asyncio.Queue[tuple[Press, str]]) -> None:
        while True:
            press, by = await queue.get()
            try:
                await self._answer(press, by)
            except (ServiceError, StoreError, Refused) as err:
                _LOGGER.warning("Could not do what a button was pressed for: %s", err)
                await self._failed(press)
            finally:
                self._taken.discard(press.number)
                queue.task_done()

    async def _answer(self, press: Press, by: str) -> None:
        button = press.button
        if self._now() >= button.until and self._is_over(button):
            await self._buttons.use(press)
            await self._tell(press, Answer.LATE)
        elif button.verb is Verb.WHY:
            await self._explain(press)
        else:
            await self._keep(press, by)

    def _is_over(self, button: Button) -> bool:
        """Tell whether it has left when it was said to: a run may have left it for another one."""
        return self._job.leaving is not None and self._leaving(button) is None

    async def _keep(self, press: Press, by: str) -> None:
        """Keep it, also where it is not known to leave at the moment: a look may have missed it."""
        one = self._leaving(press.button)
        now = self._now()
        key = press.button.key if one is None else one.names
        word = Keep(key, press.button.season, None, now, by)
        later = partial(put_off, days=_DAYS, now=now)
        kept = await self._store.keeps.set(
            word, later if press.button.verb is Verb.POSTPONE else None
        )
        await self._buttons.use(press)
        day = None if kept.until is None else kept.until.astimezone(self._zone()).date()
        await self._tell(press, Answer.KEPT, one, until=day)

    async def _explain(self, press: Press) -> None:
        if self._job.leaving is None:
            await self._job.look()
        one = self._leaving(press.button)
        await self._buttons.use(press)
        if one is None:
            await self._tell(press, Answer.NOT_LEAVING)
        else:
            await self._tell(press, Answer.WHY, one, lines=tuple(why_it_leaves(one.findings)))

    def _leaving(self, button: Button) -> Leaving | None:
        """Find what a button is about in what leaves now."""
        found: Sequence[Leaving] = self._job.leaving or ()
        return next(
            (
                one
                for one in found
                if one.season == button.season and button.title in one.names.names
            ),
            None,
        )

    async def _failed(self, press: Press) -> None:
        try:
            await self._tell(press, Answer.FAILED)
        except StoreError as err:
            _LOGGER.debug("Nor could it be said of what: %s", err)

    async def _tell(
        self, press: Press, answer: Answer, one: Leaving | None = None, **more: object
    ) -> None:
        """Answer on the channel on which it was pressed. Raises StoreError."""
        title: Words
        if one is not None:
            title = part_of(one.title, one.season)
        else:
            title = await self._name_of(press.button.title)
        data = {"to": press.channel, "button": press.button, "answer": answer, "title": title}
        self._signals.send(Topic.LEAVING, "answered", {**data, **more})
