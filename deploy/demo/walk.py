"""The main job, walked once: every arrow of the street by its public door, in order."""

from __future__ import annotations

import itertools
import os
import shutil
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from deploy.demo.canary import Canary, holds_a_canary
from deploy.demo.control import VARIANTS, send_leaks, variants_found
from deploy.demo.films import Film, Site, answers
from deploy.demo.headquarters import Headquarters
from deploy.demo.hospital import Hospital
from deploy.demo.plan import Schedule
from deploy.demo.plan_walk import MIN_QUORUM, PlanFound, PlanWalk, Scene
from deploy.demo.processes import Processes, wait_until
from deploy.demo.readers import ERROR_RATE
from deploy.demo.recorder import Recorder
from deploy.demo.report import Report, SeedReport, SiteReport, auc_of
from deploy.demo.sender import Destination, send
from deploy.demo.steps import Progress

_CONTROL = "control"


@dataclass(slots=True)
class Walk:
    """Everything one walk holds on to."""

    images: Path
    sites: tuple[Site, ...]
    work: Path
    schedule: Schedule
    seeds: tuple[int, ...]
    processes: Processes
    progress: Progress
    report: Report
    headquarters: Headquarters
    hospitals: tuple[Hospital, ...]
    recorder_ports: dict[str, int]
    recorder: Recorder | None = None

    @property
    def labelled(self) -> tuple[Hospital, ...]:
        """Hospitals whose films have labels, so that readers have opinions."""
        return tuple(hospital for hospital in self.hospitals if hospital.site.films)

    @property
    def captured(self) -> Path:
        """Where the recorder writes."""
        return self.work / "capture"

    def run(self) -> None:
        """The report holds every result of the walk."""
        self._start_coordinator()
        self._start_nodes()
        self._send_images()
        self._read()
        if len(self.labelled) < MIN_QUORUM:
            self.progress.say("training needs labels.csv beside the site-* folders: the walk ends at the worklist")
        else:
            self._walk_plans()
        self._look_at_what_left()

    def _start_coordinator(self) -> None:
        with self.progress.step("coordinator"):
            self.headquarters.install()
            self.headquarters.start(self.processes)
            certificate = self.headquarters.certificate_for_recorder(self.work / "recorder")
            authority = self.headquarters.authority
            shutil.rmtree(self.captured, ignore_errors=True)
            self.recorder = Recorder(self.captured, self.headquarters.front_port, authority, certificate)
            self.recorder.start(self.recorder_ports)
            send_leaks(self.recorder_ports[_CONTROL], authority)

    def _start_nodes(self) -> None:
        with self.progress.step("hospital nodes"):
            with ThreadPoolExecutor(2) as pool:
                fingerprints = list(pool.map(Hospital.install, self.hospitals))
                list(pool.map(self._enrol, self.hospitals, fingerprints))
            for hospital in self.hospitals:
                hospital.start(self.processes)
            for hospital in self.hospitals:
                hospital.wait_healthy(self.processes)

    def _enrol(self, hospital: Hospital, fingerprint: str) -> None:
        address = f"127.0.0.1:{self.recorder_ports[hospital.name]}"
        invitation = self.headquarters.invite(hospital.name, address)
        hospital.join(invitation, self.headquarters.fingerprint)
        seen = next(site for site in self.headquarters.sites() if site["site_name"] == hospital.name)
        self.progress.say(f"{hospital.name}: fingerprint on the node      {fingerprint}")
        self.progress.say(f"{hospital.name}: fingerprint at coordinator   {seen['fingerprint']}")
        self.headquarters.admit(hospital.name, fingerprint)

    def _send_images(self) -> None:
        numbers = itertools.count(1)
        planted = {hospital.name: [Canary(next(numbers)) for _ in hospital.site.files] for hospital in self.hospitals}
        self.report.canary["planted"] = sum(map(len, planted.values()))
        with self.progress.step("C-STORE of every image"), ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda hospital: self._send(hospital, planted[hospital.name]), self.hospitals))
        with self.progress.step("de-identification"):
            for hospital in self.hospitals:
                self._wait_clean(hospital)

    def _send(self, hospital: Hospital, canaries: list[Canary]) -> None:
        files = hospital.site.files
        send(
            files,
            canaries,
            Destination(hospital.dicom_port, "INTRAMUROS"),
            lambda count: self.progress.moved(f"{hospital.name}: {count} of {len(files)} sent"),
        )

    def _wait_clean(self, hospital: Hospital) -> None:
        def done() -> bool:
            counts = hospital.intake()
            self.progress.moved(f"{hospital.name}: {counts['clean']} clean, {counts['waiting']} waiting")
            return bool(counts["received"] >= len(hospital.site.files) and counts["waiting"] == 0)

        wait_until(done, what=f"de-identification at {hospital.name}", processes=self.processes, timeout_seconds=900)
        counts = hospital.intake()
        self.progress.say(f"{hospital.name}: {counts['clean']} clean, {counts['quarantined']} quarantined")
        self.report.sites.append(
            SiteReport(hospital.name, images=len(hospital.site.files), quarantined=counts["quarantined"])
        )

    def _read(self) -> None:
        with self.progress.step("blind reading"):
            for hospital in self.hospitals:
                self._row(hospital).cases = hospital.open_project()
            known = [answers(hospital.site) for hospital in self.labelled]  # one thread: not every codec bears more
            with ThreadPoolExecutor(len(self.hospitals)) as pool:
                list(pool.map(self._read_at, self.labelled, known))

    def _read_at(self, hospital: Hospital, known: dict[str, Film]) -> None:
        row = self._row(hospital)
        row.readings = hospital.read_all(known, row.cases, error_rate=ERROR_RATE)
        progress = hospital.progress()
        self.progress.say(f"{hospital.name}: {hospital.readings} readings, {progress['closed']} cases have a consensus")

    def _walk_plans(self) -> None:
        scene = Scene(
            self.headquarters, self.labelled, self.headquarters.register_partner(), self.images, self.work,
            self.schedule, self.processes, self.progress,
        )  # fmt: skip
        for number, seed in enumerate(self.seeds):
            folder = self.work / "release" if number == 0 else self.work / "release" / f"seed-{seed}"
            if len(self.seeds) > 1:
                self.progress.say(f"seed {seed}")
            self._note(PlanWalk(scene, seed, folder).run())

    def _note(self, found: PlanFound) -> None:
        if not self.report.seeds:
            self.report.rounds, self.report.release = found.rounds, found.release
            self.report.attack_light = found.attack_light
            for hospital in self.labelled:
                self._row(hospital).take(found.verdicts[hospital.name], found.pooled.get(hospital.name))
        self.report.seeds.append(
            SeedReport(
                found.seed, found.rounds, bool(found.release["verified"]), found.attack_light,
                {name: auc_of(verdict, found.pooled.get(name)) for name, verdict in found.verdicts.items()},
            )
        )  # fmt: skip

    def _look_at_what_left(self) -> None:
        with self.progress.step("what left"):
            ledgers = [hospital.ledger() for hospital in self.hospitals]
            self.report.ledger = {
                "entries": sum(ledger["entries"] for ledger in ledgers),
                "verified": all(ledger["verified"] for ledger in ledgers),
            }
            files = [file for file in self.captured.rglob("*.http") if file.parent.name != _CONTROL]
            with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
                self.report.canary["hits"] = sum(pool.map(holds_a_canary, files))
            self.report.canary["captured_bytes"] = sum(file.stat().st_size for file in files)
            self.report.canary["control_sent"] = len(VARIANTS)
            self.report.canary["control_found"] = variants_found(self.captured / _CONTROL)

    def _row(self, hospital: Hospital) -> SiteReport:
        return next(row for row in self.report.sites if row.name == hospital.name)


def is_ok(report: Report) -> bool:
    """Whether everything the demo claims is true of this report."""
    canary = report.canary
    return (
        bool(report.ledger["verified"])
        and canary["hits"] == 0
        and canary.get("control_found") == canary.get("control_sent")
        and all(seed.release_verified for seed in report.seeds)
    )
