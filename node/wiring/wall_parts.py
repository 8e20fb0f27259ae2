"""What the wall process is made of: its stores, the fit children, the answering of instructions, the desk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from node.edges.federation.loops import Nudge
from node.edges.fit.process import FitLimits, FitModel, FitProcess
from node.flows.answer import Answering, AnswerRules
from node.flows.answer_stores import AnswerStores
from node.flows.approve import Stewardship
from node.flows.benefit import VerdictParts
from node.flows.cohort import CohortSources, Exports
from node.flows.films import FrameFilms
from node.flows.fit_rooms import FitRooms
from node.flows.inbox import Mail, mail_round
from node.flows.patients import PatientBudget
from node.flows.round_work import RoundWork, child_maker_arguments
from node.flows.secure_steps import SecureParts
from node.flows.send import OwnSite
from node.flows.stop import StopParts
from node.flows.wall_desk import DeskMember, DeskSight, InnerDesk
from node.ground.keyring import KeyPurpose
from node.ground.membership import Membership
from node.release.patients import is_private
from node.release.secure.turns import Turns
from node.storage.engine import Database
from node.storage.kept_back import StoredKeptBack
from node.storage.round_store import RoundStore
from node.storage.secure_rounds import StoredSecureRounds
from node.storage.wall_budget import WallBudget
from node.storage.wall_contact import WallContact
from node.storage.wall_figures import WallFigures
from node.storage.wall_ledger import WallLedger, WallOutbox
from node.storage.wall_models import WallModels
from node.storage.wall_patients import WallPatients
from node.storage.wall_peers import WallPeers
from node.storage.wall_plans import WallPlans
from node.storage.wall_roots import WallRoots
from node.storage.wall_send import WallUnit
from node.storage.wall_sent import WallSent
from node.storage.wall_taking_part import WallTakingPart
from node.storage.wall_verdicts import WallCohorts, WallVerdicts
from node.storage.ward_cohort import WardCohort
from node.storage.ward_exclusions import WardExclusions
from node.training.ports import FitChild
from node.wiring.clean_frames import CleanFrames
from node.wiring.place import Place
from node.wiring.wall_sites import own_site, peers_of
from protocols.plans import TrainingPlan

_EXCLUSION_SECONDS = 60.0
"""A round looks for itself before it trains; this is for the exports of plans that no round asks for."""


@dataclass(frozen=True, slots=True)
class WallStores:
    """Everything the wall keeps for a node that joined."""

    plans: WallPlans
    unit: WallUnit
    outbox: WallOutbox
    sent: WallSent
    contact: WallContact
    ledger: WallLedger
    cohorts: WallCohorts
    verdicts: WallVerdicts
    models: WallModels
    budget: WallBudget
    patients: WallPatients
    vectors: RoundStore
    figures: WallFigures
    roots: WallRoots
    peers: WallPeers
    secure: StoredSecureRounds
    kept_back: StoredKeptBack
    parts: WallTakingPart


def wall_stores(place: Place, membership: Membership) -> WallStores:
    """The wall's stores, opened."""
    wall, round_engine = place.engine(Database.WALL), place.engine(Database.ROUND)
    round_key = place.keyring.derive(KeyPurpose.ROUND_STATE)
    return WallStores(
        plans=WallPlans(wall, membership.coordinator),
        unit=WallUnit(wall),
        outbox=WallOutbox(wall),
        sent=WallSent(wall),
        contact=WallContact(wall),
        ledger=WallLedger(wall),
        cohorts=WallCohorts(wall),
        verdicts=WallVerdicts(wall),
        models=WallModels(place.home.models),
        budget=WallBudget(wall),
        patients=WallPatients(wall),
        figures=WallFigures(wall),
        roots=WallRoots(wall),
        vectors=RoundStore(round_engine, round_key, place.clock),
        peers=WallPeers(wall, membership.coordinator),
        secure=StoredSecureRounds(round_engine, round_key, place.clock),
        kept_back=StoredKeptBack(round_engine, round_key, place.clock),
        parts=WallTakingPart(wall),
    )


