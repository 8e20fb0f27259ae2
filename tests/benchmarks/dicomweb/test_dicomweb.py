"""frame-raw, qido-200, metadata-200: our DICOMweb against Orthanc's, both up at once and asked in turn."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from benchmarks.dicomweb.asking import Series
from benchmarks.dicomweb.notes import NOTES
from benchmarks.dicomweb.ours import running_node
from benchmarks.dicomweb.peer import needed, running_orthanc
from benchmarks.dicomweb.series import series
from benchmarks.interleaved import Block, interleaved
from benchmarks.measured import Measured, measure, now

PAIRS_SHORT, PAIRS_FULL = 2, 10
SECONDS_SHORT, SECONDS_FULL = 10.0, 120.0
"""Of one name, after which no pair of blocks is begun."""


@dataclass(frozen=True, slots=True)
class Both:
    """The two sides, up, with the same series."""

    ours: Series
    peer: Series


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    needed()
    work, files = tmp_path_factory.mktemp("dicomweb"), series()
    with running_orthanc(work / "orthanc") as orthanc, running_node(work, files) as ours:
        orthanc.take(files)
        peer = Series(orthanc.side)
        assert peer.find(), "the peer does not hold the whole series"
        yield Both(ours, peer)


@dataclass(frozen=True, slots=True)
class Asking:
    """How much one name asks, and where its result goes."""

    both: Both
    short: bool
    keep: Callable[[Measured], None]

    def measured(self, name: str, block_of: Callable[[Series], Block]) -> None:
        """The name's result is kept."""
        started, load = now(), os.getloadavg()[0]
        for side in (self.both.peer, self.both.ours):
            block_of(side)()  # what each side keeps from a first answer, it has before the first sample
        samples = interleaved(
            block_of(self.both.ours),
            block_of(self.both.peer),
            pairs_max=PAIRS_SHORT if self.short else PAIRS_FULL,
            until=time.monotonic() + (SECONDS_SHORT if self.short else SECONDS_FULL),
        )
        notes = [
            *NOTES,
            f"{samples.pairs} pair(s) of blocks in turn, the peer first, after one of each that is not counted.",
            f"Load of the machine (1 minute) {load:.1f} before and {os.getloadavg()[0]:.1f} after.",
        ]
        self.keep(measure(name, samples.ours, samples.peer, started=started, notes=notes))


@pytest.fixture
def asking(both: Both, short: bool, keep: Callable[[Measured], None]) -> Asking:
    return Asking(both, short, keep)


@pytest.mark.bench("frame-raw")
def test_one_raw_frame(asking: Asking) -> None:
    asking.measured("frame-raw", lambda side: side.frames(50))


@pytest.mark.bench("qido-200")
def test_a_search_of_two_hundred_instances(asking: Asking) -> None:
    asking.measured("qido-200", lambda side: side.searches(10))


@pytest.mark.bench("metadata-200")
def test_the_metadata_of_two_hundred_instances(asking: Asking) -> None:
    asking.measured("metadata-200", lambda side: side.metadata(10))
