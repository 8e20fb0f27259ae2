"""The two buttons on every case, pressed by its reader and answered by whom they concern.

A visible identity withdraws the case in the transaction that records it: from that moment no reader, search or cohort
finds it. Its clean images then leave their store and stand in quarantine; a crash between is mended within seconds by
`settle_incidents`. To other readers the case is gone like one of an excluded patient, and they are not told why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from node.flows.act import Act, act_of
from node.flows.exclude_parts import CleanFiles, Withdrawal
from node.flows.ward import Ward
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.logs import log
from node.intake.errors import StoreFailed, StoreFull
from node.labeling.assignment import UNSEEN, AssignmentState, check_move
from node.labeling.blinding import Viewer, own
from node.labeling.concern import AlikeSeries, CleanedAlike, Concern, ConcernKind, ConcernOutcome, alarms, closed
from node.labeling.errors import AssignmentUnknown, ConcernUnknown

_SETTLES: Final = Actor(ActorKind.NODE, "concerns")
_MOST_ALIKE: Final = 500


class ImagesOut(Protocol):
    """Clean images on their way into quarantine. Both methods raise: StoreFull, StoreFailed."""

    def still_clean(self, image_ids: Sequence[str]) -> Sequence[Withdrawal]:
        """Those of the images that stand as clean."""
        ...

    def hold(self, batch: Sequence[Withdrawal], events: Sequence[AuditEvent]) -> None:
        """They stand in quarantine because an identity was seen; headers of those not held by law are gone."""
        ...


@dataclass(frozen=True, slots=True)
class IncidentParts:
    """What an incident is settled with."""

    images: ImagesOut
    files: CleanFiles
    alike: CleanedAlike


@dataclass(frozen=True, slots=True)
class Press:
    """Which button was pressed, under which identifier its concern is kept."""

    kind: ConcernKind
    concern_id: str


@dataclass(frozen=True, slots=True)
class Closing:
    """How a concern ends, and which kinds whoever closes it may close."""

    outcome: ConcernOutcome
    kinds: frozenset[ConcernKind]


@dataclass(frozen=True, slots=True)
class OpenCount:
    """How many concerns of a kind nobody has closed, and how many of those should have been."""

    kind: ConcernKind
    open: int
    alarming: int


def raise_concern(ward: Ward, viewer: Viewer, assignment_id: str, press: Press, now: datetime) -> Concern:
    """The concern is recorded, the first time it is raised; of a visible identity the case is withdrawn with it.

    Raises:
        AssignmentUnknown, LeaseLapsed, AssignmentClosed: the case is not the viewer's to see.
    """
    act = act_of(viewer.person_id, now)
    with ward.writing() as work:
        assignment = own(work.assignments.by_id(assignment_id, to_change=True), viewer)
        if assignment.state in UNSEEN:
            raise AssignmentUnknown("no such assignment")
        if assignment.state is not AssignmentState.SUBMITTED:
            check_move(assignment.state, AssignmentState.HELD)
        before = work.concerns.of_assignment(assignment_id, press.kind)
        if before is not None:
            return before
        case_id = work.repeats.original(assignment.case_id)
        concern = Concern(press.concern_id, press.kind, case_id, assignment_id, viewer.person_id, now)
        subject = f"case:{concern.case_id}"
        work.concerns.add(concern, act.event("concern.raised", subject, press.kind.value))
        if press.kind is ConcernKind.IDENTITY_VISIBLE:
            work.incidents.withdraw(concern.case_id, act.event("case.withdrawn", subject, press.kind.value))
        return concern


def settle_incidents(ward: Ward, parts: IncidentParts, now: datetime) -> int:
    """No image of a withdrawn case is left where it could be used; how many incidents were settled.

    What the machine does not allow now is left for the next time.
    """
    with ward.reading() as work:
        waiting = [one for one in work.concerns.all() if _unsettled(one)]
    settled = 0
    for concern in waiting:
        try:
            _settle(ward, parts, concern, now)
            settled += 1
        except (StoreFull, StoreFailed) as error:
            log().warning("incident not settled", error_type=type(error).__name__)
    return settled


def concerns(ward: Ward, kinds: frozenset[ConcernKind]) -> list[Concern]:
    """Concerns of these kinds, the newest first."""
    with ward.reading() as work:
        return [one for one in work.concerns.all() if one.kind in kinds]


def open_counts(ward: Ward, now: datetime) -> list[OpenCount]:
    """How many stand open, by kind."""
    with ward.reading() as work:
        standing = [one for one in work.concerns.all() if one.outcome is None]
    return [
        OpenCount(
            kind=kind,
            open=sum(one.kind is kind for one in standing),
            alarming=sum(one.kind is kind and alarms(one, now) for one in standing),
        )
        for kind in ConcernKind
    ]


def close_concern(ward: Ward, concern_id: str, closing: Closing, act: Act) -> None:
    """The concern is closed.

    Raises:
        ConcernUnknown: there is none of these kinds.
        ConcernClosed, OutcomeRefused: it cannot end so.
    """
    with ward.writing() as work:
        concern = work.concerns.by_id(concern_id)
        if concern is None or concern.kind not in closing.kinds:
            raise ConcernUnknown("no such concern")
        ended = closed(concern, closing.outcome, act.by.actor_id, act.now)
        event = act.event("concern.closed", f"case:{concern.case_id}", closing.outcome.value)
        work.concerns.change(ended, event)


def cleaned_alike(ward: Ward, alike: CleanedAlike, concern_id: str) -> list[AlikeSeries]:
    """The series that were cleaned by the rule of the incident's images. Raises: ConcernUnknown, StoreFailed."""
    with ward.reading() as work:
        concern = work.concerns.by_id(concern_id)
    if concern is None or concern.kind is not ConcernKind.IDENTITY_VISIBLE:
        raise ConcernUnknown("no such incident")
    return [] if concern.rule is None else alike.series(concern.rule, _MOST_ALIKE)


def _unsettled(concern: Concern) -> bool:
    return concern.kind is ConcernKind.IDENTITY_VISIBLE and concern.images_held_at is None


def _settle(ward: Ward, parts: IncidentParts, concern: Concern, now: datetime) -> None:
    with ward.reading() as work:
        image_ids = [image.image_id for image in work.sheets.images_of(concern.case_id)]
    rule = concern.rule or parts.alike.rule_of(image_ids)
    if rule is not None and concern.rule is None:
        with ward.writing() as work:
            work.incidents.keep_rule(concern.concern_id, rule)
    batch = parts.images.still_clean(image_ids)
    for image in batch:
        if not image.held:
            parts.files.drop(image.image_id)
    if batch:
        subjects = [f"received:{image.received_id}" for image in batch]
        parts.images.hold(batch, [AuditEvent(now, _SETTLES, "image.identity-seen", subject) for subject in subjects])
    with ward.writing() as work:
        event = AuditEvent(now, _SETTLES, "incident.images-held", f"case:{concern.case_id}")
        work.incidents.images_held(concern.concern_id, event)
