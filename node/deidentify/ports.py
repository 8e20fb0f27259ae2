"""What this station asks of the world: somewhere safe to take hostile bytes apart.

An implementation keeps parsing and native codecs away from keys, files and lines; the in-process functions of this
station have the same signatures and serve tests.
"""

from __future__ import annotations

from typing import Protocol

from node.deidentify.findings import DecodedFrame, HeaderSummary
from node.deidentify.verdict import QuarantineReason, Replacement, Verdict


class ImageSandbox(Protocol):
    """Bytes in, verdict out.

    Every method raises `UnreadableImage` (its leaves `SandboxRefused`, `SandboxTimedOut`) with a reason to quarantine
    by, and `SandboxUnavailable` when the machine cannot run one now: then the image is tried again later.
    """

    def summarise(self, raw: bytes) -> HeaderSummary:
        """The header of the image. See `summary.summarise`."""
        ...

    def clean(
        self, raw: bytes, replacement: Replacement, *, overruled: frozenset[QuarantineReason] = frozenset()
    ) -> Verdict:
        """The clean image or the reason for quarantine. See `clean.clean`."""
        ...

    def frame(self, raw: bytes, number: int) -> DecodedFrame:
        """The stored values of a frame, numbered from 1. See `frames.decode_frame`."""
        ...

    def shown(self, raw: bytes, number: int) -> DecodedFrame:
        """A frame as a page shows it right with a straight window. See `frames.shown_frame`."""
        ...

    def preview(self, raw: bytes, number: int) -> bytes:
        """A frame as an 8 bit PNG for the page. See `frames.preview`."""
        ...
