"""Joining a federation, and looking at the ledger: what IT does at the shell while no wall runs, or beside it."""

from __future__ import annotations

from pathlib import Path

from node.edges.federation.coordinator_client import CoordinatorClient
from node.flows.join import Joined, Joining, join
from node.ground.errors import NodeError
from node.release.ledger import verify_export, verify_stored
from node.storage.engine import Database
from node.storage.wall_ledger import WallLedger, WallOutbox
from node.storage.wall_send import WallUnit
from node.wiring.place import Place
from protocols.receipts import LedgerBroken


def join_federation(place: Place, invitation: str, *, expect_fingerprint: str | None) -> Joined:
    """Both fingerprints of a membership that is stored. Raises: JoinRefused, with a sentence in the node's language."""
    wall = place.engine(Database.WALL)
    outbox = WallOutbox(wall)
    joining = Joining(
        keyring=place.keyring,
        membership_path=place.home.membership,
        unit=WallUnit(wall),
        outbox=outbox,
        requests=outbox,
        line_to=lambda said: CoordinatorClient(said.address, said.authority_pem),
        clock=place.clock,
        language=place.config.language,
    )
    return join(joining, invitation, expect_fingerprint=expect_fingerprint)


class LedgerNotVerified(NodeError):
    """The ledger does not hold, or there is none to read."""


def verify_ledger_file(file: Path) -> int:
    """How many entries of an exported ledger hold. Raises: LedgerNotVerified, naming the entry."""
    try:
        with file.open("rb") as lines:
            return verify_export(lines)
    except OSError as reason:
        raise LedgerNotVerified(
            f"{file} cannot be read ({reason.strerror}); name a ledger file as the node's page saves it"
        ) from None
    except LedgerBroken as broken:
        raise _told(broken, str(file)) from None


def verify_ledger(place: Place) -> int:
    """How many entries of the node's own ledger hold. Raises: LedgerNotVerified, naming the entry."""
    ledger = WallLedger(place.engine(Database.WALL))
    head = ledger.head()
    try:
        return verify_stored(ledger.stored(head.number), head)
    except LedgerBroken as broken:
        raise _told(broken, f"the ledger of {place.config.name}") from None


def _told(broken: LedgerBroken, where: str) -> LedgerNotVerified:
    return LedgerNotVerified(
        f"{where}: {broken}. Entries before it hold. Change nothing, keep a copy, and tell "
        "whoever answers for data protection at this hospital"
    )
