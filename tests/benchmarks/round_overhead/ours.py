"""Our side: the whole coordinator as `coordinator run` starts it, and hospitals whose walls answer without training.

Front, api, SuperLink, SuperExec, jobs and ServerApp are the product's; so are SuperNode, pinned worker, gate and ledger
of each hospital. A round ends when its checkpoint is on the disk and in the books.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import factories
from benchmarks.interleaved import LOOPBACK, check_free, free_ports
from benchmarks.measured import ROOT
from benchmarks.processes import Processes
from benchmarks.round_overhead.hospital import Hospital, approved, new_transport_key
from benchmarks.round_overhead.model import MANIFEST, SITES
from waiting import until

from coordinator.__main__ import Parts, init_home, open_parts
from coordinator.edges.federation.control import Control
from coordinator.flows.approve import receive_approval
from coordinator.flows.join import admit, enrol, invite
from coordinator.flows.partners import add_partner, submit_plan
from coordinator.flows.roster import receive_peer_key, roster_version
from coordinator.flows.start import start_run
from coordinator.ground.config import CoordinatorConfig
from coordinator.ground.ids import new_id
from coordinator.rounds.run import Run
from coordinator.rounds.states import RoundState
from protocols.encoding import decode, encode
from protocols.enrolment import EnrolmentAnswer, EnrolmentRequest, TransportKey
from protocols.flower_fleet import QUIET_ENVIRONMENT
from protocols.inbox import RunState
from protocols.plans import Aggregation, AggregationMode, TrainingPlan
from protocols.roster import PeerKey
from protocols.signing import Identity, Purpose, seal, unseal

PLAIN: Final = Aggregation(mode=AggregationMode.PLAIN)
_PARTNER: Final = "Bench partner"
_SUPERNODE: Final = ROOT / "tests" / "e2e" / "supernode_process.py"
_WALL: Final = Path(__file__).parent / "wall_process.py"


class Ours:
    """One coordinator and its hospitals in `work`; every run takes a plan of its own."""

    def __init__(self, work: Path, aggregation: Aggregation = PLAIN) -> None:
        self._work = work
        self._aggregation = aggregation
        work.mkdir()
        self._processes = Processes(work)
        front, api, superlink, *self._runtime_ports = free_ports(3 + SITES)
        self._ports = (front, api, superlink, *self._runtime_ports)
        self._address = f"{LOOPBACK}:{front}"
        self._config = CoordinatorConfig(
            name="Bench coordinator",
            address=self._address,
            front_port=front,
            api_port=api,
            superlink_port=superlink,
        )
        init_home(work / "coordinator", self._config)
        self._parts: Parts = open_parts(work / "coordinator")
        self._hospitals: list[Hospital] = []
        self._partner = Identity.generate()
        self._partner_id = ""

    def start(self) -> None:
        """The coordinator is starting; hospitals and partner are in its books."""
        check_free(*self._ports)
        home = str(self._parts.home.path)
        self._spawn("coordinator", "-P", "-m", "coordinator", "run", "--home", home)
        self._hospitals = [self._joined(number) for number in range(SITES)]
        if self._aggregation.mode is AggregationMode.SECURE:
            self._hospitals = compared(self._parts, self._hospitals, now=_now())
        key = self._partner.public.raw.hex()
        self._partner_id = add_partner(self._parts.work, self._parts.face, _PARTNER, key, now=_now()).partner_id

    def settle(self) -> None:
        """The coordinator is ready and every SuperNode is online."""
        until(self._all_let_in, seconds=90, what="the SuperLink does not know the hospitals", every_seconds=0.5)
        for hospital in self._hospitals:
            self._start_hospital(hospital)
        until(self._all_online, seconds=90, what="our nodes are not online", every_seconds=0.5)

    def offer(self, rounds: int) -> str:
        """A plan of so many rounds that every hospital has approved; its number."""
        parts = self._parts
        sealed = seal(encode(self._plan(rounds)), self._partner, Purpose.PLAN)
        offer = submit_plan(parts.work, parts.face, sealed, now=_now())
        for hospital in self._hospitals:
            receive_approval(parts.work, parts.face, approved(hospital, offer.sealed_offer), now=_now())
        return offer.plan_id

    def rounds(self, plan_id: str, count: int, *, to_release: bool = True) -> list[float]:
        """Seconds from the end of each round to the end of the next, in the run of this plan of so many rounds.

        Without `to_release` what follows the rounds (two evaluations, the release) is not waited for.
        """
        run_id = start_run(self._parts.work, plan_id, now=_now()).run.run_id
        until(lambda: self._rounds_ended(run_id, count), seconds=300, what="our rounds did not end", every_seconds=0.5)
        if to_release:
            until(lambda: not self._run(run_id).live, seconds=120, what="our run did not end", every_seconds=0.5)
            assert self._run(run_id).state is RunState.FINISHED, f"our run ended: {self._run(run_id).reason}"
        with self._parts.work.reading() as books:
            attempts = books.rounds.of_run(run_id)
        told = [(held.state, held.sites) for held in attempts]
        assert told == [(RoundState.CLOSED, SITES)] * count, told
        ended = [held.closed_at.timestamp() for held in attempts if held.closed_at is not None]
        return [after - before for before, after in pairwise(ended)]

    def cpu_seconds(self) -> float:
        """CPU seconds used so far by every process of this side."""
        return self._processes.cpu_seconds()

    def down(self) -> None:
        """Everything of ours has ended."""
        self._processes.down()

    def _joined(self, number: int) -> Hospital:
        parts, name = self._parts, f"hospital-{number}"
        home, identity = self._work / name, Identity.generate()
        home.mkdir()
        (home / "secret").write_bytes(os.urandom(32))
        token = invite(parts.work, parts.face, name, hours=1, now=_now()).token
        key = TransportKey(serial=1, public_key_pem=new_transport_key(home), made_at=_now())
        request = EnrolmentRequest(
            token=token,
            site_name=name,
            identity_key=identity.public.raw,
            sealed_transport_key=seal(encode(key), identity, Purpose.TRANSPORT_KEY),
            requested_at=_now(),
        )
        answer = enrol(parts.work, parts.face, seal(encode(request), identity, Purpose.ENROLMENT), now=_now())
        trusted = parts.face.identity.public
        told, _ = decode(unseal(answer, trusted, Purpose.ENROLMENT_ANSWER), EnrolmentAnswer)
        admit(parts.work, told.site_id, identity.public.fingerprint, now=_now())
        return Hospital(home, told.site_id, identity, trusted, self._runtime_ports[number])

    def _start_hospital(self, hospital: Hospital) -> None:
        home = hospital.home
        settings = hospital.supernode(self._address, self._parts.home.authority)
        (home / "supernode.json").write_text(json.dumps(asdict(settings), default=str))
        (home / "hospital.json").write_text(hospital.written())
        self._spawn(f"{home.name}-supernode", str(_SUPERNODE), str(home / "supernode.json"))
        self._spawn(f"{home.name}-wall", str(_WALL), str(home))

    def _plan(self, rounds: int) -> TrainingPlan:
        now = _now()
        day = timedelta(days=1)
        return factories.a_plan(
            plan_id=new_id(), partner_id=self._partner_id, partner_name=_PARTNER, model=MANIFEST, rounds=rounds,
            aggregation=self._aggregation, quorum=SITES, cohort=factories.a_cohort(min_cases=10, max_cases=100),
            created_at=now, expires_at=now + day, processing_from=(now - day).date(),
            processing_until=(now + day).date(),
            board_decision=factories.a_plan().board_decision.model_copy(update={"expires_on": (now + day).date()}),
        )  # fmt: skip

    def _run(self, run_id: str) -> Run:
        self._processes.check()
        with self._parts.work.reading() as books:
            run = books.runs.find(run_id)
        assert run is not None
        return run

    def _rounds_ended(self, run_id: str, count: int) -> bool:
        run = self._run(run_id)
        assert run.live or run.rounds_done == count, f"our run ended: {run.reason}"
        return run.rounds_done == count

    def _all_let_in(self) -> bool:
        self._processes.check()
        with self._parts.work.reading() as books:
            return all(site.node_id is not None for site in books.sites.all())

    def _all_online(self) -> bool:
        self._processes.check()
        control = Control(f"{LOOPBACK}:{self._config.superlink_port}", self._parts.home.authority)
        return sum(node.status == "online" for node in control.list_nodes()) >= SITES

    def _spawn(self, name: str, *arguments: str) -> None:
        path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
        environment = {**os.environ, **QUIET_ENVIRONMENT, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}
        self._processes.start(name, (sys.executable, *arguments), environment, cwd=self._work)


@contextlib.contextmanager
def starting_ours(work: Path, aggregation: Aggregation = PLAIN) -> Iterator[Ours]:
    """Our side, starting; down again afterwards."""
    ours = Ours(work, aggregation)
    try:
        ours.start()
        yield ours
    finally:
        ours.down()


def compared(parts: Parts, hospitals: Sequence[Hospital], *, now: datetime) -> list[Hospital]:
    """The hospitals once each compared keys with every other, and the coordinator's roster says so."""
    for one in hospitals:
        for other in hospitals:
            if other is not one:
                key = other.identity.public.raw
                said = PeerKey(signer_site_id=one.site_id, peer_site_id=other.site_id, peer_key=key, signed_at=now)
                receive_peer_key(parts.work, parts.face, seal(encode(said), one.identity, Purpose.PEER_KEY), now=now)
    roster_version(parts.work, parts.face, 1, now=now)
    keys = {one.site_id: one.identity.public for one in hospitals}
    return [replace(one, keys=keys) for one in hospitals]


def _now() -> datetime:
    return datetime.now(UTC)
