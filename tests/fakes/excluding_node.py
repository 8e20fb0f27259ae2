"""A node with real stores in which a test excludes patients: receiving, cleaning and every chore of exclusions."""

from datetime import timedelta
from pathlib import Path

from fakes.instances import StoppedClock
from fakes.sandbox import OpenSandbox
from sqlalchemy import select

from node.edges.jobs.loop import JobLoop
from node.flows.act import Act
from node.flows.clean import Cleaning
from node.flows.exclude import Lifted, exclude, lift
from node.flows.receive import Receiving
from node.ground.audit import Actor, ActorKind
from node.ground.config import new_config
from node.intake.exclusion import ExclusionKind, LiftReason
from node.intake.received import Instance, Outcome
from node.storage.engine import Database, reading
from node.storage.intake_overview import IntakeOverview
from node.storage.intake_parts import clean_parts, receive_parts
from node.storage.job_queue import JobQueueStore
from node.storage.ward_cases import WardAdmission
from node.storage.ward_tables import case
from node.wiring.beginning import make_home
from node.wiring.exclusions import exclude_parts, exclusion_chores, replay_exclusions
from node.wiring.images import intake_ground
from node.wiring.place import Place, open_place

PEER = Actor(ActorKind.PEER, "CT3")
STEWARD = Actor(ActorKind.PERSON, "steward")
OPT_OUT, HOLD = ExclusionKind.OPT_OUT, ExclusionKind.LEGAL_HOLD


class Node:
    """One node's intake and ward in a home directory, reopened as often as a test likes."""

    def __init__(self, home: Path) -> None:
        self.home, self.clock = home, StoppedClock()
        self.place: Place = make_home(home, new_config({"name": "Example hospital"}))
        self.place.clock = self.clock

    def reopen(self) -> None:
        """As after a stop and a start."""
        for database in (Database.INTAKE, Database.WARD):
            self.place.engine(database).dispose()
        self.place = open_place(self.home)
        self.place.clock = self.clock
        replay_exclusions(self.place)

    def receive(self, *instances: Instance) -> list[Outcome]:
        receiving = Receiving(receive_parts(intake_ground(self.place), self.place.config.dicom))
        return [receiving.receive(one, PEER) for one in instances]

    def work(self) -> None:
        """Cleaning and every chore of exclusions, until nothing is due."""
        ground = intake_ground(self.place)
        cleaning = Cleaning(
            clean_parts(ground, OpenSandbox(), WardAdmission(self.place.engine(Database.WARD))), threads=1
        )
        JobLoop(JobQueueStore(ground.engine), {"clean": cleaning}, [], self.clock).run_until_idle()
        cleaning.close()
        for chore in exclusion_chores(self.place):
            chore.run()

    def act(self) -> Act:
        self.clock.move(timedelta(minutes=1))
        return Act(STEWARD, self.clock.now())

    def exclude(self, *numbers: str, kind: ExclusionKind = OPT_OUT) -> tuple[int, int]:
        taken = exclude(exclude_parts(self.place), numbers, kind, self.act())
        return taken.changed, taken.unchanged

    def lift(self, *numbers: str, kind: ExclusionKind = OPT_OUT) -> Lifted:
        return lift(exclude_parts(self.place), numbers, kind, LiftReason.ENTERED_BY_MISTAKE, self.act())

    def standing(self) -> dict[str, int]:
        """How many clean files, cases that may be read, and images by state there are."""
        counts = IntakeOverview(self.place.engine(Database.INTAKE)).counts()
        with reading(self.place.engine(Database.WARD)) as connection:
            hidden = exclude_parts(self.place).ward.excluded_cases()  # type: ignore[attr-defined]  # the real ward
            cases = list(connection.scalars(select(case.c.case_id)))
        files = [path for path in (self.home / "clean").rglob("*") if path.is_file()]
        seen = len([name for name in cases if name not in hidden])
        return {"files": len(files), "cases": seen, "clean": counts.clean, "held": counts.quarantined}
