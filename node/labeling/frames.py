"""Where the pixels of a clean image come from when a reader looks at it."""

from __future__ import annotations

from typing import Protocol

from node.deidentify.findings import DecodedFrame


class FrameSource(Protocol):
    """Clean images, decoded away from the process that serves them."""

    def frame(self, image_id: str, number: int) -> DecodedFrame:
        """The stored values of a frame, numbered from 1."""
        ...

    def shown(self, image_id: str, number: int) -> DecodedFrame:
        """The frame as a page shows it right with a straight window: stored values, or presentation values."""
        ...

    def preview(self, image_id: str, number: int) -> bytes:
        """The frame as an 8 bit PNG."""
        ...
