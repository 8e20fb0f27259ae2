"""What the desk answers for each refusal of a decision: the first row that fits, the narrowest rows first."""

from __future__ import annotations

from node.flows.approve import OfferUnknown, PlanTaken
from node.flows.desk import DeskProblem, DeskRefused
from node.ground.errors import NodeError
from node.release.approvals import ActRefused
from node.release.refusals import (
    EpsilonTooSmall,
    GateRefused,
    InstructionRefused,
    NoRoomForNoise,
    OutsideApproval,
    PlanStopped,
)
from node.release.stops import NotStopped, StoppedAlready
from node.release.wish import FirstYesGone, SecondYesIsYours, SecondYesNeeded

_ROWS: tuple[tuple[type[NodeError], DeskProblem], ...] = (
    (OfferUnknown, DeskProblem.OFFER_UNKNOWN),
    (ActRefused, DeskProblem.STANDING_REFUSED),
    (PlanTaken, DeskProblem.PLAN_TAKEN),
    (StoppedAlready, DeskProblem.STOPPED_ALREADY),
    (NotStopped, DeskProblem.NOT_STOPPED),
    (PlanStopped, DeskProblem.PLAN_STOPPED),
    (SecondYesNeeded, DeskProblem.SECOND_YES_NEEDED),
    (SecondYesIsYours, DeskProblem.SECOND_YES_IS_YOURS),
    (FirstYesGone, DeskProblem.FIRST_YES_GONE),
    (EpsilonTooSmall, DeskProblem.EPSILON_TOO_SMALL),
    (NoRoomForNoise, DeskProblem.CANNOT_TAKE_PART),
    (GateRefused, DeskProblem.OUTSIDE_PLAN),
    (OutsideApproval, DeskProblem.OUTSIDE_PLAN),
    (InstructionRefused, DeskProblem.CANNOT_TAKE_PART),
)

DECISION_REFUSALS: tuple[type[NodeError], ...] = tuple(dict.fromkeys(kind for kind, _ in _ROWS))
"""What a decision may raise that the desk translates."""


def desk_refusal(refusal: NodeError) -> DeskRefused:
    """The desk's refusal; `detail` is a code that says more, where there is one."""
    problem = next(problem for kind, problem in _ROWS if isinstance(refusal, kind))
    detail = ""
    if isinstance(refusal, ActRefused):
        detail = refusal.standing.value
    elif isinstance(refusal, InstructionRefused) and not isinstance(refusal, PlanStopped):
        detail = refusal.code.value
    return DeskRefused(problem, detail)
