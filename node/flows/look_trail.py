"""Who looked at which study is written before its first image goes out, and again after a quarter of an hour.

One entry stands for every request of one actor for one study and kind of act in that time: it says that they looked,
not how often. The entry is durable before the answer begins, and what cannot be written is not answered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from node.flows.act import Act
from node.flows.ward import Ward
from node.ground.audit import Actor

COVERS: Final = timedelta(minutes=15)
_MOST_REMEMBERED: Final = 20_000


class LookTrail:
    """Writes the entries; what it remembers of them is lost with the process, and then written again."""

    def __init__(self, ward: Ward, now: Callable[[], datetime]) -> None:
        self._ward = ward
        self._now = now
        self._written: dict[tuple[Actor, str, str], datetime] = {}
        self._guard = threading.Lock()

    def covered(self, by: Actor, action: str, subject: str) -> bool:
        """Whether an entry stands for this look already."""
        at = self._written.get((by, action, subject))
        return at is not None and self._now() - at < COVERS

    def note(self, by: Actor, action: str, subject: str) -> None:
        """An entry stands for this look, on the disk."""
        if self.covered(by, action, subject):
            return
        now = self._now()
        with self._ward.writing() as work:
            work.audit.record(Act(by, now).event(action, subject))
        with self._guard:
            if len(self._written) >= _MOST_REMEMBERED:
                self._written.clear()
            self._written[by, action, subject] = now
