"""The main job, walked once: every arrow of the street by its public door, in order."""

from __future__ import annotations

import itertools
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.demo.canary import Canary, search
from deploy.demo.control import VARIANTS, send_leaks, variants_found
from deploy.demo.films import Site, answers
from deploy.demo.headquarters import PARTNER, Headquarters
from deploy.demo.hospital import Hospital
from deploy.demo.plan import Schedule, training_plan
from deploy.demo.pooled import PooledSettings, run_pooled
from deploy.demo.processes import Processes, StepFailed, wait_until
from deploy.demo.readers import ERROR_RATE
from deploy.demo.recorder import Recorder
from deploy.demo.report import Report, SiteReport
from deploy.demo.sender import Destination, send
from deploy.demo.steps import Progress

_CONTROL = "control"
_MIN_QUORUM = 2


@dataclass(slots=True)
class Walk:
    """Everything one walk holds on to."""

    images: Path
    sites: tuple[Site, ...]
    work: Path
    schedule: Schedule
    seed: int
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
        if len(self.labelled) < _MIN_QUORUM:
            self.progress.say("training needs labels.csv beside the site-* folders: the walk ends at the worklist")
        else:
            plan_id = self._approve_plan()
            self._train(plan_id)
            self._fetch(plan_id)
            self._compare(plan_id)
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

        wait_until(done, what=f"de-identification at {hospital.name}", processes=self.processes, timeout_seconds=300)
        counts = hospital.intake()
        self.progress.say(f"{hospital.name}: {counts['clean']} clean, {counts['quarantined']} quarantined")
        self.report.sites.append(
            SiteReport(hospital.name, images=len(hospital.site.files), quarantined=counts["quarantined"])
        )

    def _read(self) -> None:
        with self.progress.step("blind reading"):
            for hospital in self.hospitals:
                self._row(hospital).cases = hospital.open_project()
            with ThreadPoolExecutor(len(self.hospitals)) as pool:
                list(pool.map(self._read_at, self.labelled))

    def _read_at(self, hospital: Hospital) -> None:
        self._row(hospital).readings = hospital.read_all(answers(hospital.site), error_rate=ERROR_RATE)
        progress = hospital.progress()
        self.progress.say(f"{hospital.name}: {hospital.readings} readings, {progress['closed']} cases have a consensus")

    def _approve_plan(self) -> str:
        with self.progress.step("training plan and approvals"):
            partner_id = self.headquarters.register_partner()
            quorum = max(_MIN_QUORUM, len(self.labelled) - 1)
            plan = training_plan(partner_id, PARTNER, self.schedule, quorum=quorum, seed=self.seed)
            self.headquarters.submit(plan)
            for hospital in self.labelled:
                wait_until(
                    lambda at=hospital: at.offer(plan.plan_id) is not None,  # type: ignore[misc]  # bound now
                    what=f"the plan at {hospital.name}", processes=self.processes, timeout_seconds=60,
                )  # fmt: skip
                hospital.approve(plan.plan_id)
            wait_until(
                lambda: self.headquarters.approvals(plan.plan_id) == len(self.labelled),
                what="every approval", processes=self.processes, timeout_seconds=60, every_seconds=1.0,
            )  # fmt: skip
            self.headquarters.start_run(plan.plan_id)
            return plan.plan_id

    def _train(self, plan_id: str) -> None:
        seen = -1

        def released() -> bool:
            nonlocal seen
            held = self.headquarters.status(plan_id)
            if held["rounds_done"] != seen:
                seen = held["rounds_done"]
                self.progress.say(f"round {seen} of {self.schedule.rounds} done")
            if held["end_reason"]:
                raise StepFailed(f"the run ended: {held['end_reason']}", process="coordinator")
            return bool(held["state"] == "released")

        with self.progress.step("federated rounds"):
            wait_until(
                released, what="the end of the run", processes=self.processes,
                timeout_seconds=120 + 60 * self.schedule.rounds, every_seconds=4.0,
            )  # fmt: skip
        self.report.rounds = seen

    def _fetch(self, plan_id: str) -> None:
        with self.progress.step("release"):
            target = self.work / "release"
            target.mkdir(parents=True, exist_ok=True)
            fetched = self.headquarters.fetch(plan_id, target)
            self.report.release = {"file": str(target / "model.safetensors"), "verified": bool(fetched["verified"])}
            self.report.attack_light = str(fetched["attack_light"])

    def _compare(self, plan_id: str) -> None:
        with self.progress.step("pooled baseline"):
            settings = PooledSettings(
                epochs_like_rounds=self.schedule.rounds, local_steps=self.schedule.local_steps,
                batch_size=self.schedule.batch_size, learning_rate=self.schedule.learning_rate,
                weight_decay=self.schedule.weight_decay,
            )  # fmt: skip
            pooled = run_pooled(self.images, settings, self.seed)
        with self.progress.step("benefit verdicts"):
            for hospital in self.labelled:
                wait_until(
                    lambda at=hospital: at.verdict(plan_id) is not None,  # type: ignore[misc]  # bound now
                    what=f"the verdict of {hospital.name}", processes=self.processes, timeout_seconds=600,
                )  # fmt: skip
                self._note_verdict(hospital, plan_id, pooled.get(hospital.name))

    def _note_verdict(self, hospital: Hospital, plan_id: str, pooled_auc: float | None) -> None:
        verdict = hospital.verdict(plan_id) or {}
        row = self._row(hospital)
        row.auc = {"own": verdict["own_auc"], "federated": verdict["federated_auc"], "pooled": pooled_auc}
        row.verdict, row.verdict_reason = verdict["benefit"] or verdict["state"], verdict["reason"] or ""
        row.interval = None if verdict["low"] is None else [verdict["low"], verdict["high"]]
        row.smallest_detectable_difference = verdict["smallest_detectable"]
        row.holdout_cases = verdict["cases"] or 0

    def _look_at_what_left(self) -> None:
        with self.progress.step("what left"):
            ledgers = [hospital.ledger() for hospital in self.hospitals]
            self.report.ledger = {
                "entries": sum(ledger["entries"] for ledger in ledgers),
                "verified": all(ledger["verified"] for ledger in ledgers),
            }
            files = [file for file in self.captured.rglob("*.http") if file.parent.name != _CONTROL]
            self.report.canary["hits"] = sum(1 for file in files if search(file.read_bytes()))
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
        and (report.rounds == 0 or bool(report.release["verified"]))
    )
