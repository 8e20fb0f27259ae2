"""The exact bytes that left are kept for a time, then emptied; the ledger's entry, its digest and the receipt stay.

Only bytes whose delivery is known are emptied: of what was released or is unknown, the node must still be able to say
what it sent, and to send it again. One batch is one transaction with its audit events, so a crash between two batches
leaves the rest for the next start. What was asked and answered with emptied bytes is refused from then on
(`AnswerEmptied`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from node.flows.send import WALL
from node.ground.audit import AuditEvent
from node.ground.clock import Clock

BATCH_PARCELS: Final = 8
"""How many parcels one transaction empties; each can be as large as a model, and a send waits meanwhile."""


class SentBytes(Protocol):
    """Which bytes that left may go, and the way they go."""

    def emptiable(self, released_before: datetime, limit: int) -> Sequence[str]:
        """Digests of parcels released before that moment whose journey is over and whose bytes are kept."""
        ...

    def empty(self, sent_sha256s: Sequence[str], events: Sequence[AuditEvent]) -> None:
        """The parcels hold no bytes and say since when; one whose journey is not over is left as it is."""
        ...

    def settle(self) -> None:
        """Nothing of emptied bytes lies in a file beside the database, unless somebody is reading it just now."""
        ...


def empty_next_sent(sent: SentBytes, clock: Clock, *, keep: timedelta) -> int:
    """How many parcels of the next batch were emptied; 0 when none is left that is older than `keep`."""
    digests = sent.emptiable(clock.now() - keep, BATCH_PARCELS)
    if not digests:
        sent.settle()
        return 0
    now = clock.now()
    sent.empty(digests, [AuditEvent(now, WALL, "message.emptied", f"message:{digest}") for digest in digests])
    return len(digests)
