"""index-growth: the look-ups and inserts of receiving on an index of 1.5 M instances, against the same on 10 k."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest
from benchmarks.index.pouring import pour
from benchmarks.interleaved import interleaved
from benchmarks.measured import Measured, measure, now
from sqlalchemy import Engine

from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.received import NewReceived, Outcome
from node.storage.engine import Database, open_engine
from node.storage.migrate import upgrade
from node.storage.received_index import ReceivedIndexStore

SMALL, BIG_SHORT, BIG_FULL = 10_000, 200_000, 1_500_000
FILLING_SHORT, FILLING_FULL = 30.0, 480.0
"""Seconds after which the big index is what it has become."""
PAIRS, LOOKUPS, INSERTS, BATCH = 5, 300, 2_000, 200
KEPT, POUR = 5_000, 50_000
INSERTS_AT_LEAST = 0.5
PEER = Actor(ActorKind.PEER, "BENCH")

NOTES = (
    (
        "SQLite in WAL with synchronous=FULL. Everything measured goes the product's own way in, 200 instances in a "
        "transaction, each a row, a job and an audit event. A look-up is the mean of the two that receiving makes: "
        "whether an identifier has a row, and whether an instance with these bytes is there already; instances are "
        "drawn at random from all."
    ),
    (
        "The small index was made the same way. What the big one held before, its first batch apart, was poured in: "
        "rows with the first's columns and random keys, in the schema that migrations made, without syncs."
    ),
    "Both indexes are on the same disk and asked in turn.",
)


def new() -> NewReceived:
    """An instance that is on no index."""
    name = new_id()
    event = AuditEvent(now(), PEER, "instance.received", f"received:{name}")
    return NewReceived(name, os.urandom(32).hex(), os.urandom(32).hex(), 524_288, os.urandom(150), False, event)


@dataclass(slots=True)
class Index:
    """One index, and instances drawn at random from all that it holds."""

    engine: Engine
    count: int = 0
    drawn: list[NewReceived] = field(default_factory=list)
    _chance: random.Random = field(default_factory=lambda: random.Random(5))

    @property
    def store(self) -> ReceivedIndexStore:
        return ReceivedIndexStore(self.engine)

    def grow(self, count: int) -> float:
        """So many more instances are indexed; how many a second."""
        batches = [[new() for _ in range(BATCH)] for _ in range(count // BATCH)]
        began = time.perf_counter()
        for batch in batches:
            self.store.add(batch)
        seconds = time.perf_counter() - began
        self._draw(one for batch in batches for one in batch)
        return count / seconds

    def fill(self, count: int, until: float) -> None:
        """The index holds so many instances, or as many as were poured in time."""
        self.grow(BATCH)
        while self.count < count and time.monotonic() < until:
            poured = [new() for _ in range(min(POUR, count - self.count))]
            pour(self.engine, poured)
            self._draw(poured)
        self.engine.dispose()  # what pouring set on its connection ends with it

    def looked_up(self) -> list[float]:
        """Seconds of a look-up, as the mean of many."""
        chosen = self._chance.sample(self.drawn, LOOKUPS)
        began = time.perf_counter()
        for one in chosen:
            assert self.store.holds([one.received_id])
            assert self.store.add([one]) == [Outcome.DUPLICATE]
        return [(time.perf_counter() - began) / (2 * LOOKUPS)]

    def _draw(self, added: Iterable[NewReceived]) -> None:
        """Every instance so far is among the drawn with the same chance (reservoir sampling, Vitter's R)."""
        for one in added:
            self.count += 1
            if len(self.drawn) < KEPT:
                self.drawn.append(one)
            elif (place := self._chance.randrange(self.count)) < KEPT:
                self.drawn[place] = one


@pytest.fixture
def indexes(tmp_path: Path) -> Iterator[tuple[Index, Index]]:
    """An index of 10 k, and one that is still empty."""
    made = []
    for name in ("small", "big"):
        (tmp_path / name).mkdir()
        engine = open_engine(Database.INTAKE, tmp_path / name)
        upgrade(Database.INTAKE, engine)
        made.append(Index(engine))
    small, big = made
    small.grow(SMALL)
    yield small, big
    for index in made:
        index.engine.dispose()


def inserted(small: Index, big: Index) -> tuple[float, float]:
    """Instances a second that each index takes, medians of turns."""
    rates: Sequence[tuple[float, float]] = [(small.grow(INSERTS), big.grow(INSERTS)) for _ in range(PAIRS)]
    return median(rate for rate, _ in rates), median(rate for _, rate in rates)


@pytest.mark.bench("index-growth")
def test_an_index_grows_without_growing_slow(
    indexes: tuple[Index, Index], keep: Callable[[Measured], None], *, short: bool
) -> None:
    started, (small, big) = now(), indexes
    end = time.monotonic() + (FILLING_SHORT if short else FILLING_FULL)
    big.fill(BIG_SHORT if short else BIG_FULL, end)
    held = big.count
    os.sync()
    samples = interleaved(big.looked_up, small.looked_up, pairs_max=PAIRS, until=end + 60)
    at_small, at_big = inserted(small, big)
    told = (
        f"The big index held {held} instances when look-ups began.",
        (
            f"Inserts: {at_big:.0f} instances/s on the big index, {at_small:.0f} on the small: {at_big / at_small:.2f} "
            f"(at least {INSERTS_AT_LEAST} is asked)."
        ),
        f"Load of the machine (1 minute) after the last run {os.getloadavg()[0]:.1f}.",
    )
    keep(measure("index-growth", samples.ours, samples.peer, started=started, notes=(*NOTES, *told)))
    assert at_big >= INSERTS_AT_LEAST * at_small
