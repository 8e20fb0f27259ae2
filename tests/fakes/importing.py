"""An import on stores in memory."""

from __future__ import annotations

from pathlib import Path

from fakes.instances import StoppedClock
from fakes.intake import MemoryBytes, MemoryIntake

from node.flows.bring_in import ImportCounts, bring_in
from node.flows.receive import Receiving
from node.flows.receive_parts import ReceiveLimits, ReceiveParts
from node.ground.audit import Actor, ActorKind
from node.ground.keyring import make_keys
from node.intake.lookups import Lookups
from node.intake.sealing import Sealer

IT = Actor(ActorKind.PERSON, "it")


class ImportDesk:
    """Receives what is brought in; one instance may have 64 KiB."""

    def __init__(self, keys: Path) -> None:
        self.rows, self.bytes = MemoryIntake(), MemoryBytes()
        limits = ReceiveLimits(reserve_bytes=0, max_instance_bytes=1 << 16)
        parts = ReceiveParts(
            self.bytes,
            self.rows,
            self.bytes,
            Lookups(make_keys(keys)),
            Sealer(bytes(32)),
            limits,
            StoppedClock(),
        )
        self.receiving = Receiving(parts)

    def bring_in(self, path: Path) -> ImportCounts:
        """The last counts."""
        progress = bring_in(path, self.receiving, IT)
        while True:
            try:
                next(progress)
            except StopIteration as end:
                counts: ImportCounts = end.value
                return counts
