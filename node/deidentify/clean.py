"""One image cleaned: the profile applied to every element at every depth, the pixel data passed on untouched.

The output is a whole DICOM file in explicit VR form: the transfer syntax stays, but for implicit VR and deflate, which
become explicit VR little endian. It says of itself what was done: the profile, its edition, and each option the site's
policy chose. Source: PS3.15 section E.1.1 and E.2.
"""

from __future__ import annotations

import re
from typing import Final

from node.deidentify.attachments import AttachmentKind, kind_of
from node.deidentify.dataset import Cleaning
from node.deidentify.elements import Limits
from node.deidentify.errors import ReplacementIncomplete
from node.deidentify.objections import objection
from node.deidentify.opening import DEFLATED_LITTLE, EXPLICIT_LITTLE, IMPLICIT_LITTLE, OpenedImage, open_image
from node.deidentify.statement import statement
from node.deidentify.summary import INSTANCE, SOP_CLASS
from node.deidentify.values import text_of
from node.deidentify.verdict import CleanImage, CleaningStep, Quarantined, QuarantineReason, Replacement, Verdict
from node.deidentify.writing import encode_file

_PSEUDONYM: Final = re.compile(r"[A-Z0-9-]{1,64}")
_NEW_UID: Final = re.compile(r"2\.25\.(0|[1-9]\d{0,38})")
_GRAPHICS: Final = 0x00700001
_METHOD: Final = re.compile(r"[ -\[\]-~]{1,64}")


def clean(
    raw: bytes,
    replacement: Replacement,
    limits: Limits | None = None,
    *,
    overruled: frozenset[QuarantineReason] = frozenset(),
) -> Verdict:
    """A clean file for the image in `raw`, or the reason it is quarantined; a person may have overruled some.

    Raises:
        UnreadableImage: the bytes are no DICOM image, with the reason.
        ReplacementIncomplete: the replacement was made for another image.
    """
    _checked(replacement)
    image = open_image(raw, limits)
    reason = objection(image, overruled)
    if reason is not None:
        return Quarantined(reason)
    kind = kind_of(text_of(image.elements[SOP_CLASS]))
    if kind is AttachmentKind.REPORT and not replacement.policy.structured:
        return Quarantined(QuarantineReason.STRUCTURED_REPORT)
    cleaning = Cleaning(image, replacement)
    elements = cleaning.data_set(image.elements)
    elements += cleaning.patient_age() + statement(replacement, little_endian=image.little_endian)
    contents = encode_file(
        elements,
        little_endian=image.little_endian,
        sop_class_uid=text_of(image.elements[SOP_CLASS]),
        instance_uid=replacement.written_uid(text_of(image.elements[INSTANCE])),
        transfer_syntax_uid=_written_syntax(image),
    )
    return CleanImage(contents, tuple(sorted(cleaning.done | _of_kind(image, kind))))


def _of_kind(image: OpenedImage, kind: AttachmentKind | None) -> frozenset[CleaningStep]:
    """What was done because the object is attached to images."""
    if kind is None:
        return frozenset()
    drawn = {CleaningStep.GRAPHICS_REMOVED} if _GRAPHICS in image.elements else set()
    return frozenset({CleaningStep.ATTACHED, *drawn})


def _checked(replacement: Replacement) -> None:
    fits = (
        _PSEUDONYM.fullmatch(replacement.patient_pseudonym)
        and _METHOD.fullmatch(replacement.method)
        and all(_NEW_UID.fullmatch(uid) for uid in replacement.uid_map.values())
        and replacement.date_shift_days != 0
    )
    if not fits:
        raise ReplacementIncomplete("a pseudonym, method, UID or date shift is not of its form")


def _written_syntax(image: OpenedImage) -> str:
    rewritten = image.implicit or image.transfer_syntax_uid in {IMPLICIT_LITTLE, DEFLATED_LITTLE}
    return EXPLICIT_LITTLE if rewritten and not image.encapsulated else image.transfer_syntax_uid
