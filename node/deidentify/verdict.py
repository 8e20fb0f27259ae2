"""The verdict on one image: clean with what was done, or quarantined with the reason.

Every code has a text in both languages. A quarantined image stays in the encrypted store of received images; nothing
else of the node ever sees it until a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from node.deidentify.policy import DEFAULT, EDITION, Policy
from node.deidentify.uids import is_plain_uid
from node.ground.texts import Language, text


class QuarantineReason(StrEnum):
    """Why an image cannot be cleaned here. A missing patient ID is no reason."""

    BURNED_IN_ANNOTATION = "burned_in_annotation"
    SECONDARY_CAPTURE = "secondary_capture"
    SCREEN_SAVE = "screen_save"
    DERIVED_SECONDARY = "derived_secondary"
    OFTEN_ANNOTATED = "often_annotated"
    ENCAPSULATED_DOCUMENT = "encapsulated_document"
    STRUCTURED_REPORT = "structured_report"
    NAMES_NO_IMAGE = "names_no_image"
    NOT_AN_IMAGE = "not_an_image"
    UNKNOWN_OBJECT = "unknown_object"
    MISSING_IDENTIFIERS = "missing_identifiers"
    OVERLAY_IN_PIXELS = "overlay_in_pixels"
    HIDDEN_BITS = "hidden_bits"
    IDENTIFIER_IN_PIXELS = "identifier_in_pixels"
    PIXEL_DATA_MISSING = "pixel_data_missing"
    PIXEL_DATA_LENGTH = "pixel_data_length"
    NOT_DICOM = "not_dicom"
    TRUNCATED = "truncated"
    LYING_LENGTH = "lying_length"
    MALFORMED = "malformed"
    NESTED_TOO_DEEP = "nested_too_deep"
    TOO_MANY_ELEMENTS = "too_many_elements"
    INFLATES_TOO_FAR = "inflates_too_far"
    PIXELS_UNREADABLE = "pixels_unreadable"
    TEXT_COVERS_TOO_MUCH = "text_covers_too_much"
    TEXT_OVER_ANATOMY = "text_over_anatomy"
    TEXT_REMAINS = "text_remains"
    TEXT_IN_MASKS = "text_in_masks"
    TEXT_SEARCH_FAILED = "text_search_failed"
    TRANSFER_SYNTAX = "transfer_syntax"
    TOO_COSTLY = "too_costly"


class CleaningStep(StrEnum):
    """What was done to an image on its way to being clean."""

    IDENTIFIERS_REPLACED = "identifiers_replaced"
    DATES_SHIFTED = "dates_shifted"
    AGE_CLAMPED = "age_clamped"
    AGE_DERIVED = "age_derived"
    PRIVATE_REMOVED = "private_removed"
    OVERLAY_REMOVED = "overlay_removed"
    UNLISTED_REMOVED = "unlisted_removed"
    AREAS_BLANKED = "areas_blanked"
    TEXT_BLANKED = "text_blanked"
    TEXT_SEARCHED = "text_searched"
    WORDS_REFUSED = "words_refused"
    TEXT_CLEANED = "text_cleaned"
    GRAPHICS_REMOVED = "graphics_removed"
    ATTACHED = "attached"


PICTURES_CHANGED: Final = frozenset({CleaningStep.AREAS_BLANKED, CleaningStep.TEXT_BLANKED})
"""The steps that changed pixels: an image without them is clean, one with them was cleaned."""


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A whole DICOM file that carries nothing of the patient's identity, and the steps that made it so."""

    contents: bytes = field(repr=False)
    done: tuple[CleaningStep, ...]


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An image that was not cleaned."""

    reason: QuarantineReason


Verdict: TypeAlias = CleanImage | Quarantined


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands in for the identity of one patient in one image. Made with keys, carries none.

    `uid_map` names a successor for every UID in `HeaderSummary.uids`; `date_shift_days` is the same for all images of
    the patient; `method` is ASCII of at most 64 characters, written to De-identification Method (0012,0063); `policy`
    is the site's choice of options.
    """

    patient_pseudonym: str
    uid_map: Mapping[str, str] = field(repr=False)
    date_shift_days: int = field(repr=False)
    method: str = f"Intramuros, PS3.15 {EDITION} table E.1-1"
    policy: Policy = DEFAULT

    def written_uid(self, old_uid: str) -> str:
        """The UID that the clean file gives a study, series or instance: its successor, or itself if retained."""
        return old_uid if self.policy.uids and is_plain_uid(old_uid) else self.uid_map[old_uid]


def public_text(code: QuarantineReason | CleaningStep, language: Language) -> str:
    """The one sentence a person reads for a reason or a step."""
    return text(f"deidentify.{code.value}", language)
