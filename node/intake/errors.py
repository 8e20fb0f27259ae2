"""What intake refuses. Each error knows the text a person reads; none carries a UID, a name or a path."""

from __future__ import annotations

from node.ground.errors import NodeError
from node.ground.told import Told


class IntakeRefused(Told):
    """Something intake will not do."""


class StoreFull(IntakeRefused):
    """The disk has no room beyond its reserve: nothing was stored, the sender keeps the instance and tries again."""

    text_key = "intake.store_full"


class StoreFailed(IntakeRefused):
    """The disk or the database did not take the instance: nothing was stored, the sender tries again."""

    text_key = "intake.store_failed"


class InstanceTooLarge(IntakeRefused):
    """One instance is larger than the node takes; sending it again cannot help."""

    text_key = "intake.instance_too_large"


class ReceivedMissing(IntakeRefused):
    """The bytes of a received image are gone, or are not those that were stored."""

    text_key = "intake.bytes_damaged"


class CleanMissing(IntakeRefused):
    """There is no clean image of that identifier."""

    text_key = "intake.clean_missing"


class PathMissing(IntakeRefused):
    """The folder or file to import does not exist or cannot be read."""

    text_key = "intake.path_missing"


class NoDicomFound(IntakeRefused):
    """The folder holds no DICOM file."""

    text_key = "intake.no_dicom"


class PeerAddressInvalid(IntakeRefused):
    """A configured peer's address is no IP address and no network."""

    text_key = "intake.peer_address_invalid"


class SealBroken(NodeError):
    """Sealed bytes were changed, moved to another place, or sealed with another key."""
