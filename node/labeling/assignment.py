"""The assignment: a place in one reader's worklist, then a lease of that case to that reader; its states are a table.

The place belongs to the reader from the deal on, so nothing another reader does moves it. While a lease runs, nobody
can take the case from its reader; what the reader does renews it. After it ran out the next deal may give the case to
someone else; the draft stays.
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


MOVES: dict[AssignmentState, frozenset[AssignmentState]] = {
    AssignmentState.WAITING: frozenset({AssignmentState.HELD, AssignmentState.LAPSED}),
    AssignmentState.HELD: frozenset(
        {AssignmentState.HELD, AssignmentState.SUBMITTED, AssignmentState.DECLINED, AssignmentState.LAPSED}
    ),
    AssignmentState.SUBMITTED: frozenset(),
    AssignmentState.DECLINED: frozenset(),
    AssignmentState.LAPSED: frozenset({AssignmentState.WAITING}),
}


class DeclineReason(StrEnum):
    """Why a reader gives a case back."""

    OUTSIDE_MY_FIELD = "outside-my-field"
    KNOWN_PATIENT = "known-patient"
    IMAGE_UNREADABLE = "image-unreadable"
    NO_TIME = "no-time"


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
    if current is AssignmentState.LAPSED:
        raise LeaseLapsed("the lease ran out and the case was given on")
    raise AssignmentClosed(f"a {current.value} assignment cannot become {wanted.value}")


def lease_runs(assignment: Assignment, now: datetime) -> bool:
    """True while the case cannot be taken from its reader."""
    until = assignment.lease_until
    return assignment.state is AssignmentState.HELD and until is not None and now < until
