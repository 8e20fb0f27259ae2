"""receive-1assoc, receive-4assoc, receive-cpu, receive-dcmtk: our receive process against Orthanc and storescp."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median

import pytest
from benchmarks.interleaved import interleaved
from benchmarks.measured import Measured, measure, now
from benchmarks.receive.images import make_images
from benchmarks.receive.notes import NOTES
from benchmarks.receive.receivers import Orthanc, Ours, Receiver, Storescp, program
from benchmarks.receive.sending import Run, one_run

IMAGES_SHORT, IMAGES_FULL = 200, 1000
PAIRS_SHORT, PAIRS_FULL = 1, 5
SAMPLING = 0.7
"""Share of the allowance after which no pair of runs is begun that would end later."""


@dataclass(slots=True)
class Bench:
    """The images, and a fresh folder for every run."""

    work: Path
    quarters: list[Path]
    short: bool
    seconds_allowed: float
    runs: dict[str, list[Run]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    def run(self, side: str, receiver: Receiver, associations: int) -> Run:
        """One run of a side, remembered under its name."""
        senders = [self.quarters] if associations == 1 else [[quarter] for quarter in self.quarters]
        run = one_run(receiver, self.work / f"run-{next(self._numbers)}", senders)
        self.runs.setdefault(side, []).append(run)
        return run

    def compared(self, peer: Receiver, associations: int, figure: Callable[[Run], float]) -> tuple[list[float], ...]:
        """The figures of both sides, run by run in turn."""
        self.runs.clear()
        samples = interleaved(
            lambda: [figure(self.run("ours", Ours(), associations))],
            lambda: [figure(self.run("peer", peer, associations))],
            pairs_max=PAIRS_SHORT if self.short else PAIRS_FULL,
            until=time.monotonic() + self.seconds_allowed * SAMPLING,
        )
        return samples.ours, samples.peer

    def notes(self, *more: str) -> list[str]:
        """What must be known, and what else these runs showed."""
        told = [
            f"{side}: {median(run.rate for run in runs):.0f} instances/s, {len(runs)} runs of {runs[0].count}; "
            f"{1000 * median(run.cpu_each for run in runs):.2f} ms CPU an instance."
            for side, runs in self.runs.items()
        ]
        load = f"Load of the machine (1 minute) after the last run {os.getloadavg()[0]:.1f}."
        return [*NOTES, *more, *told, load, f"{version('storescu', 'dcmtk')}; {version('Orthanc', 'orthanc')}."]


def version(name: str, package: str) -> str:
    """The first line of what a program says of its version."""
    said = subprocess.run([program(name, package), "--version"], capture_output=True, text=True, check=False)
    return (said.stdout + said.stderr).strip().splitlines()[0].strip("$ ").rpartition("/")[2]


@pytest.fixture(scope="module")
def quarters(tmp_path_factory: pytest.TempPathFactory, short: bool) -> Sequence[Path]:
    return make_images(tmp_path_factory.mktemp("images"), IMAGES_SHORT if short else IMAGES_FULL)


@pytest.fixture
def bench(tmp_path: Path, quarters: list[Path], short: bool, seconds_allowed: float) -> Bench:
    return Bench(tmp_path, quarters, short, seconds_allowed)


Keep = Callable[[Measured], None]


@pytest.mark.bench("receive-1assoc")
def test_one_association_is_received_faster_than_by_orthanc(bench: Bench, keep: Keep) -> None:
    started = now()
    ours, peer = bench.compared(Orthanc(synced=True), 1, lambda run: run.rate)
    bench.run("Orthanc without SyncStorageArea, outside the ratio", Orthanc(synced=False), 1)
    keep(measure("receive-1assoc", ours, peer, started=started, notes=bench.notes("Peer: SyncStorageArea on.")))


@pytest.mark.bench("receive-4assoc")
def test_four_associations_are_received_faster_than_by_orthanc(bench: Bench, keep: Keep) -> None:
    started = now()
    ours, peer = bench.compared(Orthanc(synced=True), 4, lambda run: run.rate)
    bench.run("Orthanc without SyncStorageArea, outside the ratio", Orthanc(synced=False), 4)
    keep(measure("receive-4assoc", ours, peer, started=started, notes=bench.notes("Peer: SyncStorageArea on.")))


@pytest.mark.bench("receive-cpu")
def test_an_instance_costs_less_of_the_processors_than_with_orthanc(bench: Bench, keep: Keep) -> None:
    started = now()
    ours, peer = bench.compared(Orthanc(synced=True), 1, lambda run: run.cpu_each)
    told = bench.notes("Peer: SyncStorageArea on; one association.")
    keep(measure("receive-cpu", ours, peer, started=started, notes=told))


@pytest.mark.bench("receive-dcmtk")
def test_four_associations_come_near_a_receiver_that_syncs_and_indexes_nothing(bench: Bench, keep: Keep) -> None:
    started = now()
    ours, peer = bench.compared(Storescp(), 4, lambda run: run.rate)
    keep(measure("receive-dcmtk", ours, peer, started=started, notes=bench.notes()))
