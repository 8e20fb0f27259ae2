"""A run of a plan is opened: enough hospitals approved it, and no other run of it is live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coordinator.flows.books import Books, UnitOfWork
from coordinator.ground.audit import OPERATOR, AuditEvent
from coordinator.ground.ids import new_id
from coordinator.ground.told import Told
from coordinator.offers.offer import Offer
from coordinator.offers.plan import PlanUnknown
from coordinator.rounds.participants import Participant, participants
from coordinator.rounds.run import Run, opened
from protocols.inbox import RunState


class StartRefused(Told):
    """The plan cannot be run now."""


class StartTooLate(StartRefused):
    """The plan has expired."""

    text_key = "refusals.start-expired"


class StartRepeated(StartRefused):
    """The plan's model is released already."""

    text_key = "refusals.start-released"


class StartTooEarly(StartRefused):
    """Fewer sites than the quorum have approved the plan and are admitted."""

    text_key = "refusals.start-quorum"


@dataclass(frozen=True, slots=True)
class Started:
    """The live run of a plan; `new` is false when it was already live."""

    run: Run
    new: bool


def start_run(work: UnitOfWork, plan_id: str, *, now: datetime) -> Started:
    """The one live run of the plan, opened if there was none.

    Raises:
        PlanUnknown: no such plan.
        StartRefused: expired, already released, or approved by fewer sites than its quorum.
    """
    with work.writing() as books:
        offer = books.plans.find(plan_id)
        if offer is None:
            raise PlanUnknown(plan_id=plan_id)
        earlier = [run for run in books.runs.all() if run.plan_id == plan_id]
        live = next((run for run in earlier if run.live), None)
        if live is not None:
            return Started(live, new=False)
        _check_startable(books, offer, earlier, now)
        run = opened(new_id(), plan_id, now=now)
        books.runs.add(run, AuditEvent(now, OPERATOR, "run.opened", f"run:{run.run_id}"))
    return Started(run, new=True)


def live_run(work: UnitOfWork, plan_id: str) -> Run | None:
    """The live run of a plan, or none."""
    with work.reading() as books:
        return next((run for run in books.runs.all() if run.plan_id == plan_id and run.live), None)


def ready_sites(books: Books, offer: Offer, *, now: datetime) -> tuple[Participant, ...]:
    """The sites that would take part in a first round now."""
    approvals = books.approvals.of_plan(offer.plan_id)
    return participants(books.sites.all(), approvals, round_number=1, attempt=1, now=now)


def _check_startable(books: Books, offer: Offer, earlier: list[Run], now: datetime) -> None:
    if now >= offer.expires_at:
        raise StartTooLate
    if any(run.state is RunState.FINISHED for run in earlier):
        raise StartRepeated
    ready, quorum = len(ready_sites(books, offer, now=now)), offer.plan.quorum
    if ready < quorum:
        raise StartTooEarly(ready=ready, quorum=quorum)
