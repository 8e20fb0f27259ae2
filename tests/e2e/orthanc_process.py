"""Orthanc as a PACS beside a node: started on free ports, spoken to by its REST interface, ended with its block."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from programs import needed
from waiting import patient

from deploy.demo.processes import free_ports

TITLE = "ORTHANC"


@dataclass(frozen=True)
class Orthanc:
    """One running Orthanc."""

    dicom_port: int
    rest: httpx.Client

    def json(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a request that must succeed."""
        answer = self.rest.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    def keep(self, film: bytes) -> str:
        """Orthanc has the film; its own name for it."""
        answer = self.rest.post("/instances", content=film)
        assert answer.is_success, answer.text
        return str(answer.json()["ID"])


@contextmanager
def orthanc_with(modality: dict[str, Any], *, dicom_port: int | None = None, **settings: Any) -> Iterator[Orthanc]:
    """Orthanc runs; it knows the node as `node`."""
    needed(("Orthanc", "orthanc"))
    port, http = free_ports(2)
    port = dicom_port or port
    with tempfile.TemporaryDirectory() as room:
        written = {
            "Name": "pacs", "StorageDirectory": f"{room}/db", "IndexDirectory": f"{room}/db", "Plugins": [],
            "HttpPort": http, "RemoteAccessAllowed": False, "DicomPort": port, "DicomAet": TITLE,
            "DicomAlwaysAllowStore": True, "DicomModalities": {"node": modality}, **settings,
        }  # fmt: skip
        (Path(room) / "orthanc.json").write_text(json.dumps(written), encoding="utf-8")
        environment = {**os.environ, "TCP_NODELAY": "1"}
        with (
            (Path(room) / "log").open("wb") as log,
            subprocess.Popen(["Orthanc", f"{room}/orthanc.json"], stdout=log, stderr=log, env=environment) as serving,
            # Orthanc drops a line that waited, which a request just sent on it does not survive: each has its own.
            httpx.Client(
                base_url=f"http://127.0.0.1:{http}",
                timeout=patient(60),
                trust_env=False,
                limits=httpx.Limits(max_keepalive_connections=0),
            ) as rest,
        ):
            try:
                _until_it_answers(rest, Path(room) / "log")
                yield Orthanc(port, rest)
            finally:
                serving.terminate()


def _until_it_answers(rest: httpx.Client, log: Path) -> None:
    end = time.monotonic() + patient(60)
    while True:
        try:
            rest.get("/system").raise_for_status()
        except httpx.HTTPError:
            assert time.monotonic() < end, log.read_text(errors="replace")[-2000:]
            time.sleep(0.3)
        else:
            return
