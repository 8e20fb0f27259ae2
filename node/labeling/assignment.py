"""The assignment: a place in one reader's worklist, then a lease of that case to that reader; its states are a table.

The place belongs to the reader from the deal on, so nothing another reader does moves it. While a lease runs, nobody
can take the case from its reader; what the reader does renews it. After it ran out the next deal may give the case to
someone else; the draft stays. A submitted place is opened again only by the lead, when what is asked has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from node.labeling.errors import AssignmentClosed, LeaseLapsed

LEASE = timedelta(minutes=30)


class AssignmentState(StrEnum):
    """Where an assignment stands."""

    WAITING = "waiting"
    HELD = "held"
    SUBMITTED = "submitted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    REASSIGNED = "reassigned"
    """The lead took it from this reader, who never gets it back."""
    REQUEUED = "requeued"
    """Read once, and to be read anew: what was said then no longer counts."""


MOVES: dict[AssignmentState, frozenset[AssignmentState]] = {
    AssignmentState.WAITING: frozenset({AssignmentState.HELD, AssignmentState.LAPSED, AssignmentState.REASSIGNED}),
    AssignmentState.HELD: frozenset(
        {
            AssignmentState.HELD,
            AssignmentState.SUBMITTED,
            AssignmentState.DECLINED,
            AssignmentState.LAPSED,
            AssignmentState.REASSIGNED,
        }
    ),
    AssignmentState.SUBMITTED: frozenset({AssignmentState.REQUEUED}),
    AssignmentState.DECLINED: frozenset(),
    AssignmentState.LAPSED: frozenset({AssignmentState.WAITING, AssignmentState.REQUEUED, AssignmentState.REASSIGNED}),
    AssignmentState.REASSIGNED: frozenset(),
    AssignmentState.REQUEUED: frozenset({AssignmentState.HELD, AssignmentState.LAPSED, AssignmentState.REASSIGNED}),
}
UNFINISHED = frozenset(
    {AssignmentState.WAITING, AssignmentState.HELD, AssignmentState.LAPSED, AssignmentState.REQUEUED}
)
"""The reader may still come to read the case under it."""
UNSEEN = frozenset({AssignmentState.WAITING, AssignmentState.REQUEUED})
"""In the worklist and not yet taken from it: its reader is told nothing of such a place."""


class DeclineReason(StrEnum):
    """Why a reader gives a case back."""

    OUTSIDE_MY_FIELD = "outside-my-field"
    KNOWN_PATIENT = "known-patient"
    IMAGE_UNREADABLE = "image-unreadable"
    NO_TIME = "no-time"
    RATHER_NOT = "rather-not"
    """A lay labeler need not say why."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One case given to one reader."""

    assignment_id: str
    project_id: str
    case_id: str
    person_id: str
    state: AssignmentState
    lease_until: datetime | None


def may_move(current: AssignmentState, wanted: AssignmentState) -> bool:
    """True when the table allows the move."""
    return wanted in MOVES[current]


def check_move(current: AssignmentState, wanted: AssignmentState) -> None:
    """Return when the table allows the move.

    Raises:
        LeaseLapsed: the case was given to someone else meanwhile.
        AssignmentClosed: it was submitted or declined already, or never taken.
    """
    if may_move(current, wanted):
        return
    if current in (AssignmentState.LAPSED, AssignmentState.REASSIGNED):
        raise LeaseLapsed("the lease ran out and the case was given on")
    raise AssignmentClosed(f"a {current.value} assignment cannot become {wanted.value}")


def lease_runs(assignment: Assignment, now: datetime) -> bool:
    """True while the case cannot be taken from its reader."""
    until = assignment.lease_until
    return assignment.state is AssignmentState.HELD and until is not None and now < until
