"""Joining a federation, and looking at the ledger: what IT does at the shell while no wall runs, or beside it."""

from __future__ import annotations

from pathlib import Path

from node.edges.federation.coordinator_client import CoordinatorClient
from node.flows.join import Joined, Joining, join
from node.release.ledger import verify_export, verify_stored
from node.storage.engine import Database
from node.storage.wall_ledger import WallLedger, WallOutbox
from node.storage.wall_send import WallUnit
from node.wiring.place import Place


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


def verify_ledger_file(file: Path) -> int:
    """How many entries of an exported ledger hold. Raises: LedgerBroken, naming the entry."""
    with file.open("rb") as lines:
        return verify_export(lines)


def verify_ledger(place: Place) -> int:
    """How many entries of the node's own ledger hold. Raises: LedgerBroken, naming the entry."""
    ledger = WallLedger(place.engine(Database.WALL))
    head = ledger.head()
    return verify_stored(ledger.stored(head.number), head)
