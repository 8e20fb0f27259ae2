"""A wall to test with: real stores, real gate, real flows; the fit child, the cases and the coordinator are played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from factories import SITE, an_approval
from fakes.wall_cast import (
    COORDINATOR_IDENTITY,
    HOSPITAL,
    PERSON,
    PlayedCases,
    PlayedFilms,
    PlayedFit,
    SetClock,
    a_sealed_offer,
    opened,
)
from sqlalchemy import Engine

from node.flows.act import act_of
from node.flows.answer import Answering, AnswerRules
from node.flows.answer_stores import AnswerStores, RoundVectors
from node.flows.approve import Stewardship, approve
from node.flows.cohort import CohortSources, Exports
from node.flows.fit_rooms import FitRooms
from node.flows.inbox import COORDINATOR
from node.flows.patients import PatientBudget
from node.flows.round_work import RoundWork
from node.flows.secure_steps import SecureParts
from node.flows.send import OwnSite, SendUnit
from node.flows.stop import StopParts, lift_stop, stop_plan
from node.ground.audit import AuditEvent
from node.release.bounds import Offer
from node.release.stops import Office, Stop, StopLiftReason
from node.release.wish import ApprovalWish
from node.storage.engine import Database, open_engine
from node.storage.migrate import upgrade
from node.storage.round_store import RoundStore
from node.storage.wall_budget import WallBudget
from node.storage.wall_contact import WallContact
from node.storage.wall_figures import WallFigures
from node.storage.wall_ledger import WallLedger, WallOutbox
from node.storage.wall_models import WallModels
from node.storage.wall_patients import WallPatients
from node.storage.wall_plans import WallPlans
from node.storage.wall_send import WallUnit
from node.storage.wall_taking_part import WallTakingPart
from node.storage.wall_verdicts import WallCohorts, WallVerdicts
from protocols.approvals import Approval, Bounds
from protocols.plans import TrainingPlan


@dataclass
class Wall:
    """The wall of one hospital, with the parts a test looks at or changes."""

    engine: Engine
    round_engine: Engine
    clock: SetClock
    fit: PlayedFit
    cases: PlayedCases
    plans: WallPlans
    ledger: WallLedger
    outbox: WallOutbox
    contact: WallContact
    verdicts: WallVerdicts
    models: WallModels
    exports: Exports
    rooms: FitRooms
    site: OwnSite
    stewardship: Stewardship
    stops: StopParts
    answering: Answering
    stores: AnswerStores

    def offer(self, plan: TrainingPlan | None = None, **changes: Any) -> Offer:
        """The wall holds the offer."""
        sealed = a_sealed_offer(plan, **changes)
        offered = opened(sealed)
        self.plans.keep(
            offered, sealed, AuditEvent(self.clock.now(), COORDINATOR, "plan.offered", f"plan:{offered.plan.plan_id}")
        )
        return offered

    def approve(self, offered: Offer, *, days: int = 30, **bounds: int) -> Approval:
        """The steward approved the offer, by default as far as its plan goes."""
        plan = offered.plan
        widest = {"max_rounds": plan.rounds, "max_attempts_per_round": 3, "max_cases": plan.cohort.max_cases}
        wish = ApprovalWish(
            offered.sha256, Bounds(**{**widest, **bounds}), True, self.clock.now() + timedelta(days=days)
        )
        return approve(self.stewardship, wish, PERSON)

    def stop(self, offered: Offer, office: Office = Office.STEWARD) -> Stop:
        """An office stopped the plan, by default the steward's."""
        return stop_plan(self.stops, offered.sha256, office, act_of(PERSON, self.clock.now()))

    def lift(self, offered: Offer, office: Office = Office.STEWARD) -> Stop:
        """The office lifted its stop."""
        reason = StopLiftReason.ANSWERED
        return lift_stop(self.stops, offered.sha256, office, reason, act_of(PERSON, self.clock.now()))


_SITE = OwnSite(SITE, HOSPITAL, COORDINATOR_IDENTITY.public)


