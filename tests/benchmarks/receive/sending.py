"""The sender of every run, the same for every receiver: dcmtk's storescu, one process for each association."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.interleaved import LOOPBACK
from benchmarks.receive.receivers import AE_TITLE, LONGEST_PDU, Receiver, program, receiving
from waiting import until


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took: seconds until every instance was answered and indexed, CPU seconds of the receiver."""

    count: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        """Instances a second."""
        return self.count / self.seconds

    @property
    def cpu_each(self) -> float:
        """CPU seconds an instance."""
        return self.cpu_seconds / self.count


def one_run(receiver: Receiver, work: Path, associations: Sequence[Sequence[Path]]) -> Run:
    """Every folder of every association was sent to a receiver on an empty store, and nothing was lost."""
    count = sum(1 for folders in associations for folder in folders for _ in folder.iterdir())
    os.sync()
    with receiving(receiver, work) as (processes, port):
        time.sleep(0.5)
        before, began = processes.cpu_seconds(), time.perf_counter()
        senders = [_sender(port, folders) for folders in associations]
        told = [sender.communicate()[1] for sender in senders]
        assert not any(sender.returncode for sender in senders), told[0][-2000:]
        until(lambda: receiver.indexed(work) >= count, seconds=30, what="rows are missing", every_seconds=0.02)
        seconds = time.perf_counter() - began
        processes.check()
        used = processes.cpu_seconds() - before
        assert receiver.indexed(work) == count
    assert used > 0, "another process was measured"
    return Run(count, seconds, used)


def _sender(port: int, folders: Sequence[Path]) -> subprocess.Popen[bytes]:
    pdu = ("-pdu", str(LONGEST_PDU), "--max-send-pdu", str(LONGEST_PDU))
    where = ("-aec", AE_TITLE, *pdu, "+sd", LOOPBACK, str(port))
    return subprocess.Popen(
        [program("storescu", "dcmtk"), "-R", *where, *map(str, folders)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "TCP_NODELAY": "1"},
    )
