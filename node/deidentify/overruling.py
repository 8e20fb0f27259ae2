"""Which reasons of quarantine a person may overrule after looking at the picture, and which nobody may.

A release overrules one judgement about the pixels: text may be burned in, the kind of object often carries names. It
never skips the cleaning itself: the header is cleaned all the same, and another reason found on the way quarantines the
image again. Who releases an image for the text in it leaves that text where it is. What cannot be read cannot be
cleaned, whoever looks at it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from node.deidentify.verdict import QuarantineReason

OVERRULABLE: Final = frozenset(
    {
        QuarantineReason.BURNED_IN_ANNOTATION,
        QuarantineReason.SECONDARY_CAPTURE,
        QuarantineReason.SCREEN_SAVE,
        QuarantineReason.DERIVED_SECONDARY,
        QuarantineReason.OFTEN_ANNOTATED,
        QuarantineReason.TEXT_COVERS_TOO_MUCH,
        QuarantineReason.TEXT_OVER_ANATOMY,
        QuarantineReason.TEXT_IN_MASKS,
        QuarantineReason.TEXT_REMAINS,
    }
)
RETRIABLE: Final = frozenset({QuarantineReason.TOO_COSTLY})
"""Nothing about the picture: a person may have it tried once more."""
_PREFIX: Final = "deidentify."


def reason_of(text_key: str) -> QuarantineReason | None:
    """The reason behind a stored text key; None for one of another station."""
    code = text_key.removeprefix(_PREFIX)
    return QuarantineReason(code) if text_key.startswith(_PREFIX) and code in set(QuarantineReason) else None


def overruled_by(text_keys: Iterable[str]) -> frozenset[QuarantineReason]:
    """The judgements that releases under these text keys overrule."""
    reasons = (reason_of(key) for key in text_keys)
    return frozenset(reason for reason in reasons if reason in OVERRULABLE)
