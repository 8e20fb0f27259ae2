"""The peer: Debian's Orthanc with its DICOMweb plugin, index in SQLite, durable storage on, given the same files."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import httpx
from benchmarks.dicomweb.asking import Side
from benchmarks.interleaved import LOOPBACK, check_free, free_ports
from benchmarks.processes import Processes
from programs import absent
from waiting import patient, until

PLUGIN: Final = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
_REMEDY: Final = "Orthanc's DICOMweb is not installed. Remedy: apt-get install orthanc orthanc-dicomweb"


class Orthanc:
    """One Orthanc in `work`."""

    def __init__(self, work: Path) -> None:
        self._work = work
        work.mkdir()
        self._processes = Processes(work)
        self._dicom, self._http = free_ports(2)

    @property
    def side(self) -> Side:
        """Where it is asked."""
        return Side(self._http, "/dicom-web", {})

    def start(self) -> None:
        """It answers."""
        check_free(self._dicom, self._http)
        settings = {
            "Name": "bench", "StorageDirectory": str(self._work / "kept"), "IndexDirectory": str(self._work / "index"),
            "DicomPort": self._dicom, "HttpPort": self._http, "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False, "SyncStorageArea": True, "TcpNoDelay": True, "KeepAlive": True,
            "Plugins": [str(PLUGIN)], "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        }  # fmt: skip
        (self._work / "orthanc.json").write_text(json.dumps(settings))
        self._processes.start(
            "orthanc", ["Orthanc", str(self._work / "orthanc.json")], dict(os.environ), cwd=self._work
        )
        until(self._answers, seconds=30, what="Orthanc does not answer")

    def take(self, files: Sequence[bytes]) -> None:
        """It holds these files."""
        with httpx.Client(base_url=f"http://{LOOPBACK}:{self._http}", trust_env=False, timeout=patient(60)) as client:
            for file in files:
                client.post("/instances", content=file).raise_for_status()

    def down(self) -> None:
        """It has ended."""
        self._processes.down()

    def _answers(self) -> bool:
        self._processes.check()
        try:
            return httpx.get(f"http://{LOOPBACK}:{self._http}/system", trust_env=False).is_success
        except httpx.TransportError:
            return False


def needed() -> None:
    """Skipped with the remedy where it is not installed; in CI that is a failure."""
    if shutil.which("Orthanc") is not None and PLUGIN.exists():
        return
    absent(_REMEDY)


@contextlib.contextmanager
def running_orthanc(work: Path) -> Iterator[Orthanc]:
    """An Orthanc that answers; down again afterwards."""
    needed()
    orthanc = Orthanc(work)
    try:
        orthanc.start()
        yield orthanc
    finally:
        orthanc.down()
