"""sim-200: runs over 200 hospitals, some silent, slow, late, lying, broken or leaving: do they end as approved?

Honest hospitals are real walls (gate, budget, ledger, database), the coordinator is the real one on its own store, the
frames go over the in-process grid, and time is played: a run waits out its deadlines without taking them. Training is
played too. Of each run it is asserted that every round's model is, bit for bit, the mean over exactly those updates
that belong in it, and that each honest site's ledger holds what it approved and nothing else. The short form has 120.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.measured import Measured, measure, now
from fakes.approvals_respected import check_respected
from fakes.many_hospitals import ROUNDS, ManyHospitals, Way, many_hospitals

from protocols.inbox import RunState

NAME = "sim-200"
SITES_SHORT, SITES_FULL = 120, 200
SEEDS_SHORT, SEEDS_FULL = (20_261_123,), (20_261_123, 20_261_124, 20_261_125, 20_261_126, 20_261_127)


@pytest.mark.bench(NAME)
def test_two_hundred_hospitals_come_to_an_end_with_every_approval_respected(
    short: bool, tmp_path: Path, keep: Callable[[Measured], None]
) -> None:
    started, ended, seconds, ways = now(), [], [], Counter[Way]()
    sites = SITES_SHORT if short else SITES_FULL
    for seed in SEEDS_SHORT if short else SEEDS_FULL:
        folder = tmp_path / str(seed)
        folder.mkdir()
        with many_hospitals(folder, sites, seed=seed) as many:
            began = time.monotonic()
            ended.append(as_approved(many))
            seconds.append(time.monotonic() - began)
            ways = Counter(site.way for site in many.sites)
    notes = [
        f"{sites} sites a run, {ROUNDS} rounds: " + ", ".join(f"{count} {way}" for way, count in ways.items()) + ".",
        f"A run took {min(seconds):.0f} to {max(seconds):.0f} s here; its deadlines passed on a played clock.",
    ]
    keep(measure(NAME, ended, [1.0], started=started, notes=notes))


def as_approved(many: ManyHospitals) -> float:
    """1 where the run ended with a release and all that was promised holds; what does not is an assertion."""
    run = many.conducted()
    check_respected(many, run)
    return float(run.state is RunState.FINISHED)
