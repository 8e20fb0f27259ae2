"""Taking turns, ports, and processes that end: what every benchmark stands on."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from waiting import until

from benchmarks.interleaved import LOOPBACK, PortTaken, check_free, free_ports, interleaved
from benchmarks.processes import ProcessEnded, Processes


class Told:
    """A clock that a block moves on."""

    def __init__(self) -> None:
        self.at = 0.0
        self.order = ""

    def block(self, name: str, seconds: float) -> list[float]:
        self.at += seconds
        self.order += name
        return [seconds]


def turns(told: Told, *, pairs_max: int, until: float) -> tuple[int, str]:
    samples = interleaved(
        lambda: told.block("a", 2.0),
        lambda: told.block("b", 3.0),
        pairs_max=pairs_max,
        until=until,
        monotonic=lambda: told.at,
    )
    assert (len(samples.ours), len(samples.peer)) == (samples.pairs, samples.pairs)
    return samples.pairs, told.order


def test_both_sides_take_turns_up_to_the_number_asked_for() -> None:
    assert turns(Told(), pairs_max=3, until=100.0) == (3, "bababa")


def test_no_pair_begins_that_would_likely_end_too_late() -> None:
    assert turns(Told(), pairs_max=9, until=14.0) == (2, "baba")


def test_one_pair_is_measured_however_late_it_is() -> None:
    assert turns(Told(), pairs_max=9, until=0.0) == (1, "ba")


def test_a_taken_port_is_an_error() -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        with pytest.raises(PortTaken):
            check_free(*free_ports(1), listener.getsockname()[1])


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    held = Processes(tmp_path)
    yield held
    held.down()


def test_a_process_that_ended_is_named_with_the_end_of_its_log(processes: Processes, tmp_path: Path) -> None:
    processes.start("short-lived", (sys.executable, "-S", "-c", "raise SystemExit('told why')"), {}, cwd=tmp_path)
    processes.running["short-lived"].wait()
    with pytest.raises(ProcessEnded, match="short-lived ended with 1:\ntold why"):
        processes.check()


def test_the_work_of_what_a_process_started_counts_as_its_own(processes: Processes, tmp_path: Path) -> None:
    spend = "import time\nwhile time.process_time() < 0.1: pass"
    script = f"import subprocess, sys, time; subprocess.run([sys.executable, '-S', '-c', {spend!r}]); time.sleep(60)"
    processes.start("parent", (sys.executable, "-S", "-c", script), {}, cwd=tmp_path)
    until(lambda: processes.cpu_seconds() >= 0.1, seconds=30, what="no work was seen", every_seconds=0.02)


def test_everything_that_was_started_has_ended(processes: Processes, tmp_path: Path) -> None:
    processes.start("sleeper", (sys.executable, "-S", "-c", "import time; time.sleep(60)"), {}, cwd=tmp_path)
    processes.check()
    process = processes.running["sleeper"]
    processes.down()
    assert process.returncode is not None
    assert processes.running == {}
