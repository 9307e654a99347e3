"""A thread with an event loop of its own, for what must never hold up Home Assistant's.

It begins with the first piece of work and ends with `stop`. Whatever happens in it, who waits in
the other loop gets an answer: a result, an error, or that the thread has ended. A thread that hangs
is left behind after a while; it ends with the process, and keeps it from nothing.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
import logging
import threading
from typing import Any, Final

_LOGGER = logging.getLogger(__name__)

# How long a cancelled piece of work, and the thread, are given to come to their end (seconds).
_PATIENCE: Final = 5.0
# How long a thread takes after its last word (seconds).
_LAST_STEPS: Final = 0.5


class Ended(Exception):
    """The thread has ended, and with it what was under way."""


class LoopThread:
    """Runs coroutines for the event loop that asks for them."""

    def __init__(self, name: str) -> None:
        """Take the thread's name; it begins when there is something to do."""
        self._name = name
        self._loop: asyncio.SelectorEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._waiting: set[asyncio.Future[Any]] = set()
        self._stopped = False

    async def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Run it in the thread and wait for it. Raises what it raises, and Ended.

        Who is cancelled here cancels it there, and waits until it has ended.
        """
        home = asyncio.get_running_loop()
        answer: asyncio.Future[T] = home.create_future()
        running: list[asyncio.Task[T]] = []

        def begin() -> None:
            task = asyncio.get_running_loop().create_task(work)
            running.append(task)
            task.add_done_callback(tell)

        def tell(task: asyncio.Task[T]) -> None:
            with suppress(RuntimeError):  # nobody is left to be told
                home.call_soon_threadsafe(_settle, answer, task)

        def cancel() -> None:
            for task in running:
                task.cancel()

        try:
            loop = self._begun(home)
            loop.call_soon_threadsafe(begin)
        except (RuntimeError, Ended) as err:
            work.close()
            raise Ended from err
        waiting = self._waiting
        waiting.add(answer)
        answer.add_done_callback(waiting.discard)
        try:
            await asyncio.wait((answer,))
        except asyncio.CancelledError:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(cancel)
            await asyncio.wait((answer,), timeout=_PATIENCE)
            if not answer.cancel():
                answer.exception()  # nobody wants to know any more
            raise
        return answer.result()

    async def stop(self) -> None:
        """End the thread and what runs in it; nothing begins any more. May be called twice."""
        self._stopped = True
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._loop = self._thread = None
        ended = asyncio.get_running_loop().create_future()
        self._waiting.add(ended)
        try:
            loop.call_soon_threadsafe(loop.stop)
        except RuntimeError:  # it has ended by itself
            ended.cancel()
        else:
            await asyncio.wait((ended,), timeout=2 * _PATIENCE)
            if ended.cancel() and thread.is_alive():
                _LOGGER.warning("The thread %s hangs and is left behind", self._name)
                return
        if not ended.cancelled():
            ended.exception()
        # Its last word has been heard: this takes no time.
        thread.join(_LAST_STEPS)

    def _begun(self, home: asyncio.AbstractEventLoop) -> asyncio.SelectorEventLoop:
        if self._stopped:
            raise Ended
        if self._loop is None or self._thread is None or not self._thread.is_alive():
            self._loop = asyncio.SelectorEventLoop()
            self._waiting = set()
            self._thread = threading.Thread(
                target=_live, args=(self._loop, home, self._waiting), name=self._name, daemon=True
            )
            self._thread.start()
        return self._loop


def _live(
    loop: asyncio.SelectorEventLoop,
    home: asyncio.AbstractEventLoop,
    waiting: set[asyncio.Future[Any]],
) -> None:
    """Be the thread."""
    try:
        loop.run_forever()
    finally:
        try:
            loop.run_until_complete(_end_all())
            loop.run_until_complete(loop.shutdown_asyncgens())
            # Names are looked up in threads of their own.
            loop.run_until_complete(loop.shutdown_default_executor(_PATIENCE))
        finally:
            loop.close()
            with suppress(RuntimeError):  # nobody is left to be told
                home.call_soon_threadsafe(_gone, waiting)


def _gone(waiting: set[asyncio.Future[Any]]) -> None:
    for answer in tuple(waiting):
        if not answer.done():
            answer.set_exception(Ended())


async def _end_all() -> None:
    """Cancel what runs, and give it a while to end."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    if others:
        await asyncio.wait(others, timeout=_PATIENCE)


def _settle[T](answer: asyncio.Future[T], task: asyncio.Task[T]) -> None:
    """Hand on how a piece of work ended."""
    err = None if task.cancelled() else task.exception()
    if answer.done():
        return
    if task.cancelled():
        answer.set_exception(Ended())
    elif err is not None:
        answer.set_exception(err)
    else:
        answer.set_result(task.result())
