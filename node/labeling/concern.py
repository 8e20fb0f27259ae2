"""The two buttons on every case: it needs clinical attention, or the patient's identity can be seen in it.

Either is raised by whoever reads the case, once, and closed by whom it concerns, with an outcome; one that stays open
too long alarms. What a person typed is no part of it: free text could name the patient. Which patient the case is of is
learnt by the two-person route of `intake.reidentification` and by nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from node.labeling.errors import ConcernClosed, OutcomeRefused


class ConcernKind(StrEnum):
    """What was pressed."""

    NEEDS_ATTENTION = "needs-attention"
    """Somebody has to look after the patient."""
    IDENTITY_VISIBLE = "identity-visible"
    """The case says who the patient is: an incident."""


class ConcernOutcome(StrEnum):
    """How a concern ended."""

    PATIENT_CALLED = "patient-called"
    KNOWN_ALREADY = "known-already"
    NO_ACTION_NEEDED = "no-action-needed"
    IMAGES_DELETED = "images-deleted"
    CLEANING_MENDED = "cleaning-mended"
    NAMES_NOBODY = "names-nobody"


_K, _O = ConcernKind, ConcernOutcome
OUTCOMES: Final[Mapping[ConcernKind, frozenset[ConcernOutcome]]] = {
    _K.NEEDS_ATTENTION: frozenset({_O.PATIENT_CALLED, _O.KNOWN_ALREADY, _O.NO_ACTION_NEEDED}),
    _K.IDENTITY_VISIBLE: frozenset({_O.IMAGES_DELETED, _O.CLEANING_MENDED, _O.NAMES_NOBODY}),
}
"""How each kind can end; whatever the end of an incident, its case stays withdrawn."""
ALARM_AFTER: Final[Mapping[ConcernKind, timedelta]] = {
    _K.NEEDS_ATTENTION: timedelta(hours=1),
    _K.IDENTITY_VISIBLE: timedelta(hours=24),
}


@dataclass(frozen=True, slots=True)
class CleaningRule:
    """What decided how a series was cleaned: what made the images, and what was done to their pictures."""

    modality: str
    maker: str
    sop_class_uid: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlikeSeries:
    """A series cleaned by the same rule, under the node's own UIDs."""

    study_uid: str
    series_uid: str
    images: int


class CleanedAlike(Protocol):
    """The way from a rule to what it cleaned. Both methods raise: StoreFailed."""

    def rule_of(self, image_ids: list[str]) -> CleaningRule | None:
        """By which rule the images were cleaned; none where no header of theirs is left."""
        ...

    def series(self, rule: CleaningRule, limit: int) -> list[AlikeSeries]:
        """The series that the rule cleaned too, the latest first."""
        ...


@dataclass(frozen=True, slots=True)
class Concern:
    """One press of a button."""

    concern_id: str
    kind: ConcernKind
    case_id: str
    assignment_id: str
    raised_by: str
    raised_at: datetime
    rule: CleaningRule | None = None
    """Of an incident: by which rule its images were cleaned."""
    images_held_at: datetime | None = None
    """Of an incident: when its images stood in quarantine."""
    outcome: ConcernOutcome | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None


def closed(concern: Concern, outcome: ConcernOutcome, person_id: str, now: datetime) -> Concern:
    """The concern with its end.

    Raises:
        ConcernClosed: it has one.
        OutcomeRefused: a concern of its kind does not end so.
    """
    if concern.outcome is not None:
        raise ConcernClosed("the concern was closed already")
    if outcome not in OUTCOMES[concern.kind]:
        raise OutcomeRefused("a concern of this kind does not end so")
    return replace(concern, outcome=outcome, closed_by=person_id, closed_at=now)


def alarms(concern: Concern, now: datetime) -> bool:
    """True when nobody has closed it in its time."""
    return concern.outcome is None and now - concern.raised_at >= ALARM_AFTER[concern.kind]
