"""How many associations are served at once, and the queue before them: first come, first served, never without end."""

from __future__ import annotations

import threading
from collections import deque


class Slots:
    """Places for associations; who finds none free waits in line, unless the line is full."""

    def __init__(self, at_once: int, *, waiting: int, longest_wait_seconds: float) -> None:
        self._free = at_once
        self._waiting = waiting
        self._longest_wait_seconds = longest_wait_seconds
        self._line: deque[object] = deque()
        self._changed = threading.Condition()
        self._closed = False

    def take(self) -> bool:
        """True with a place, which must be given back; False when the line is full, the wait too long, or closed."""
        with self._changed:
            if self._free and not self._line and not self._closed:
                self._free -= 1
                return True
            if self._closed or len(self._line) >= self._waiting:
                return False
            ticket = object()
            self._line.append(ticket)
            self._changed.wait_for(lambda: self._closed or self._is_next(ticket), self._longest_wait_seconds)
            taken = self._is_next(ticket)
            self._free -= taken
            self._line.remove(ticket)
            self._changed.notify_all()
            return taken

    def give_back(self) -> None:
        """The place is free again for the next in line."""
        with self._changed:
            self._free += 1
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody gets a place any more; who waits is told so."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _is_next(self, ticket: object) -> bool:
        return not self._closed and self._free > 0 and self._line[0] is ticket
