"""What can be wrong with an answer; each has a sentence in both languages."""

from __future__ import annotations

from enum import StrEnum


class AnswerFault(StrEnum):
    """Why an answer was refused."""

    UNKNOWN_QUESTION = "unknown-question"
    REPEATED = "repeated"
    UNANSWERED = "unanswered"
    NOT_ASKED = "not-asked"
    WRONG_KIND = "wrong-kind"
    UNKNOWN_OPTION = "unknown-option"
    NOT_TOGETHER = "not-together"
    ABSTENTION_NOT_OFFERED = "abstention-not-offered"
    CONFIDENCE_MISSING = "confidence-missing"
    OUT_OF_RANGE = "out-of-range"
    NOT_WHOLE = "not-whole"
    TEXT_TOO_LONG = "text-too-long"
    TOO_MANY_MARKS = "too-many-marks"
    MARK_REPEATED = "mark-repeated"
    SHAPE_NOT_OFFERED = "shape-not-offered"
    LABEL_UNKNOWN = "label-unknown"
    IMAGE_UNKNOWN = "image-unknown"
    OUTSIDE_IMAGE = "outside-image"
    SELF_CROSSING = "self-crossing"
    SHAPE_EMPTY = "shape-empty"
    MASK_SIZE = "mask-size"
