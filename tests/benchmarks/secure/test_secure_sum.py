"""secure-sum: CPU seconds of one site in a secure round of five sites, a million parameters and one drop-out.

Real members and a real sum in one process; the line, storage and training are left out. A site's figure is all it does
in a round, from its keys to the shares that open the sum; that of the dearest site counts. The sum is held against
plain fixed-point updates, bit for bit, in every run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from benchmarks.measured import Measured, measure, now
from fakes.secure import SecureHospital, carry, check_equals_plain, hospitals

from node.release.secure.state import Act

NAME = "secure-sum"
SITES, THRESHOLD, PARAMETERS = 5, 4, 1_000_000
RUNS_SHORT, RUNS_FULL = 3, 15
BOUND_CPU_SECONDS = 1.0
SEED = 20_261_122


@pytest.mark.bench(NAME)
def test_a_secure_sum_costs_a_site_less_than_a_second(short: bool, keep: Callable[[Measured], None]) -> None:
    started, load, coordinator = now(), os.getloadavg()[0], []
    dearest = []
    for run in range(RUNS_SHORT if short else RUNS_FULL):
        spent = dict.fromkeys(range(1, SITES + 1), 0.0)
        members = hospitals(SITES, threshold=THRESHOLD, size=PARAMETERS, seed=SEED + run)
        began = time.process_time()
        opened, counted = carry([timed(one, spent) for one in members], silent=frozenset({(2, Act.MASK)}))
        coordinator.append(time.process_time() - began - sum(spent.values()))
        assert len(counted) == SITES - 1
        check_equals_plain(opened, counted)
        dearest.append(max(spent.values()))
    notes = [
        f"{SITES} sites, t = {THRESHOLD}, {PARAMETERS:,} parameters, 64-bit words; one gives its shares and vanishes.",
        f"CPU of the coordinator's part, reading and sealing included: {max(coordinator):.2f} s at most.",
        "Bit-equal to plain fixed-point updates in every run.",
        f"Load of the machine (1 minute) {load:.1f} before and {os.getloadavg()[0]:.1f} after.",
    ]
    keep(measure(NAME, dearest, [BOUND_CPU_SECONDS], started=started, notes=notes))


def timed(one: SecureHospital, spent: dict[int, float]) -> SecureHospital:
    """The same hospital, with the processor time of its answers added up."""
    answer = one.answer

    def measured(message: Any) -> bytes:
        began = time.process_time()
        sealed = answer(message)
        spent[one.number] += time.process_time() - began
        return sealed

    one.answer = measured  # type: ignore[method-assign]  # the very member, only timed
    return one
