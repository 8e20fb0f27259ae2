"""What the jobs process brings into line, again and again: the SuperLink's members and runs follow the books.

A step cut off anywhere is done again by the next pass: a run whose ServerApp died is taken up anew, a bounded number of
times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from coordinator.flows.books import UnitOfWork
from coordinator.ground.audit import COORDINATOR, AuditEvent
from coordinator.ground.clock import Clock
from coordinator.ground.errors import CoordinatorError
from coordinator.membership.site import Site
from coordinator.rounds.run import MAX_STARTS, Run, ended, taken_up
from coordinator.rounds.states import EndReason
from protocols.enrolment import EnrolmentState
from protocols.inbox import RunState


class EngineDown(CoordinatorError):
    """The federation engine cannot be reached or refuses; the next pass tries again."""


class Engine(Protocol):
    """The federation engine. Every method raises EngineDown."""

    def register(self, transport_pem: str, name: str) -> int:
        """The number under which this transport key may connect."""
        ...

    def unregister(self, node_id: int) -> None:
        """The key opens nothing any more."""
        ...

    def start(self, plan_id: str, start: int) -> int:
        """The engine's number of a new ServerApp for the live run of this plan."""
        ...

    def has_ended(self, engine_run: int) -> bool:
        """Whether that ServerApp is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Reconciler:
    """The ports of one pass."""

    work: UnitOfWork
    engine: Engine
    clock: Clock


def reconcile(reconciler: Reconciler) -> int:
    """How many members and runs of the engine could not be brought to what the books say; the rest are."""
    with reconciler.work.reading() as books:
        sites, runs = books.sites.all(), [run for run in books.runs.all() if run.live]
    steps = [partial(_follow_site, reconciler, site) for site in sites]
    steps += [partial(_follow_run, reconciler, run) for run in runs]
    return sum(_failed(step) for step in steps)


def _failed(step: Callable[[], None]) -> bool:
    try:
        step()
    except EngineDown:
        return True
    return False


def _follow_site(reconciler: Reconciler, site: Site) -> None:
    if site.state is EnrolmentState.ADMITTED and site.node_id is None:
        _save_node(reconciler, site, reconciler.engine.register(site.transport_pem, site.site_id), "site.let-in")
    elif site.state is EnrolmentState.REMOVED and site.node_id is not None:
        reconciler.engine.unregister(site.node_id)
        _save_node(reconciler, site, None, "site.shut-out")


def _save_node(reconciler: Reconciler, site: Site, node_id: int | None, action: str) -> None:
    now = reconciler.clock.now()
    with reconciler.work.writing() as books:
        latest = next(held for held in books.sites.all() if held.site_id == site.site_id)
        event = AuditEvent(now, COORDINATOR, action, f"site:{site.site_id}")
        books.sites.save(replace(latest, node_id=node_id), event)


def _follow_run(reconciler: Reconciler, run: Run) -> None:
    if run.state is RunState.RUNNING and run.engine_run is not None and not reconciler.engine.has_ended(run.engine_run):
        return
    taken = _take_up(reconciler, run)
    if taken is None:
        return
    engine_run = reconciler.engine.start(taken.plan_id, taken.start)
    now = reconciler.clock.now()
    with reconciler.work.writing() as books:
        latest = books.runs.find(run.run_id)
        if latest is not None and latest.start == taken.start:
            event = AuditEvent(now, COORDINATOR, "run.started", f"run:{run.run_id}")
            books.runs.save(replace(latest, engine_run=engine_run), event)


def _take_up(reconciler: Reconciler, run: Run) -> Run | None:
    """The run under its next start; none when it ended meanwhile, or now, having been started too often."""
    now = reconciler.clock.now()
    with reconciler.work.writing() as books:
        latest = books.runs.find(run.run_id)
        if latest is None or not latest.live or latest.start != run.start:
            return None
        subject = f"run:{run.run_id}"
        if latest.start >= MAX_STARTS:
            reason = EndReason.ENGINE_FAILED
            event = AuditEvent(now, COORDINATOR, "run.ended", subject, reason.value)
            books.runs.save(ended(latest, reason, now=now), event)
            return None
        taken = taken_up(latest)
        books.runs.save(taken, AuditEvent(now, COORDINATOR, "run.taken-up", subject))
    return taken
