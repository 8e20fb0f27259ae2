"""Frames of clean images, for whoever shows them and whoever learns from them."""

from __future__ import annotations

from dataclasses import dataclass

from node.deidentify.findings import DecodedFrame
from node.deidentify.ports import ImageSandbox
from node.storage.clean_store import CleanImages


@dataclass(frozen=True, slots=True)
class CleanFrames:
    """Frames of clean images, decoded in the sandbox; implements `FrameSource`."""

    images: CleanImages
    sandbox: ImageSandbox

    def frame(self, image_id: str, number: int) -> DecodedFrame:
        """The stored values of a frame, numbered from 1."""
        return self.sandbox.frame(self.images.read(image_id), number)

    def shown(self, image_id: str, number: int) -> DecodedFrame:
        """The frame as a page shows it right with a straight window."""
        return self.sandbox.shown(self.images.read(image_id), number)

    def preview(self, image_id: str, number: int) -> bytes:
        """The frame as an 8 bit PNG."""
        return self.sandbox.preview(self.images.read(image_id), number)
