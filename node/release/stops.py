"""Stops: an office of this hospital says no to a plan, and that holds until the same office lifts it.

The data steward revokes, the ethics reviewer suspends, hospital IT stops: each in its own name, whether or not the
plan was approved, and beside each other. While one stop stands, nothing leaves for the plan and nobody approves it.
Lifting revives no approval: what was withdrawn stays withdrawn, and the plan may be approved anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from node.ground.errors import NodeError
from node.release.refusals import PlanStopped
from protocols.approvals import WithdrawalReason


class Office(StrEnum):
    """Who may stop a plan."""

    STEWARD = "steward"
    ETHICS = "ethics"
    IT = "it"


REASON_OF: Mapping[Office, WithdrawalReason] = MappingProxyType(
    {
        Office.STEWARD: WithdrawalReason.STEWARD_REVOKED,
        Office.ETHICS: WithdrawalReason.ETHICS_SUSPENDED,
        Office.IT: WithdrawalReason.IT_STOPPED,
    }
)
"""What the coordinator and the partner are told of an approval that an office ended."""


class StopLiftReason(StrEnum):
    """Why an office lifts its stop; a code, because free text could name a patient."""

    ANSWERED = "question-answered"
    RENEWED = "decision-renewed"
    MENDED = "fault-mended"
    MISTAKE = "stopped-by-mistake"


@dataclass(frozen=True, slots=True)
class Stop:
    """One office's stop of a plan, and its end if it was lifted."""

    office: Office
    stopped_at: datetime
    lifted_at: datetime | None = None
    lift_reason: StopLiftReason | None = None


class StoppedAlready(NodeError):
    """The office's own stop of the plan stands."""


class NotStopped(NodeError):
    """No stop of this office stands, so there is nothing for it to lift."""


def standing_stops(stops: Collection[Stop]) -> tuple[Stop, ...]:
    """The stops nobody lifted, the oldest first."""
    return tuple(sorted((stop for stop in stops if stop.lifted_at is None), key=lambda stop: stop.stopped_at))


def check_not_stopped(stops: Collection[Stop]) -> None:
    """Return when no stop stands.

    Raises:
        PlanStopped: one does.
    """
    standing = standing_stops(stops)
    if standing:
        raise PlanStopped(f"stopped by: {', '.join(stop.office.value for stop in standing)}")


def check_may_stop(stops: Collection[Stop], office: Office) -> None:
    """Return when the office has no stop of the plan that stands. Raises: StoppedAlready."""
    if office in {stop.office for stop in standing_stops(stops)}:
        raise StoppedAlready(f"stopped by this office already: {office.value}")


def check_may_lift(stops: Collection[Stop], office: Office) -> None:
    """Return when the office has a stop of its own to lift; another's it cannot. Raises: NotStopped."""
    if office not in {stop.office for stop in standing_stops(stops)}:
        raise NotStopped(f"not stopped by this office: {office.value}")
