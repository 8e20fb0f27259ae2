"""One reply, pulled on a thread of its own: a reply that never ends holds up nobody else's, nor the round's deadline.

A hospital whose wall died between a message and the message's objects leaves half a reply. Flower waits for the rest
inside one call: until the SuperLink's upload session ends, minutes later, or for as long as two hours. Such a call
cannot be cut off from outside, so it is left behind; it ends by itself, and what it brings then counts nowhere.

What the threads share is Flower's to share: its heartbeat and its log upload use the same HTTP client and the same
retries from threads of their own, and what Flower notes about objects while it handles them is noted per thread.
"""

from __future__ import annotations

import threading

from flwr.app import Message
from flwr.serverapp import Grid

from coordinator.edges.federation.flower_internals import limit_patience

_PATIENCE_SECONDS_MIN = 1.0


class Pull:
    """A question for the reply to one message, under way from the moment it is made."""

    def __init__(self, grid: Grid, asked: str) -> None:
        self._done = threading.Event()
        self._replies: list[Message] = []
        self._error: Exception | None = None
        threading.Thread(target=self._run, args=(grid, asked), name="pull", daemon=True).start()

    def over_within(self, seconds: float) -> bool:
        """Whether the grid has answered, waiting for it at most that long."""
        return self._done.wait(max(0.0, seconds))

    def replies(self) -> list[Message]:
        """What a pull that is over brought: the reply, or nothing yet. Raises: whatever the grid raised."""
        if self._error is not None:
            raise self._error
        return self._replies

    def _run(self, grid: Grid, asked: str) -> None:
        try:
            self._replies = list(grid.pull_messages([asked]))
        except Exception as error:  # noqa: BLE001 - raised again where the pull is asked for, if it still is
            self._error = error
        finally:
            self._done.set()


def limit_calls(grid: Grid, seconds: float) -> None:
    """A call of the grid, also one that is under way, waits for a lost SuperLink about this long and no longer."""
    limit_patience(grid, max(_PATIENCE_SECONDS_MIN, seconds))
