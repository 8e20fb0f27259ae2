"""What a steward wishes to sign, and the two-person rule: a first yes counts for nothing until another confirms it.

The second steward confirms exactly what the first one said: a first yes has an identifier, and another one takes its
place when it is said anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from node.ground.errors import NodeError
from protocols.approvals import Bounds
from protocols.plans import MetricName


@dataclass(frozen=True, slots=True)
class ApprovalWish:
    """What a steward signs: which offer, how far, until when, and whether a red attack light is accepted.

    `epsilon_cap` and `metrics` narrow the plan's privacy budget and its figures; nothing leaves them as they are.
    """

    offer_sha256: str
    bounds: Bounds
    accepts_red_attack_light: bool
    expires_at: datetime
    epsilon_cap: float | None = None
    metrics: tuple[MetricName, ...] | None = None


@dataclass(frozen=True, slots=True)
class FirstYes:
    """A steward's wish that waits for a second steward."""

    yes_id: str
    wish: ApprovalWish
    person_id: str
    said_at: datetime


class SecondYesNeeded(NodeError):
    """This hospital approves by two people; one alone says a first yes."""


class FirstYesGone(NodeError):
    """No first yes of this identifier waits: it was confirmed, taken back, said anew, or ended by a stop."""


class SecondYesIsYours(NodeError):
    """Whoever said the first yes is not the second person."""


def waiting_yes(first: FirstYes | None, yes_id: str) -> FirstYes:
    """The first yes of this identifier, which waits. Raises: FirstYesGone."""
    if first is None or first.yes_id != yes_id:
        raise FirstYesGone("no first yes of this identifier waits")
    return first


def check_second(first: FirstYes, person_id: str) -> None:
    """Return when the person may confirm the first yes. Raises: SecondYesIsYours."""
    if first.person_id == person_id:
        raise SecondYesIsYours("the first and the second steward are one person")
