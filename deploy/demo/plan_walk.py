"""One training plan walked from the partner's submission to every hospital's verdict; the demo walks one per seed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.demo.headquarters import PARTNER, Headquarters
from deploy.demo.hospital import Hospital
from deploy.demo.plan import Schedule, training_plan
from deploy.demo.pooled import PooledSettings
from deploy.demo.pooled_process import PooledRun
from deploy.demo.processes import Processes, StepFailed, wait_until
from deploy.demo.steps import Progress

MIN_QUORUM = 2


@dataclass(frozen=True, slots=True)
class Scene:
    """Who takes part, and where the films and results lie."""

    headquarters: Headquarters
    hospitals: tuple[Hospital, ...]
    partner_id: str
    images: Path
    work: Path
    schedule: Schedule
    processes: Processes
    progress: Progress


@dataclass(slots=True)
class PlanFound:
    """What one plan came to."""

    seed: int
    rounds: int = 0
    release: dict[str, Any] = field(default_factory=dict)
    attack_light: str = ""
    verdicts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Each hospital's own verdict, as its API tells it."""
    pooled: dict[str, float | None] = field(default_factory=dict)


class PlanWalk:
    """Walks one plan."""

    def __init__(self, scene: Scene, seed: int, target: Path) -> None:
        self._scene = scene
        self._target = target
        self._found = PlanFound(seed)
        self._pooled = PooledRun(scene.processes, scene.work, seed)
        self._plan_id = ""

    def run(self) -> PlanFound:
        """Everything the plan came to.

        Raises:
            StepFailed: a step did not work.
        """
        self._approve()
        self._start_pooled()
        self._train()
        self._fetch()
        self._compare()
        return self._found

    def _approve(self) -> None:
        scene = self._scene
        with scene.progress.step("training plan and approvals"):
            quorum = max(MIN_QUORUM, len(scene.hospitals) - 1)
            plan = training_plan(scene.partner_id, PARTNER, scene.schedule, quorum=quorum, seed=self._found.seed)
            self._plan_id = plan.plan_id
            scene.headquarters.submit(plan)
            for hospital in scene.hospitals:
                self._wait(
                    lambda at=hospital: at.offer(plan.plan_id) is not None,  # type: ignore[misc]  # bound now
                    what=f"the plan at {hospital.name}", timeout_seconds=60,
                )  # fmt: skip
                hospital.approve(plan.plan_id)
            self._wait(
                lambda: scene.headquarters.approvals(plan.plan_id) == len(scene.hospitals),
                what="every approval", timeout_seconds=60, every_seconds=1.0,
            )  # fmt: skip
            scene.headquarters.start_run(plan.plan_id)

    def _start_pooled(self) -> None:
        schedule = self._scene.schedule
        settings = PooledSettings(
            epochs_like_rounds=schedule.rounds, local_steps=schedule.local_steps, batch_size=schedule.batch_size,
            learning_rate=schedule.learning_rate, weight_decay=schedule.weight_decay,
        )  # fmt: skip
        self._pooled.start(self._scene.images, settings)

    def _train(self) -> None:
        scene, follower = self._scene, f"partner-{self._found.seed}"
        log, said = scene.processes.log_of(follower), 0

        def released() -> bool:
            nonlocal said
            lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
            states = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
            for held in states[said:]:
                self._tell(held)
            said = len(states)
            return bool(states and states[-1]["state"] == "released")

        with scene.progress.step("federated rounds"):
            scene.headquarters.follow(self._plan_id, scene.processes, follower)
            timeout_seconds = 120 + 60 * scene.schedule.rounds
            self._wait(released, what="the end of the run", timeout_seconds=timeout_seconds)

    def _tell(self, held: dict[str, Any]) -> None:
        if held["rounds_done"] != self._found.rounds:
            self._found.rounds = held["rounds_done"]
            self._scene.progress.say(f"round {self._found.rounds} of {self._scene.schedule.rounds} done")
        if held["end_reason"]:
            raise StepFailed(f"the run ended: {held['end_reason']}", process="coordinator")

    def _fetch(self) -> None:
        with self._scene.progress.step("release"):
            self._target.mkdir(parents=True, exist_ok=True)
            fetched = self._scene.headquarters.fetch(self._plan_id, self._target)
            file = self._target / "model.safetensors"
            self._found.release = {"file": str(file), "verified": bool(fetched["verified"])}
            self._found.attack_light = str(fetched["attack_light"])

    def _compare(self) -> None:
        with self._scene.progress.step("benefit verdicts"):
            for hospital in self._scene.hospitals:
                self._wait(
                    lambda at=hospital: at.verdict(self._plan_id) is not None,  # type: ignore[misc]  # bound now
                    what=f"the verdict of {hospital.name}", timeout_seconds=600,
                )  # fmt: skip
                self._found.verdicts[hospital.name] = hospital.verdict(self._plan_id) or {}
        with self._scene.progress.step("pooled baseline"):
            self._found.pooled = self._pooled.auc()

    def _wait(
        self, ready: Callable[[], bool], *, what: str, timeout_seconds: float, every_seconds: float = 0.2
    ) -> None:
        wait_until(
            ready, what=what, processes=self._scene.processes, timeout_seconds=timeout_seconds,
            every_seconds=every_seconds,
        )  # fmt: skip
