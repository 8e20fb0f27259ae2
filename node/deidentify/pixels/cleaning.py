"""Header and pixels of one image cleaned: the profile first, then what the pictures carry, then a look as proof.

1. Where the header names text areas (a maker's rectangles, ultrasound regions) they are blanked in every frame, and an
   image whose kind often carries names need not wait for a person.
2. Text that may not stay is blanked. A header that says so and pictures without text contradict each other: quarantine.
3. What is attached to images has no picture of its own: only its header is cleaned. The exception is a segmentation
   whose frames have shades (fractional masks, label maps): they can hold a picture with its letters, so they are
   searched too, and one with text waits for a person, since a blanked mask would say that nothing is there.
4. A person who released the image for its text leaves the pictures as they are; the header is cleaned all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from node.deidentify.attachments import AttachmentKind, kind_of
from node.deidentify.clean import clean
from node.deidentify.elements import Limits
from node.deidentify.opening import OpenedImage, open_image
from node.deidentify.pixels.blanking import LineFinder, Searched, blank, shows_text, without_text
from node.deidentify.pixels.boxes import header_mask
from node.deidentify.pixels.marks import PERMITTED
from node.deidentify.pixels.pictures import Frames, decoded
from node.deidentify.pixels.rewriting import rewritten
from node.deidentify.summary import SOP_CLASS, whole_number
from node.deidentify.values import text_of
from node.deidentify.verdict import CleanImage, CleaningStep, Quarantined, QuarantineReason, Replacement, Verdict

TEXT_REASONS: Final = frozenset(
    {QuarantineReason.TEXT_COVERS_TOO_MUCH, QuarantineReason.TEXT_OVER_ANATOMY}
    | {QuarantineReason.TEXT_REMAINS, QuarantineReason.TEXT_IN_MASKS}
)
_BURNED_IN: Final = 0x00280301
_BITS_ALLOCATED: Final = 0x00280100


@dataclass(frozen=True, slots=True)
class PixelCleaner:
    """What the pixel step works with: who finds text, and which marks the site permits."""

    finder: LineFinder
    permitted: frozenset[str] = PERMITTED

    def rehearse(self) -> None:
        """A search has been made: whatever loads itself at its first use is loaded."""
        ramp = np.linspace(0, 4095, 2 * 64 * 64).reshape(2, 64, 64) ** 2
        without_text(Frames(ramp, "MONOCHROME2", ramp.min(keepdims=False)), self.finder, self.permitted)

    def clean(
        self,
        raw: bytes,
        replacement: Replacement,
        limits: Limits | None = None,
        *,
        overruled: frozenset[QuarantineReason] = frozenset(),
    ) -> Verdict:
        """A clean file whose pictures were searched for text, or the reason it is quarantined.

        Raises:
            UnreadableImage: the bytes are no DICOM image, or their pictures cannot be decoded.
            ReplacementIncomplete: the replacement was made for another image.
        """
        image = open_image(raw, limits)
        kind = kind_of(text_of(image.elements.get(SOP_CLASS)))
        if kind is AttachmentKind.SEGMENTATION and whole_number(image, _BITS_ALLOCATED) > 1:
            return self._shades_searched(clean(raw, replacement, limits, overruled=overruled), overruled)
        if kind is not None:
            return clean(raw, replacement, limits, overruled=overruled)
        mask = header_mask(image)
        verdict = clean(raw, replacement, limits, overruled=overruled | _answered_here(mask))
        if isinstance(verdict, Quarantined):
            return verdict
        frames = decoded(verdict.contents)
        by_header = mask is not None and bool(mask.any())
        if mask is not None and by_header:
            frames = blank(frames, mask)
        if overruled & TEXT_REASONS:
            return _finished(verdict, Searched(frames, None), by_header=by_header)
        searched = without_text(frames, self.finder, self.permitted)
        if searched.reason is not None:
            return Quarantined(searched.reason)
        if _says_burned_in(image, overruled) and not searched.found and not by_header:
            return Quarantined(QuarantineReason.BURNED_IN_ANNOTATION)
        return _finished(verdict, searched, by_header=by_header)

    def _shades_searched(self, verdict: Verdict, overruled: frozenset[QuarantineReason]) -> Verdict:
        """The masks as they are, where no text was found in them."""
        if isinstance(verdict, Quarantined) or overruled & TEXT_REASONS:
            return verdict
        if shows_text(decoded(verdict.contents), self.finder, self.permitted):
            return Quarantined(QuarantineReason.TEXT_IN_MASKS)
        return CleanImage(verdict.contents, tuple(sorted({*verdict.done, CleaningStep.TEXT_SEARCHED})))


def _answered_here(mask: NDArray[Any] | None) -> frozenset[QuarantineReason]:
    """The objections that the search for text answers better than the header."""
    answered = {QuarantineReason.BURNED_IN_ANNOTATION}
    if mask is not None:
        answered.add(QuarantineReason.OFTEN_ANNOTATED)
    return frozenset(answered)


def _says_burned_in(image: OpenedImage, overruled: frozenset[QuarantineReason]) -> bool:
    said = text_of(image.elements.get(_BURNED_IN)).upper()
    return said not in {"", "NO"} and QuarantineReason.BURNED_IN_ANNOTATION not in overruled


def _finished(verdict: CleanImage, searched: Searched, *, by_header: bool) -> CleanImage:
    """The clean image with the pictures as they are now, and what was done to them."""
    touched = searched.found or by_header
    frames = searched.frames if touched else None
    contents = rewritten(verdict.contents, frames, proven=searched.blanked is not None)
    steps = set(verdict.done)
    if searched.blanked is not None:
        steps.add(CleaningStep.TEXT_SEARCHED)
    if by_header:
        steps.add(CleaningStep.AREAS_BLANKED)
    if searched.found:
        steps.add(CleaningStep.TEXT_BLANKED)
    return CleanImage(contents, tuple(sorted(steps)))
