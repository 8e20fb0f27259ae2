"""What this station raises: an image that cannot be read, a replacement that does not fit, a sandbox that gave up."""

from __future__ import annotations

from node.deidentify.verdict import QuarantineReason
from node.ground.errors import NodeError


class UnreadableImage(NodeError):
    """The bytes are no DICOM image this node can read. Carries a reason code and nothing of the bytes."""

    def __init__(self, reason: QuarantineReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class SandboxRefused(UnreadableImage):
    """The sandbox refused the image, or the image ended the sandbox."""


class SandboxTimedOut(SandboxRefused):
    """The image was not done within the deadline; the sandbox process was ended."""


class SandboxUnavailable(NodeError):
    """No sandbox process can be started: the machine's fault, never the image's; try again later."""


class NetworkChanged(NodeError):
    """A network's file holds other bytes than this release was made with. Carries the file's name."""


class ReplacementIncomplete(NodeError):
    """The replacement names no successor for a UID of the image; it was made for other bytes."""


class FrameMissing(NodeError):
    """The image has no frame of that number; frames count from 1."""


class KeyTooShort(NodeError):
    """A pseudonym key has fewer than 32 bytes."""
