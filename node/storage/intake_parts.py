"""The stores of intake put together for a process: what receives, and what cleans and retains."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine

from node.deidentify.ports import ImageSandbox
from node.flows.clean_parts import CleanKeys, CleanParts
from node.flows.receive_parts import ReceiveLimits, ReceiveParts
from node.ground.clock import Clock
from node.ground.config import MEBIBYTE, Dicom
from node.ground.home import Home
from node.ground.keyring import KeyPurpose, Keyring
from node.intake.lookups import Lookups
from node.intake.sealing import Sealer
from node.labeling.case import CaseAdmission
from node.storage.attachment_rows import AttachmentStore
from node.storage.clean_store import CleanStore
from node.storage.disk import Disk
from node.storage.image_register import ImageRegisterStore
from node.storage.incoming import IncomingLane, settle_dead_lanes
from node.storage.received_blobs import ReceivedBlobs, former_digest
from node.storage.received_index import ReceivedIndexStore


@dataclass(frozen=True, slots=True)
class IntakeGround:
    """What every process that works on images stands on; `engine` is that of the intake database."""

    home: Home
    keyring: Keyring
    engine: Engine
    clock: Clock

    def received_blobs(self) -> ReceivedBlobs:
        """Reads and drops received bytes."""
        return ReceivedBlobs(self.home.received, Sealer(self.keyring.derive(KeyPurpose.RECEIVED_STORE)))

    def identities(self) -> Sealer:
        """Seals the way back from the node's names to the hospital's."""
        return Sealer(self.keyring.derive(KeyPurpose.IDENTITY_MAP))


def receive_parts(ground: IntakeGround, config: Dicom, disk: Disk | None = None) -> ReceiveParts:
    """What receiving needs; what processes that died left on their way in has been settled."""
    disk, lookups = disk or Disk(), Lookups(ground.keyring)
    index = ReceivedIndexStore(ground.engine, partial(former_digest, ground.received_blobs(), lookups))
    sealer = Sealer(ground.keyring.derive(KeyPurpose.RECEIVED_STORE))
    settle_dead_lanes(ground.home, index, disk, sealer)
    lane = IncomingLane(ground.home, sealer, disk)
    return ReceiveParts(
        incoming=lane,
        index=index,
        room=lane,
        lookups=lookups,
        identities=ground.identities(),
        limits=ReceiveLimits(config.free_space_reserve_mib * MEBIBYTE, config.max_instance_mib * MEBIBYTE),
        clock=ground.clock,
    )


def clean_parts(
    ground: IntakeGround, sandbox: ImageSandbox, admission: CaseAdmission, disk: Disk | None = None
) -> CleanParts:
    """What cleaning needs."""
    keys = CleanKeys(
        pseudonym=ground.keyring.derive(KeyPurpose.PSEUDONYM),
        patient_lookup=ground.keyring.derive(KeyPurpose.PATIENT_LOOKUP, b"patient"),
        identities=ground.identities(),
        lookups=Lookups(ground.keyring),
    )
    return CleanParts(
        received=ground.received_blobs(),
        clean=CleanStore(ground.home.clean, disk or Disk()),
        register=ImageRegisterStore(ground.engine),
        sandbox=sandbox,
        admission=admission,
        attachments=AttachmentStore(ground.engine),
        keys=keys,
        clock=ground.clock,
    )
