"""Joining a federation, and looking at the ledger: what IT does at the shell while no wall runs, or beside it."""

from __future__ import annotations

from pathlib import Path

from node.edges.federation.coordinator_client import CoordinatorClient
from node.flows.join import Joined, Joining, join
from node.flows.ledger_proof import LedgerProof, prove_ledger
from node.ground.faults import system_fault
from node.ground.told import Phrase, Told
from node.release.ledger import verify_export
from node.storage.engine import Database
from node.storage.wall_ledger import WallLedger, WallOutbox
from node.storage.wall_send import WallUnit
from node.storage.wall_sent import WallSent
from node.wiring.place import Place
from protocols.receipts import LedgerBroken


def join_federation(place: Place, invitation: str, *, expect_fingerprint: str | None) -> Joined:
    """Both fingerprints of a membership that is stored. Raises: JoinRefused."""
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
    )
    return join(joining, invitation, expect_fingerprint=expect_fingerprint)


class LedgerNotVerified(Told):
    """The ledger does not hold, or there is none to read."""


class LedgerNotNamed(LedgerNotVerified):
    """Neither a ledger file nor a node was named."""

    text_key = "release.ledger_not_named"


class LedgerUnreadable(LedgerNotVerified):
    """The system does not give the file."""

    text_key = "release.ledger_unreadable"


class LedgerFileBroken(LedgerNotVerified):
    """An exported ledger does not hold from one entry on."""

    text_key = "release.ledger_file_broken"


class OwnLedgerBroken(LedgerNotVerified):
    """This node's own ledger does not hold from one entry on."""

    text_key = "release.ledger_broken"


def verify_ledger_file(file: Path) -> int:
    """How many entries of an exported ledger hold. Raises: LedgerNotVerified, naming the entry."""
    try:
        with file.open("rb") as lines:
            return verify_export(lines)
    except OSError as reason:
        raise LedgerUnreadable(file=file, reason=system_fault(reason)) from None
    except LedgerBroken as broken:
        raise LedgerFileBroken(file=file, number=broken.number, fault=_fault(broken)) from None


def verify_ledger(place: Place) -> LedgerProof:
    """What holds of the node's own ledger and of the bytes behind it. Raises: LedgerNotVerified, naming the entry."""
    wall = place.engine(Database.WALL)
    try:
        return prove_ledger(WallLedger(wall), WallSent(wall))
    except LedgerBroken as broken:
        name = place.config.name
        raise OwnLedgerBroken(hospital=name, number=broken.number, fault=_fault(broken)) from None


def _fault(broken: LedgerBroken) -> Phrase:
    return Phrase(f"release.ledger_fault_{broken.fault}")
