"""The budget of an approval: what is reserved before training, so that a crash can lose an answer but never a bound.

A reservation is one (plan, run, exchange, round, attempt). It is written durably before any work and never given back:
work that failed may have been observed. Every exchange of a plan counts its own rounds, over all runs and over earlier
approvals of the same plan.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.release.asked import Asked
from node.release.patients import Charge
from node.release.refusals import AttemptOutdated, BudgetExhausted, ModelRefused
from protocols.approvals import Bounds
from protocols.plans import Privacy


@dataclass(frozen=True, slots=True)
class Reservation:
    """Room in the budget, taken for one exchange, and the privacy that was promised for it."""

    asked: Asked
    approval_id: str
    privacy: Privacy
    charge: Charge | None = None
    """What training may spend of the patients; there is none without a mechanism, and none before training."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a plan's reservations hold already, seen from one exchange of one round."""

    other_rounds: int
    """Distinct (run, round) of this exchange, the asked one left out."""
    latest_attempt: int
    """The highest attempt reserved for this very round; 0 when there is none."""
    round_model_sha256: str | None
    """The model every earlier attempt of this round was given."""


def check_room(asked: Asked, spent: Spent, bounds: Bounds) -> None:
    """Return when the budget has room for the exchange, or holds its reservation already.

    Raises:
        AttemptOutdated: a later attempt was reserved.
        ModelRefused: the round was already asked for with another model.
        BudgetExhausted: all approved rounds are taken.
    """
    if asked.attempt < spent.latest_attempt:
        raise AttemptOutdated(f"round {asked.round}: attempt {spent.latest_attempt} was asked for already")
    if spent.round_model_sha256 not in {None, asked.model_sha256}:
        raise ModelRefused(f"round {asked.round} was asked for with another model before")
    if spent.latest_attempt == 0 and spent.other_rounds >= bounds.max_rounds:
        raise BudgetExhausted(f"all {bounds.max_rounds} approved rounds are reserved")
