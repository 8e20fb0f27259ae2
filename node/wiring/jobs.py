"""The process `jobs`: cleaning, retention and pulls, one durable queue. Images are taken apart in its sandbox alone."""

from __future__ import annotations

from dataclasses import replace

from node.edges.jobs.loop import JobLoop
from node.edges.sandbox.pool import SandboxPool
from node.edges.sandbox.walls import SandboxLimits
from node.flows.clean import Cleaning
from node.storage.engine import Database
from node.storage.intake_parts import clean_parts
from node.storage.job_queue import JobQueueStore
from node.storage.ward_cases import WardAdmission
from node.wiring.commitments import reporting
from node.wiring.dealing import dealing_chores
from node.wiring.deidentify_policy import permitted_marks, policy_of
from node.wiring.exclusions import exclusion_chores
from node.wiring.headers import describing, followed_by_headers, header_chore
from node.wiring.images import intake_ground, stop_on_signal
from node.wiring.incidents import incident_chores
from node.wiring.place import Place
from node.wiring.pulling import pulling
from node.wiring.store_chores import store_chores

_SANDBOXES = 2
_CLEANING = SandboxLimits(processor_seconds=60, wall_seconds=120.0)
"""Text is looked for in every image: many frames or large ones take longer than reading a header."""


def run_jobs(place: Place) -> None:
    """Images were pulled, cleaned, and their old bytes dropped until the process was asked to stop."""
    ground, stop = intake_ground(place), stop_on_signal()
    marks = permitted_marks(place.config.deidentify)
    with SandboxPool(_SANDBOXES, limits=_CLEANING, marks=marks) as sandbox:
        parts = clean_parts(ground, sandbox, WardAdmission(place.engine(Database.WARD)))
        cleaning = Cleaning(replace(parts, policy=policy_of(place.config.deidentify)), threads=_SANDBOXES)
        headers = describing(ground, sandbox)
        works = {"clean": followed_by_headers(cleaning, headers)}
        chores = [
            *store_chores(place, ground),
            *exclusion_chores(place),
            *incident_chores(place),
            *dealing_chores(place),
            header_chore(headers),
        ]
        with pulling(place, ground, stop), reporting(place, stop):
            JobLoop(JobQueueStore(ground.engine), works, chores, place.clock).run(stop)
        cleaning.close()
