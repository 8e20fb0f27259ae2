"""The sandbox without its walls: the same functions in this process; trouble can be ordered for single images."""

from __future__ import annotations

from node.deidentify.clean import clean
from node.deidentify.findings import CleanHeader, DecodedFrame, HeaderSummary, Picture
from node.deidentify.frames import decode_frame, preview, render, shown_frame
from node.deidentify.header import describe
from node.deidentify.summary import summarise
from node.deidentify.verdict import QuarantineReason, Replacement, Verdict


class OpenSandbox:
    """Implements `ImageSandbox`."""

    def __init__(self) -> None:
        self.trouble: dict[str, Exception] = {}
        """What to raise when an image with this patient ID is to be cleaned."""
        self.cleaned = 0

    def summarise(self, raw: bytes) -> HeaderSummary:
        return summarise(raw)

    def clean(
        self, raw: bytes, replacement: Replacement, *, overruled: frozenset[QuarantineReason] = frozenset()
    ) -> Verdict:
        trouble = self.trouble.get(summarise(raw).patient_id)
        if trouble is not None:
            raise trouble
        self.cleaned += 1
        return clean(raw, replacement, overruled=overruled)

    def frame(self, raw: bytes, number: int) -> DecodedFrame:
        return decode_frame(raw, number)

    def shown(self, raw: bytes, number: int) -> DecodedFrame:
        return shown_frame(raw, number)

    def preview(self, raw: bytes, number: int) -> bytes:
        return preview(raw, number)

    def render(self, raw: bytes, number: int, picture: Picture) -> bytes:
        return render(raw, number, picture)

    def describe(self, raw: bytes) -> CleanHeader:
        return describe(raw)
