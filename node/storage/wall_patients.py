"""Patients of private plans and what they spent, in `wall.db`; a charge is durable before any training.

The accountant's work, seconds of it for many histories, is done before anything is locked, on what is read; under the
lock the same is asked of what holds then. Where nobody charged in between, the accountant remembers its answers
(`node.training.accounting`); where somebody did, it works them out anew, and nothing is spent twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Engine, and_, insert, select

from node.flows.patients import Spending
from node.ground.audit import AuditEvent
from node.release.asked import Asked
from node.release.patients import Charge, History, charged, check_members, delta_of, spend_of
from node.release.refusals import CohortTooSmall
from node.storage.audit import record
from node.storage.engine import reading, writing
from node.storage.wall_tables import audit, private_charge, private_cohort, private_patient
from node.training.accounting import Spend
from protocols.plans import TrainingPlan


class WallPatients:
    """Implements `PatientBook`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def frozen(self, plan_id: str) -> frozenset[int] | None:
        """The patients of a private plan; nothing before its first approval."""
        with reading(self._engine) as connection:
            return _frozen(connection, plan_id)

    def spending(self, plan_id: str, patients: frozenset[int]) -> Spending:
        """What these patients spent, by every plan, and how often this plan trained."""
        with reading(self._engine) as connection:
            spends = _spends(connection)
            return Spending(_histories(connection, patients, spends), len(spends[plan_id]))

    def charge(self, plan: TrainingPlan, asked: Asked, event: AuditEvent, *, key: bytes, cap: float) -> Charge:
        """The charge of one training, durably, or the one it has already.

        Raises:
            CohortTooSmall: the plan has no patients here.
            BudgetExhausted: the plan or one of its patients would exceed.
        """
        with reading(self._engine) as connection:
            _weighed(connection, plan, asked, key=key, cap=cap)
        with writing(self._engine) as connection:
            held = select(private_cohort.c.plan_id).where(private_cohort.c.plan_id == plan.plan_id)
            connection.execute(held.with_for_update()).all()
            given, spend = _weighed(connection, plan, asked, key=key, cap=cap)
            if spend is not None:
                _insert(connection, asked, spend, event)
            return given


def _weighed(
    connection: Connection, plan: TrainingPlan, asked: Asked, *, key: bytes, cap: float
) -> tuple[Charge, Spend | None]:
    """The charge of one training, and what it spends; nothing where it was charged before."""
    count = connection.scalar(select(private_cohort.c.patients).where(private_cohort.c.plan_id == plan.plan_id))
    if count is None:
        raise CohortTooSmall("no patients were frozen for this plan")
    spends = _spends(connection, but=asked)
    given = charged(plan, asked, patients=count, earlier=spends[plan.plan_id], key=key)
    if _has(connection, asked):
        return given, None
    members = _frozen(connection, plan.plan_id) or frozenset()
    spend = spend_of(plan, count)
    check_members(_histories(connection, members, spends), spend, delta=delta_of(plan.privacy), cap=cap)
    return given, spend


def freeze_patients(connection: Connection, plan: TrainingPlan, patients: frozenset[int], at: datetime) -> None:
    """The patients of a private plan are these; those frozen before stay."""
    if _frozen(connection, plan.plan_id) is not None:
        return
    connection.execute(
        insert(private_cohort).values(
            plan_id=plan.plan_id, patients=len(patients), delta=delta_of(plan.privacy), frozen_at=at
        )
    )
    rows = [{"plan_id": plan.plan_id, "patient_number": number} for number in sorted(patients)]
    if rows:
        connection.execute(insert(private_patient), rows)


def _frozen(connection: Connection, plan_id: str) -> frozenset[int] | None:
    known = connection.scalar(select(private_cohort.c.plan_id).where(private_cohort.c.plan_id == plan_id))
    if known is None:
        return None
    found = select(private_patient.c.patient_number).where(private_patient.c.plan_id == plan_id)
    return frozenset(connection.scalars(found))


def _spends(connection: Connection, *, but: Asked | None = None) -> defaultdict[str, list[Spend]]:
    """What every plan spent, one entry a training; that of one exchange left out."""
    found = select(private_charge)
    if but is not None:
        found = found.where(~_of(but))
    spends: defaultdict[str, list[Spend]] = defaultdict(list)
    for row in connection.execute(found):
        spends[row.plan_id].append(Spend(row.noise_multiplier, row.sampling_rate, row.steps))
    return spends


def _histories(
    connection: Connection, patients: frozenset[int], spends: defaultdict[str, list[Spend]]
) -> frozenset[History]:
    """One history for all of these patients who were in the same plans."""
    plans_of: defaultdict[int, set[str]] = defaultdict(set)
    for row in connection.execute(select(private_patient)):
        if row.patient_number in patients and spends[row.plan_id]:
            plans_of[row.patient_number].add(row.plan_id)
    deltas = {row.plan_id: row.delta for row in connection.execute(select(private_cohort))}
    shared = {frozenset(plans_of[number]) for number in patients}
    return frozenset(_history(plans, spends, deltas) for plans in shared)


def _history(plans: Iterable[str], spends: defaultdict[str, list[Spend]], deltas: dict[str, float]) -> History:
    held = sorted(plans)
    together = tuple(spend for plan_id in held for spend in spends[plan_id])
    return History(together, min((deltas[plan_id] for plan_id in held), default=1.0))


def _has(connection: Connection, asked: Asked) -> bool:
    return connection.scalar(select(private_charge.c.round).where(_of(asked))) is not None


def _of(asked: Asked) -> ColumnElement[bool]:
    return and_(
        private_charge.c.plan_id == asked.plan_id,
        private_charge.c.run_id == asked.run_id,
        private_charge.c.round == asked.round,
        private_charge.c.attempt == asked.attempt,
    )


def _insert(connection: Connection, asked: Asked, spend: Spend, event: AuditEvent) -> None:
    connection.execute(
        insert(private_charge).values(
            plan_id=asked.plan_id,
            run_id=asked.run_id,
            round=asked.round,
            attempt=asked.attempt,
            noise_multiplier=spend.noise_multiplier,
            sampling_rate=spend.sampling_rate,
            steps=spend.steps,
            charged_at=event.at,
        )
    )
    record(connection, audit, event)
