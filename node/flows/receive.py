"""One instance received: nothing is answered with success before its bytes, their name and their row are on the disk.

Senders wait for each other only while a commit runs: whoever finds the committer idle takes everything that waits at
that moment into one transaction (group commit without a timer). An instance that fails leaves nothing behind.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from node.ground.audit import Actor, AuditEvent
from node.ground.clock import Clock
from node.ground.ids import new_id
from node.intake.errors import InstanceTooLarge, IntakeRefused, StoreFailed, StoreFull
from node.intake.lookups import Lookups
from node.intake.part10 import file_bytes
from node.intake.received import Instance, NewReceived, Outcome
from node.intake.sealing import Sealer

_MEBIBYTE = 1024 * 1024
_LONGEST_META_BYTES = 64 * 1024


class IncomingBytes(Protocol):
    """Where bytes stand while they are on their way in; nobody sees them there before their row exists."""

    def write(self, received_id: str, contents: bytes) -> None:
        """The bytes are on the disk under a name not yet durable. Raises: StoreFull, StoreFailed."""
        ...

    def settle(self) -> None:
        """Every name written so far is durable. Raises: StoreFull, StoreFailed."""
        ...

    def place(self, received_ids: Sequence[str]) -> None:
        """The bytes stand where the store keeps them."""
        ...

    def discard(self, received_ids: Sequence[str]) -> None:
        """The bytes are gone."""
        ...


class ReceivedIndex(Protocol):
    """The rows of received images."""

    def add(self, batch: Sequence[NewReceived]) -> list[Outcome]:
        """The rows, their jobs and their audit events are durable together, or none. Raises: StoreFull, StoreFailed."""
        ...

    def holds(self, received_ids: Sequence[str]) -> frozenset[str]:
        """Those of the identifiers that have a row."""
        ...


class FreeSpace(Protocol):
    """How much room the disk has."""

    def free_bytes(self) -> int:
        """Bytes that can still be written."""
        ...


@dataclass(frozen=True, slots=True)
class ReceiveLimits:
    """What the node refuses to take."""

    reserve_bytes: int
    max_instance_bytes: int


@dataclass(frozen=True, slots=True)
class ReceiveParts:
    """What receiving is made of."""

    incoming: IncomingBytes
    index: ReceivedIndex
    room: FreeSpace
    lookups: Lookups
    identities: Sealer
    limits: ReceiveLimits
    clock: Clock


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
        new = self._row(
            self._parts.lookups.instance(instance.sop_instance_uid),
            self._parts.lookups.content(instance),
            identity={"instance": instance.sop_instance_uid, "class": instance.sop_class_uid},
            byte_count=len(instance.data_set),
            sender=sender,
        )
        return self._store(new, file_bytes(instance))

    def set_aside(self, contents: bytes, sender: Actor) -> Outcome:
        """A file that cannot be read is kept in quarantine. Raises: as `receive`."""
        digest = self._parts.lookups.file(contents)
        return self._store(self._row(digest, digest, identity=None, byte_count=len(contents), sender=sender), contents)

    def _row(
        self, lookup: str, digest: str, *, identity: dict[str, str] | None, byte_count: int, sender: Actor
    ) -> NewReceived:
        if byte_count > self._parts.limits.max_instance_bytes:
            raise InstanceTooLarge(limit_mib=self._parts.limits.max_instance_bytes // _MEBIBYTE)
        received_id = new_id()
        subject = f"received:{received_id}"
        return NewReceived(
            received_id=received_id,
            instance_lookup=lookup,
            content_digest=digest,
            byte_count=byte_count,
            sealed_identity=self._parts.identities.seal(json.dumps(identity).encode(), bound_to=subject),
            broken=identity is None,
            event=AuditEvent(at=self._parts.clock.now(), actor=sender, action="instance.received", subject=subject),
        )

    def _store(self, new: NewReceived, contents: bytes) -> Outcome:
        reserve = self._parts.limits.reserve_bytes
        if self._parts.room.free_bytes() - len(contents) < reserve:
            raise StoreFull(reserve_mib=reserve // _MEBIBYTE)
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
