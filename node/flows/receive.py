"""One instance received: nothing is answered with success before its bytes, their name and their row are on the disk.

Senders wait for each other only while a commit runs: whoever finds the committer idle takes everything that waits at
that moment into one transaction (group commit without a timer). An instance that fails leaves nothing behind.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from node.flows.accept import Accepting
from node.flows.receive_parts import MEBIBYTE, Described, ReceiveParts, new_row
from node.ground.audit import Actor
from node.ground.ids import new_id
from node.intake.errors import InstanceTooLarge, IntakeRefused, StoreFailed
from node.intake.part10 import file_bytes
from node.intake.received import Instance, NewReceived, Outcome

_LONGEST_META_BYTES = 64 * 1024


class _Ticket:
    """One sender's place in the queue; the committer writes down what became of it."""

    __slots__ = ("error", "new", "outcome")

    def __init__(self, new: NewReceived) -> None:
        self.new = new
        self.outcome: Outcome | None = None
        self.error: Exception | None = None

    @property
    def done(self) -> bool:
        return self.outcome is not None or self.error is not None


class Receiving:
    """Takes instances from many senders at once; what it answers is durable."""

    def __init__(self, parts: ReceiveParts) -> None:
        self._parts = parts
        self._waiting: list[_Ticket] = []
        self._queue = threading.Lock()
        self._turn = threading.Lock()
        self.accepting = Accepting(parts)

    @property
    def max_file_bytes(self) -> int:
        """No file larger than this can hold an instance the node takes."""
        return self._parts.limits.max_instance_bytes + _LONGEST_META_BYTES

    def receive(self, instance: Instance, sender: Actor) -> Outcome:
        """The instance is stored and will be found after any crash, or was stored before.

        Raises:
            StoreFull: no room; nothing was kept.
            StoreFailed: the disk or the database did not answer; nothing was kept.
            InstanceTooLarge: nothing was kept and sending again cannot help.
        """
        described = Described(
            instance_lookup=self._parts.lookups.instance(instance.sop_instance_uid),
            content_digest=self._parts.lookups.content(instance),
            byte_count=len(instance.data_set),
            identity={"instance": instance.sop_instance_uid, "class": instance.sop_class_uid},
        )
        return self._store(described, file_bytes(instance), sender)

    def set_aside(self, contents: bytes, sender: Actor) -> Outcome:
        """A file that cannot be read is kept in quarantine. Raises: as `receive`."""
        digest = self._parts.lookups.file(contents)
        return self._store(Described(digest, digest, len(contents), identity=None), contents, sender)

    def _store(self, described: Described, contents: bytes, sender: Actor) -> Outcome:
        most = self._parts.limits.max_instance_bytes
        if described.byte_count > most:
            raise InstanceTooLarge(limit_mib=most // MEBIBYTE)
        self._parts.check_room(len(contents))
        new = new_row(self._parts, new_id(), described, sender)
        self._parts.incoming.write(new.received_id, contents)
        ticket = _Ticket(new)
        with self._queue:
            self._waiting.append(ticket)
        with self._turn:
            if not ticket.done:
                self._commit_waiting()
        if ticket.outcome is None:
            raise ticket.error or StoreFailed()
        return ticket.outcome

    def _commit_waiting(self) -> None:
        with self._queue:
            batch, self._waiting = self._waiting, []
        try:
            self._parts.incoming.settle()
            outcomes = self._parts.index.add([ticket.new for ticket in batch])
        except Exception as error:  # noqa: BLE001 - every sender of the batch must learn of it, whatever it was
            self._withdraw(batch)
            for ticket in batch:
                ticket.error = error
            return
        for ticket, outcome in zip(batch, outcomes, strict=True):
            ticket.outcome = outcome
        self._put_in_place(batch)

    def _put_in_place(self, batch: Sequence[_Ticket]) -> None:
        duplicates = [ticket.new.received_id for ticket in batch if ticket.outcome is Outcome.DUPLICATE]
        kept = [ticket.new.received_id for ticket in batch if ticket.outcome is not Outcome.DUPLICATE]
        self._parts.incoming.place(kept)
        self._parts.incoming.discard(duplicates)

    def _withdraw(self, batch: Sequence[_Ticket]) -> None:
        """Bytes without a row are discarded; when even that cannot be known, the next start settles them."""
        written = [ticket.new.received_id for ticket in batch]
        try:
            held = self._parts.index.holds(written)
        except IntakeRefused:
            return
        self._parts.incoming.discard([received_id for received_id in written if received_id not in held])
