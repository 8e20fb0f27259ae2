"""secure-round: what a round with secure aggregation takes, against a plain Flower round that trains and evaluates.

Both stacks are up at once and take turns, run by run, as in round-overhead, whose sides they are. Nobody trains on
either side. The first round of every run is not counted on either side.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from benchmarks.interleaved import interleaved
from benchmarks.measured import Measured, measure, now
from benchmarks.round_overhead.model import PARAMETERS, SHAPES, SITES
from benchmarks.round_overhead.ours import Ours, starting_ours
from benchmarks.round_overhead.peer import Peer, starting_peer

from protocols.plans import Aggregation, AggregationMode

NAME = "secure-round"
ROUNDS_SHORT, ROUNDS_FULL = 2, 5
PAIRS_SHORT, PAIRS_FULL = 1, 4
SAMPLING = 0.75
"""Share of the allowance: no pair of runs is begun that would end after it."""
SECURE: Final = Aggregation(mode=AggregationMode.SECURE, threshold_t=2)
"""Of three members all must stay; two shares open a secret, so no vote is needed."""

_TOLD: Final = f"""
A sample is the time from the end of one round to the end of the next; the first round of a run is not counted.
{SITES} SuperNodes, {len(SHAPES)} float32 tensors of {PARAMETERS} parameters, TLS, node authentication, SQLite,
loopback; nobody trains.

Our round is four exchanges: keys, shares, the masked update with the site's validation figures, unmasking. In the
first each hospital is told the sum of the round before and makes the model itself. Every byte passes the front; budget,
round vector, masks' state, gate, outbox and ledger are durable (synchronous=FULL); the sum and the checkpoint are on
the disk before the next round.

The peer's round is two exchanges, train and evaluate, with Flower's stock deployment and its defaults: FedAvg,
subprocess isolation (a new ClientApp process for every message), replies polled every 3 s. What the peer spends is
mostly processor time, ours mostly waiting: a busy machine slows the peer more than us and raises the ratio.
"""
NOTES: Final = tuple(" ".join(paragraph.split()) for paragraph in _TOLD.split("\n\n"))


@dataclass(frozen=True, slots=True)
class Both:
    """The two sides, up; `began` is when they started (monotonic)."""

    ours: Ours
    peer: Peer
    began: float


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Both]:
    began = time.monotonic()
    with starting_peer(tmp_path / "peer") as peer, starting_ours(tmp_path / "ours", SECURE) as ours:
        peer.settle()
        ours.settle()
        yield Both(ours, peer, began)


@pytest.mark.bench(NAME)
def test_a_secure_round_takes_at_most_half_as_long_again_as_a_plain_one(
    both: Both, short: bool, seconds_allowed: float, keep: Callable[[Measured], None]
) -> None:
    started, load = now(), os.getloadavg()[0]
    rounds, pairs = (ROUNDS_SHORT, PAIRS_SHORT) if short else (ROUNDS_FULL, PAIRS_FULL)
    plans = iter([both.ours.offer(rounds) for _ in range(pairs)])
    samples = interleaved(
        lambda: both.ours.rounds(next(plans), rounds, to_release=not short),
        lambda: both.peer.rounds(rounds, evaluates=True),
        pairs_max=pairs,
        until=both.began + seconds_allowed * SAMPLING,
    )
    notes = [
        *NOTES,
        f"{samples.pairs} pair(s) of runs of {rounds} rounds, in turn, the peer first.",
        f"Load of the machine (1 minute) {load:.1f} before and {os.getloadavg()[0]:.1f} after.",
        f"{time.monotonic() - both.began:.0f} s from the first process to the last sample.",
    ]
    keep(measure(NAME, samples.ours, samples.peer, started=started, notes=notes))
