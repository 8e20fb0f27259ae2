"""What receiving is made of: the ports of its bytes and rows, its limits, and the row an instance gets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from node.ground.audit import Actor, AuditEvent
from node.ground.clock import Clock
from node.intake.errors import StoreFull
from node.intake.lookups import Lookups
from node.intake.received import NewReceived, Outcome
from node.intake.sealing import Sealer

MEBIBYTE: Final = 1024 * 1024


class ArrivingBytes(Protocol):
    """The bytes of one instance that comes piece by piece, under a name that is durable."""

    @property
    def received_id(self) -> str:
        """The name."""
        ...

    def take(self, piece: bytes | memoryview) -> None:
        """The piece stands behind those before it. Raises: StoreFull, StoreFailed."""
        ...

    def finish(self, new: NewReceived) -> None:
        """The bytes and what makes their row are on the disk. Raises: StoreFull, StoreFailed."""
        ...

    def abandon(self) -> None:
        """The bytes are gone."""
        ...


class IncomingBytes(Protocol):
    """Where bytes stand while they are on their way in; nobody sees them there before their row exists."""

    def write(self, received_id: str, contents: bytes) -> None:
        """The bytes are on the disk under a name not yet durable. Raises: StoreFull, StoreFailed."""
        ...

    def begin(self) -> ArrivingBytes:
        """An instance that comes piece by piece. Raises: StoreFull, StoreFailed."""
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

    def rest(self) -> None:
        """Names made ahead for instances that did not come are gone; the next one that comes gets a new name."""
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

    def check_room(self, byte_count: int = 0) -> None:
        """So many bytes leave the reserve untouched. Raises: StoreFull, StoreFailed."""
        reserve = self.limits.reserve_bytes
        if self.room.free_bytes() - byte_count < reserve:
            raise StoreFull(reserve_mib=reserve // MEBIBYTE)


@dataclass(frozen=True, slots=True)
class Described:
    """What an instance is known by once it is whole; `identity` is None for a file that cannot be read."""

    instance_lookup: str
    content_digest: str
    byte_count: int
    identity: Mapping[str, str] | None = field(repr=False)


def new_row(parts: ReceiveParts, received_id: str, described: Described, sender: Actor) -> NewReceived:
    """The row to be of an instance, its identity sealed."""
    subject = f"received:{received_id}"
    identity = json.dumps(described.identity).encode()
    return NewReceived(
        received_id=received_id,
        instance_lookup=described.instance_lookup,
        content_digest=described.content_digest,
        byte_count=described.byte_count,
        sealed_identity=parts.identities.seal(identity, bound_to=subject),
        broken=described.identity is None,
        event=AuditEvent(at=parts.clock.now(), actor=sender, action="instance.received", subject=subject),
    )
