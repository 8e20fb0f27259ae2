"""The pooled baseline in a process of its own: it uses what the nodes leave idle and is read once it is done."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

from deploy.demo.pooled import PooledSettings, run_pooled
from deploy.demo.processes import Processes, wait_until

_NICENESS = 19


class PooledRun:
    """One pooled baseline under way; `auc` waits for it."""

    def __init__(self, processes: Processes, work: Path, seed: int) -> None:
        self._processes = processes
        self._name = f"pooled-{seed}"
        self._answer = work / f"{self._name}.json"
        self._seed = seed

    def start(self, images: Path, settings: PooledSettings) -> None:
        """The baseline is being computed."""
        self._answer.unlink(missing_ok=True)
        self._processes.start(
            self._name, "deploy.demo.pooled_process", "--images", str(images), "--settings",
            json.dumps(asdict(settings)), "--seed", str(self._seed), "--out", str(self._answer), finishes=True,
        )  # fmt: skip

    def auc(self) -> dict[str, float | None]:
        """The AUC on every site's holdout, once it is there.

        Raises:
            StepFailed: the process failed, or took longer than half an hour.
        """
        wait_until(
            self._answer.exists, what="the pooled baseline", processes=self._processes, timeout_seconds=1800
        )  # fmt: skip
        found: dict[str, float | None] = json.loads(self._answer.read_text(encoding="utf-8"))
        return found


def main() -> int:
    """Compute one baseline and write it down whole."""
    parser = argparse.ArgumentParser(prog="pooled baseline")
    for name in ("--images", "--out"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--settings", required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    os.nice(_NICENESS)
    found = run_pooled(options.images, PooledSettings(**json.loads(options.settings)), options.seed)
    temporary = options.out.with_suffix(".new")
    temporary.write_text(json.dumps(found), encoding="utf-8")
    temporary.replace(options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
