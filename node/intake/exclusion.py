"""The exclusion: a patient of the hospital whose images are used for nothing, for one of a few kinds of reason.

A patient is named by the hospital's number and found again by a keyed digest of it; the number itself is kept nowhere.
Two spellings of one number are one patient: width and case of letters, spaces, hyphens and leading zeros do not count,
and neither does the issuer. Where that makes two patients one, both are excluded: the harm of the other mistake, an
opt-out that is not obeyed, is the greater.

An entry says that a patient is excluded, or no longer, for one kind; entries are only ever added, and the latest of a
patient and kind counts. Lists that grew apart (a restored backup, a copy kept elsewhere) are put together by taking
every entry of both.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from node.ground.audit import Actor

MAX_NUMBERS: Final = 50_000
"""Of one list."""
_LONGEST_NUMBER: Final = 64


class ExclusionKind(StrEnum):
    """Why a patient's images are not used."""

    OPT_OUT = "opt-out"
    """The patient refused (거부)."""
    STAFF = "staff"
    """The patient works here."""
    MINOR = "minor"
    """The patient is under age."""
    LEGAL_HOLD = "legal-hold"
    """A court or an authority asks that nothing is changed: nothing is used, and nothing is deleted either."""


class LiftReason(StrEnum):
    """Why an exclusion ends; a code, since free text could name a patient."""

    ENTERED_BY_MISTAKE = "entered-by-mistake"
    PATIENT_AGREED = "patient-agreed"
    LEFT_THE_HOSPITAL = "left-the-hospital"
    OF_AGE = "of-age"
    HOLD_ENDED = "hold-ended"


LIFTED_FOR: Final[Mapping[ExclusionKind, frozenset[LiftReason]]] = {
    ExclusionKind.OPT_OUT: frozenset({LiftReason.ENTERED_BY_MISTAKE, LiftReason.PATIENT_AGREED}),
    ExclusionKind.STAFF: frozenset({LiftReason.ENTERED_BY_MISTAKE, LiftReason.LEFT_THE_HOSPITAL}),
    ExclusionKind.MINOR: frozenset({LiftReason.ENTERED_BY_MISTAKE, LiftReason.OF_AGE}),
    ExclusionKind.LEGAL_HOLD: frozenset({LiftReason.ENTERED_BY_MISTAKE, LiftReason.HOLD_ENDED}),
}
"""For which reasons an exclusion of each kind may end."""


@dataclass(frozen=True, slots=True)
class ExclusionEntry:
    """One line of the list: from that moment on the patient is excluded for the kind, or no longer."""

    entry_id: str
    number_lookup: str = field(repr=False)
    kind: ExclusionKind
    lifted: LiftReason | None
    at: datetime
    by: Actor


def canonical_number(number: str) -> str:
    """The number without the differences two machines or people make; empty where nothing of it is left."""
    text = unicodedata.normalize("NFKC", number).upper()
    kept = "".join(letter for letter in text if letter.isalnum())
    return kept.lstrip("0") or kept[:1]


def is_number(number: str) -> bool:
    """True for what can be a hospital's patient number: DICOM's LO has at most 64 characters."""
    return bool(canonical_number(number)) and len(number) <= _LONGEST_NUMBER and number.isprintable()


def standing(entries: Iterable[ExclusionEntry]) -> dict[tuple[str, ExclusionKind], ExclusionEntry]:
    """The entries that exclude somebody now, by patient and kind; of two at one moment the excluding one counts."""
    latest: dict[tuple[str, ExclusionKind], ExclusionEntry] = {}
    for entry in entries:
        key = (entry.number_lookup, entry.kind)
        if key not in latest or _weight(entry) > _weight(latest[key]):
            latest[key] = entry
    return {key: entry for key, entry in latest.items() if entry.lifted is None}


def _weight(entry: ExclusionEntry) -> tuple[datetime, bool, str]:
    return entry.at, entry.lifted is None, entry.entry_id
