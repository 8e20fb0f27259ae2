"""What receives: our receive process, Orthanc and dcmtk's storescp, each started anew on an empty store for each run.

All have TCP_NODELAY on; dcmtk and Orthanc take that from the environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sqlite3
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from benchmarks.interleaved import LOOPBACK, check_free, free_ports
from benchmarks.measured import ROOT
from benchmarks.processes import Processes
from waiting import patient, until

from node.ground.config import new_config
from node.wiring.beginning import make_home

AE_TITLE: Final = "PROBE"
LONGEST_PDU: Final = 131072
_STARTING_SECONDS: Final = 60.0


class Receiver(Protocol):
    """One kind of receiver."""

    def prepare(self, work: Path, port: int) -> tuple[str, ...]:
        """The command that starts it on an empty store in `work`."""
        ...

    def indexed(self, work: Path) -> int:
        """How many instances it has stored and indexed."""
        ...


class Ours:
    """The process that a node's supervisor starts, in a home of its own."""

    def prepare(self, work: Path, port: int) -> tuple[str, ...]:
        """A new home whose only peer is the sender."""
        dicom = {"ae_title": AE_TITLE, "port": port, "peers": ({"ae_title": "STORESCU"},)}
        make_home(work / "home", new_config({"name": "Bench", "dicom": dicom}))
        return (sys.executable, "-P", "-m", "node.wiring.process", "receive", "--home", str(work / "home"))

    def indexed(self, work: Path) -> int:
        """The rows that wait for cleaning."""
        database = f"file:{work / 'home' / 'intake.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(database, uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM received WHERE state = 'waiting'").fetchone()[0])


class Orthanc:
    """Debian's Orthanc on its own SQLite index, nothing of its web side used but the count."""

    def __init__(self, *, synced: bool) -> None:
        self._synced = synced
        self._http = 0

    def prepare(self, work: Path, port: int) -> tuple[str, ...]:
        """A configuration with defaults but for names, ports, checks of the peer and the length of a PDU."""
        (self._http,) = free_ports(1)
        settings = {
            "Name": "bench",
            "StorageDirectory": str(work / "store"),
            "IndexDirectory": str(work / "store"),
            "DicomAet": AE_TITLE,
            "DicomPort": port,
            "HttpPort": self._http,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomCheckCalledAet": False,
            "DicomAlwaysAllowStore": True,
            "SyncStorageArea": self._synced,
            "MaximumPduLength": LONGEST_PDU,
            "Plugins": [],
        }
        (work / "orthanc.json").write_text(json.dumps(settings))
        return (program("Orthanc", "orthanc"), str(work / "orthanc.json"))

    def indexed(self, work: Path) -> int:
        """What its own statistics say."""
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self._http}/statistics", timeout=patient(10)) as answer:
            return int(json.load(answer)["CountInstances"])


class Storescp:
    """dcmtk's receiver: a process for each association, bytes kept as they come, no index."""

    def prepare(self, work: Path, port: int) -> tuple[str, ...]:
        """An empty folder."""
        (work / "store").mkdir()
        flags = ("--fork", "+B", "-pdu", str(LONGEST_PDU), "-od", str(work / "store"))
        return (program("storescp", "dcmtk"), *flags, str(port))

    def indexed(self, work: Path) -> int:
        """Files; it has no index."""
        return sum(1 for _ in (work / "store").iterdir())


class ProgramMissing(RuntimeError):
    """A peer's program is not installed."""


def program(name: str, package: str) -> str:
    """Where the program is. Raises: ProgramMissing with the remedy."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise ProgramMissing(f"{name} is not installed. Remedy: apt-get install {package}")
    return found


@contextlib.contextmanager
def receiving(receiver: Receiver, work: Path) -> Iterator[tuple[Processes, int]]:
    """The receiver listens on a port; its store is gone afterwards."""
    work.mkdir()
    (port,) = free_ports(1)
    check_free(port)
    command, processes = receiver.prepare(work, port), Processes(work)
    environment = {**os.environ, "TCP_NODELAY": "1", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    try:
        processes.start("receiver", command, environment, cwd=work)
        until(lambda: _listens(port, processes), seconds=_STARTING_SECONDS, what="no receiver", every_seconds=0.05)
        yield processes, port
    finally:
        processes.down()
        shutil.rmtree(work, ignore_errors=True)  # what a process that just ended still removes is gone either way


def _listens(port: int, processes: Processes) -> bool:
    processes.check()
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=1):
        return True
    return False
