"""crowd-320-sqlite, crowd-320-postgres: 320 readers at once on one node; the 95th percentile of an action."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.crowd_320.holds import check_whole
from benchmarks.crowd_320.hospital import running_hospital
from benchmarks.crowd_320.notes import NOTES
from benchmarks.crowd_320.run import Acted, Run, run
from benchmarks.crowd_320.schedule import schedule
from benchmarks.measured import Measured, measure, now
from fakes.postgres import ClusterMissing, running_cluster
from programs import absent

BOUND_SECONDS = 0.2
SECONDS_SHORT, SECONDS_FULL = 20.0, 300.0
CASES_SHORT, CASES_FULL = 60, 180
"""In each department: more than its readers can read in the time."""

_SHARES = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("longest", 1.0))
Keep = Callable[[Measured], None]


@pytest.mark.bench("crowd-320-sqlite")
def test_a_crowd_on_sqlite(tmp_path: Path, short: bool, keep: Keep) -> None:
    keep(measured("crowd-320-sqlite", tmp_path, short, None))


@pytest.mark.bench("crowd-320-postgres")
def test_a_crowd_on_postgresql(tmp_path: Path, short: bool, keep: Keep) -> None:
    try:
        with running_cluster("max_connections=60") as url:
            keep(measured("crowd-320-postgres", tmp_path, short, url))
    except ClusterMissing as missing:
        absent(str(missing))


def test_the_schedule_is_the_same_every_time_and_three_times_as_dense_in_bursts() -> None:
    moments = schedule(300.0, 320)
    assert moments == schedule(300.0, 320)
    in_bursts = sum(moment.in_burst for moment in moments)
    assert 0.95 < in_bursts / (240 * 50) < 1.05
    assert 0.95 < (len(moments) - in_bursts) / (80 * 250) < 1.05


def measured(name: str, work: Path, short: bool, database_url: str | None) -> Measured:
    started, load = now(), os.getloadavg()[0]
    seconds, cases = (SECONDS_SHORT, CASES_SHORT) if short else (SECONDS_FULL, CASES_FULL)
    with running_hospital(work, cases=cases, database_url=database_url) as crowd:
        done = run(crowd.port, crowd.codes, seconds)
        check_whole(crowd.engine, done.readers)
    assert done.generator_cpu_seconds <= done.seconds, "the generator took more than one core"
    notes = [*NOTES, *told(done), f"Load of the machine (1 minute) {load:.1f} before."]
    return measure(name, [quantile(done.acted, 0.95)], [BOUND_SECONDS], started=started, notes=notes)


def told(done: Run) -> list[str]:
    """The run in words."""
    readings = sum(len(reader.readings) for reader in done.readers)
    bursts = [one for one in done.acted if one.in_burst]
    kinds = sorted({one.name for one in done.acted})
    each = ", ".join(f"{kind} {quantile([o for o in done.acted if o.name == kind], 0.95):.3f}" for kind in kinds)
    whole = ", ".join(f"{word} {quantile(done.acted, share):.4f}" for word, share in _SHARES)
    late = f"woke an action {done.longest_start_late:.4f} s late at most"
    return [
        f"{len(done.acted)} actions, {readings} readings in {done.seconds:.0f} s.",
        f"In seconds: {whole}; p95 in bursts {quantile(bursts, 0.95):.4f}.",
        f"p95 by action in s: {each}.",
        f"Generator: {done.generator_cpu_seconds:.1f} CPU s, {late}.",
    ]


def quantile(acted: list[Acted], share: float) -> float:
    """The smallest latency that `share` of the actions did not exceed; 0 of none."""
    ordered = sorted(one.seconds for one in acted)
    return ordered[max(0, -(-len(ordered) * int(share * 1000) // 1000) - 1)] if ordered else 0.0
