"""round-overhead: what a federated round costs beyond the training itself, against a bare Flower app.

Both stacks are up at once and take turns, run by run. Nobody trains on either side. The first round of every run is
not counted on either side: in it the ServerApp also starts, the bundle travels and the cohort is frozen.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest
from benchmarks.interleaved import interleaved
from benchmarks.measured import Measured, measure, now
from benchmarks.round_overhead.notes import NOTES
from benchmarks.round_overhead.ours import Ours, starting_ours
from benchmarks.round_overhead.peer import Peer, starting_peer

NAME = "round-overhead"
ROUNDS_SHORT, ROUNDS_FULL = 2, 5
PAIRS_SHORT, PAIRS_FULL = 1, 6
SAMPLING, ASIDE = 0.55, 0.8
"""Shares of the allowance: no pair of runs is begun that would end after the first, no run aside after the second."""


@dataclass(frozen=True, slots=True)
class Both:
    """The two sides, up; `began` is when they started (monotonic)."""

    ours: Ours
    peer: Peer
    began: float


@dataclass(slots=True)
class CpuSeconds:
    """What each side's own runs cost of the processors."""

    spent: Counter[str] = field(default_factory=Counter)

    def of(self, side: str, run_by: Ours | Peer, block: Callable[[], list[float]]) -> list[float]:
        """The samples of the block; its CPU seconds are added to the side's."""
        before = run_by.cpu_seconds()
        samples = block()
        self.spent[side] += round(run_by.cpu_seconds() - before)
        return samples

    def told(self, rounds: int) -> str:
        """The note on it."""
        ours, peer = (self.spent[side] / rounds for side in ("ours", "peer"))
        return f"CPU of whole runs, their starts included, by their rounds: ours {ours:.1f} s, the peer {peer:.1f} s."


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    began = time.monotonic()
    with starting_peer(tmp_path / "peer") as peer, starting_ours(tmp_path / "ours") as ours:
        peer.settle()
        ours.settle()
        yield Both(ours, peer, began)


@pytest.mark.bench(NAME)
def test_a_round_costs_no_more_than_a_bare_flower_round(
    both: Both, short: bool, seconds_allowed: float, keep: Callable[[Measured], None]
) -> None:
    started, load = now(), os.getloadavg()[0]
    rounds, pairs = (ROUNDS_SHORT, PAIRS_SHORT) if short else (ROUNDS_FULL, PAIRS_FULL)
    plans, cpu = iter([both.ours.offer(rounds) for _ in range(pairs)]), CpuSeconds()
    samples = interleaved(
        lambda: cpu.of("ours", both.ours, lambda: both.ours.rounds(next(plans), rounds, to_release=not short)),
        lambda: cpu.of("peer", both.peer, lambda: both.peer.rounds(rounds)),
        pairs_max=pairs,
        until=both.began + seconds_allowed * SAMPLING,
    )
    notes = [
        *NOTES,
        f"{samples.pairs} pair(s) of runs of {rounds} rounds, in turn, the peer first.",
        cpu.told(rounds * samples.pairs),
        f"Load of the machine (1 minute) {load:.1f} before and {os.getloadavg()[0]:.1f} after.",
    ]
    if not short:
        notes += asides(both.peer, until=both.began + seconds_allowed * ASIDE)
    notes.append(f"{time.monotonic() - both.began:.0f} s from the first process to the last sample.")
    keep(measure(NAME, samples.ours, samples.peer, started=started, notes=notes))


def asides(peer: Peer, *, until: float) -> Iterator[str]:
    """Notes on two other peers, outside the ratio, as far as there is time."""
    others: tuple[tuple[str, Callable[[], list[float]]], ...] = (
        ("with all parameters in one array", lambda: peer.rounds(3, one_array=True)),
        ("that also evaluates", lambda: peer.rounds(3, evaluates=True)),
    )
    for which, run in others:
        if time.monotonic() < until:
            yield f"Not in the ratio: a peer {which} takes {median(run()):.2f} s a round (median of 2)."