@cache
def _template(database: Database) -> bytes:
    with TemporaryDirectory() as folder:
        engine = open_engine(database, Path(folder))
        upgrade(database, engine)
        engine.dispose()
        return (Path(folder) / f"{database.value}.db").read_bytes()


def migrated(database: Database, home: Path) -> Engine:
    """The database of a home, migrated; migrations run once and their file is copied."""
    path = home / f"{database.value}.db"
    if not path.exists():
        path.write_bytes(_template(database))
    return open_engine(database, home)


def a_wall(
    home: Path,
    *,
    unit: Callable[[Engine], SendUnit] = WallUnit,
    min_survivors: int = 3,
    clock: SetClock | None = None,
    fit: PlayedFit | None = None,
    stopping: Callable[[], bool] = lambda: False,
    patient_epsilon: float = 10.0,
    site: OwnSite = _SITE,
    secure: Callable[[Engine], SecureParts] | None = None,
    vectors_of: Callable[[RoundVectors], RoundVectors] = lambda held: held,  # other ones where a wall was tampered with
) -> Wall:
    """A wall on SQLite in this directory; made again on the same directory, it is the same hospital after a restart."""
    clock, fit, cases = clock or SetClock(), fit or PlayedFit(), PlayedCases()
    engine, round_engine = (migrated(database, home) for database in (Database.WALL, Database.ROUND))
    exports = _exports(engine, cases, home / "export", clock)
    patients = PatientBudget(WallPatients(engine), exports.training_patients, patient_epsilon)
    work = RoundWork(exports, FitRooms(lambda _plan, _export: fit))
    models, vectors = _models(home / "models"), vectors_of(RoundStore(round_engine, bytes(32), clock))
    stores = replace(_stores(engine, models, vectors, unit(engine), patients), secure=secure and secure(round_engine))
    return Wall(
        engine=engine,
        round_engine=round_engine,
        clock=clock,
        fit=fit,
        cases=cases,
        plans=WallPlans(engine, site.coordinator),
        ledger=WallLedger(engine),
        outbox=WallOutbox(engine),
        contact=WallContact(engine),
        verdicts=WallVerdicts(engine),
        models=models,
        exports=exports,
        rooms=work.rooms,
        site=site,
        stewardship=Stewardship(site, stores.plans, WallUnit(engine), clock, min_survivors, patients),
        stops=StopParts(site, stores.plans, WallUnit(engine)),
        answering=Answering(site, stores, work, rules=AnswerRules(min_survivors, stopping), clock=clock),
        stores=stores,
    )


def _models(folder: Path) -> WallModels:
    folder.mkdir(exist_ok=True)
    return WallModels(folder)


def _exports(engine: Engine, cases: PlayedCases, folder: Path, clock: SetClock) -> Exports:
    films, book, patients = PlayedFilms(), WallCohorts(engine), WallPatients(engine)
    parts = WallTakingPart(engine)
    return Exports(CohortSources(cases, cases, films, book, patients, parts, bytes(32), folder, clock))


def _stores(
    engine: Engine, models: WallModels, vectors: RoundVectors, unit: SendUnit, patients: PatientBudget
) -> AnswerStores:
    return AnswerStores(
        plans=WallPlans(engine, COORDINATOR_IDENTITY.public),
        budget=WallBudget(engine),
        patients=patients,
        answers=WallUnit(engine),
        unit=unit,
        vectors=vectors,
        figures=WallFigures(engine),
        models=models,
        verdicts=WallVerdicts(engine),
    )


def decided(wall: Wall, offered: Offer) -> None:
    """An approval written past every check of the plan, to see that an instruction checks it again."""
    approval = an_approval(
        plan_id=offered.plan.plan_id,
        offer_sha256=offered.sha256,
        approved_at=wall.clock.now(),
        expires_at=wall.clock.now() + timedelta(days=30),
    )
    with WallUnit(wall.engine).deciding() as door:
        door.hold(
            approval, AuditEvent(wall.clock.now(), COORDINATOR, "plan.approved", f"approval:{approval.approval_id}")
        )