@dataclass(slots=True)
class Work:
    """What trains and measures: exports of cohorts, and the fit children over them."""

    place: Place
    stores: WallStores
    exports: Exports
    rooms: FitRooms
    cases: WardCohort

    @property
    def patients(self) -> PatientBudget:
        """The hospital's rule about its patients' privacy."""
        return PatientBudget(
            self.stores.patients, self.exports.training_patients, self.place.config.wall.patient_epsilon
        )

    def alone(self, plan: TrainingPlan, export: Path) -> FitChild:
        """A fit child for a verdict, once the plan's own child has ended."""
        self.rooms.end(plan.plan_id)
        return fit_child(self.place, plan, export)

    def go_round(self, mail: Mail, *, base_seconds: float) -> float:
        """The mail went round and no idle fit child is left of a run that is over; the seconds until the next time."""
        pause = mail_round(mail, base_seconds=base_seconds)
        self.rooms.hear(self.stores.contact.runs())
        return pause

    def obey(self) -> float:
        """No export holds a case of an excluded patient; the seconds until the next look."""
        self.exports.obey()
        return _EXCLUSION_SECONDS

    def answering(self, site: OwnSite, rules: AnswerRules) -> Answering:
        """What answers instructions."""
        stores = self.stores
        turns = Turns(site.site_id, stores.kept_back, stores.vectors, stores.secure)
        kept = AnswerStores(
            plans=stores.plans,
            budget=stores.budget,
            patients=self.patients,
            answers=stores.unit,
            unit=stores.unit,
            vectors=stores.vectors,
            figures=stores.figures,
            models=stores.models,
            verdicts=stores.verdicts,
            secure=SecureParts(stores.secure, peers_of(self.place, site, stores.peers), os.urandom, turns),
        )
        return Answering(site, kept, RoundWork(self.exports, self.rooms), rules=rules, clock=self.place.clock)

    def reaching(self) -> VerdictParts:
        """What reaches benefit verdicts."""
        stores = self.stores
        return VerdictParts(
            stores.verdicts, stores.plans, stores.models, self.exports, self.cases, self.alone, self.place.clock
        )


def open_work(place: Place, stores: WallStores, frames: CleanFrames) -> Work:
    """The work of one node, nothing started yet."""
    cases = WardCohort(place.engine(Database.WARD))
    split_key = place.keyring.derive(KeyPurpose.COHORT_SPLIT)
    sources = CohortSources(
        cases=cases,
        excluded=WardExclusions(place.engine(Database.WARD)),
        films=FrameFilms(frames),
        book=stores.cohorts,
        patients=stores.patients,
        parts=stores.parts,
        split_key=split_key,
        exports=place.home.exports,
        clock=place.clock,
    )
    rooms = FitRooms(lambda plan, export: fit_child(place, plan, export))
    return Work(place, stores, Exports(sources), rooms, cases)


def member_desk(place: Place, membership: Membership, work: Work, mail: Nudge) -> InnerDesk:
    """The desk of a node that joined."""

    stores = work.stores

    def withdrawn(plan_id: str) -> None:
        work.rooms.end(plan_id)
        mail.now()

    site = own_site(place, membership)
    rules = place.config.wall
    peers = peers_of(place, site, stores.peers)
    decides = site, stores.plans, stores.unit, place.clock, rules.min_survivors, work.patients
    stewardship = Stewardship(*decides, peers=peers, two_people=rules.two_people)
    member = DeskMember(
        membership,
        stewardship,
        StopParts(site, stores.plans, stores.unit),
        work.exports.permits,
        approved=lambda _plan_id: mail.now(),
        withdrawn=withdrawn,
        peers=peers,
    )
    seen = stores.ledger, stores.contact, stores.outbox, stores.verdicts, stores.cohorts, stores.roots
    sight = DeskSight(*seen, stores.parts)
    return InnerDesk(site.identity.public.fingerprint, sight, member)


def stranger_desk(place: Place) -> InnerDesk:
    """The desk of a node that has not joined: it shows what there is to see, and signs nothing."""
    wall = place.engine(Database.WALL)
    seen = WallLedger(wall), WallContact(wall), WallOutbox(wall), WallVerdicts(wall), WallCohorts(wall)
    sight = DeskSight(*seen, WallRoots(wall), WallTakingPart(wall))
    return InnerDesk(place.keyring.identity().public.fingerprint, sight, None)


def fit_child(place: Place, plan: TrainingPlan, export: Path) -> FitProcess:
    """A fit child over one export, with the plan's deadline."""
    architecture, numbers = child_maker_arguments(plan)
    limits = FitLimits(
        threads=place.config.wall.fit_threads,
        deadline_seconds=float(plan.round_deadline_seconds),
        own_deadline_seconds=float(plan.round_deadline_seconds * plan.rounds),
    )
    return FitProcess(export, FitModel(architecture, numbers, is_private(plan)), limits)
