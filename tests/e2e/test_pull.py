"""A running node fetches from PACS nobody here wrote: dcmtk's dcmqrscp and Orthanc, by C-MOVE and by C-GET."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from e2e.node_process import NodeProcess
from fakes.instances import dataset, dicom_file
from programs import needed
from pydicom import dcmread
from waiting import patient, until

from deploy.demo.processes import free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
STUDIES, FILMS = 3, 2
WAYS = [(pacs, way) for pacs in ("dcmtk", "orthanc") for way in ("move", "get")]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each study."""
    folder = tmp_path_factory.mktemp("films")
    for study in range(1, STUDIES + 1):
        (folder / str(study)).mkdir()
        for number in range(1, FILMS + 1):
            image = dataset(f"1.2.{study}.{number}", study=f"1.2.{study}")
            image.AccessionNumber, image.StudyID, image.StudyTime = f"ACC{study}", str(study), "101112"
            image.SeriesNumber, image.InstanceNumber = 1, number
            (folder / str(study) / f"{number}.dcm").write_bytes(dicom_file(image))
    return folder


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return dict(zip(("dcmtk", "orthanc", "http"), free_ports(3), strict=True))


@pytest.fixture(scope="module")
def node(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    peers = ("--peer", "DCMQR", "--peer", "ORTHANC")
    node = NodeProcess(tmp_path_factory.mktemp("pull") / "home", "Pull hospital", "--language", "en", *peers)
    titles = {"dcmtk": "DCMQR", "orthanc": "ORTHANC"}
    with (node.home / "node.toml").open("a", encoding="utf-8") as settings:
        for pacs, way in WAYS:
            settings.write(
                f'\n[[dicom.sources]]\nname = "{pacs}-{way}"\nae_title = "{titles[pacs]}"\nhost = "127.0.0.1"\n'
                f'port = {ports[pacs]}\nretrieve = "{way}"\nat_once = 2\n'
            )
    node.start()
    yield node
    node.stop()


def listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def dcmtk(node: NodeProcess, ports: dict[str, int], films: Path) -> Iterator[None]:
    """dcmqrscp with the films in it; it knows where the node listens."""
    needed(("dcmqrscp", "dcmtk"), ("storescu", "dcmtk"))
    with tempfile.TemporaryDirectory() as room:
        (Path(room) / "db").mkdir()
        settings = Path(room) / "dcmqrscp.cfg"
        settings.write_text(
            f"NetworkTCPPort = {ports['dcmtk']}\nMaxPDUSize = 16384\nMaxAssociations = 16\n"
            f"HostTable BEGIN\nnode = (INTRAMUROS, 127.0.0.1, {node.dicom_port})\nHostTable END\n"
            "VendorTable BEGIN\nVendorTable END\n"
            f"AETable BEGIN\nDCMQR {room}/db RW (200, 1024mb) ANY\nAETable END\n"
        )
        with subprocess.Popen(["dcmqrscp", "-c", str(settings)]) as serving:
            until(lambda: listens(ports["dcmtk"]), 60, "dcmqrscp")
            send(ports["dcmtk"], "DCMQR", films)
            yield
            serving.terminate()


@pytest.fixture(scope="module")
def orthanc(node: NodeProcess, ports: dict[str, int], films: Path) -> Iterator[None]:
    """Orthanc with the films in it; it knows where the node listens."""
    needed(("Orthanc", "orthanc"), ("storescu", "dcmtk"))
    with tempfile.TemporaryDirectory() as room:
        settings = {
            "Name": "pacs", "StorageDirectory": f"{room}/db", "IndexDirectory": f"{room}/db", "Plugins": [],
            "HttpPort": ports["http"], "RemoteAccessAllowed": False, "DicomPort": ports["orthanc"],
            "DicomAet": "ORTHANC", "DicomAlwaysAllowStore": True, "DicomAlwaysAllowFind": True,
            "DicomAlwaysAllowGet": True, "DicomAlwaysAllowMove": True,
            "DicomModalities": {"node": ["INTRAMUROS", "127.0.0.1", node.dicom_port]},
        }  # fmt: skip
        (Path(room) / "orthanc.json").write_text(json.dumps(settings), encoding="utf-8")
        log = (Path(room) / "log").open("wb")
        with log, subprocess.Popen(["Orthanc", f"{room}/orthanc.json"], stdout=log, stderr=log) as serving:
            until(lambda: listens(ports["orthanc"]), 60, "Orthanc")
            send(ports["orthanc"], "ORTHANC", films)
            yield
            serving.terminate()


def send(port: int, title: str, films: Path) -> None:
    command = ["storescu", "-aet", "MODALITY", "-aec", title, "+sd", "+r", "127.0.0.1", str(port), str(films)]
    subprocess.run(command, check=True, timeout=patient(60), env={**os.environ, "TCP_NODELAY": "1"})


def pulled(node: NodeProcess, name: str, *query: str) -> dict[str, int | str]:
    """How the pull stands once it is done."""
    node.command("pull", "define", name, "--source", name, *query)
    node.command("pull", "start", name)
    stood: dict[str, int | str] = {}

    def done() -> bool:
        stood.update(node.command("pull", "status", name))
        return stood["state"] == "done"

    until(done, 60, f"the end of {name}", every_seconds=1)
    return stood


@pytest.mark.parametrize(("way", "study"), [("move", 1), ("get", 2)])
def test_dcmtks_dcmqrscp_is_pulled_from(node: NodeProcess, dcmtk: None, films: Path, way: str, study: int) -> None:
    numbers = films.parent / f"{way}.txt"
    numbers.write_text(f"ACC{study}\n", encoding="utf-8")
    status = pulled(node, f"dcmtk-{way}", "--accession-file", str(numbers))
    assert (status["done"], status["dead"], status["expected"], status["arrived"]) == (1, 0, FILMS, FILMS)


@pytest.mark.parametrize("way", ["move", "get"])
def test_orthanc_is_pulled_from(node: NodeProcess, orthanc: None, films: Path, way: str) -> None:
    query = ("--from", "2025-03-14", "--to", "2025-03-14", "--modality", "CR", "--body-part", "CHEST")
    status = pulled(node, f"orthanc-{way}", *query)
    assert (status["done"], status["dead"]) == (STUDIES, 0)
    assert status["expected"] == status["arrived"] == STUDIES * FILMS


def scu(program: str, port: int, *options: str) -> str:
    """What one of dcmtk's clients says of its question to dcmqrscp about the last study."""
    needed((program, "dcmtk"))
    asked = ["-S", "-k", f"StudyInstanceUID=1.2.{STUDIES}", *options]
    command = [program, "-v", "-aet", "MODALITY", "-aec", "DCMQR", *asked, "127.0.0.1", str(port)]
    done = subprocess.run(command, check=True, timeout=patient(60), capture_output=True, text=True)
    return done.stdout + done.stderr


def test_dcmtks_own_clients_find_get_and_move_the_same_images(
    node: NodeProcess, dcmtk: None, ports: dict[str, int], tmp_path: Path
) -> None:
    uids = {f"1.2.{STUDIES}.{number}" for number in range(1, FILMS + 1)}
    (tmp_path / "found").mkdir()
    (tmp_path / "got").mkdir()
    image = ("-k", "QueryRetrieveLevel=IMAGE", "-k", "SOPInstanceUID", "-k", f"SeriesInstanceUID=1.2.{STUDIES}.1")
    scu("findscu", ports["dcmtk"], "-X", "-od", str(tmp_path / "found"), *image)
    assert {str(dcmread(path).SOPInstanceUID) for path in (tmp_path / "found").iterdir()} == uids
    scu("getscu", ports["dcmtk"], "-od", str(tmp_path / "got"), "-k", "QueryRetrieveLevel=STUDY")
    assert {str(dcmread(path).SOPInstanceUID) for path in (tmp_path / "got").iterdir()} == uids
    moved = scu("movescu", ports["dcmtk"], "-d", "-aem", "INTRAMUROS", "-k", "QueryRetrieveLevel=STUDY")
    assert re.search(rf"Completed Suboperations\s*: {FILMS}\b", moved), moved
    assert "Sub-operations complete - No failures or warnings" in moved
