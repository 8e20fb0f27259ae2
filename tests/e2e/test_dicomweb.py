"""DICOMweb of a running node with clients nobody here wrote: dicomweb-client, and Orthanc's plugin both ways."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import requests
from dicomweb_client.api import DICOMwebClient
from e2e.node_process import PEER, NodeProcess, Signed
from fakes.instances import dataset, dicom_file
from PIL import Image
from programs import absent
from pydicom import Dataset, dcmread
from pydicom.uid import JPEGLSLossless
from waiting import patient, until

from deploy.demo.processes import free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
REMEDY = "missing: Orthanc's DICOMweb. Remedy: apt-get install orthanc orthanc-dicomweb"
RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)
FILMS = 3


def film(uid: str, study: str, syntax: str | None = None) -> Dataset:
    image = dataset(uid, study=study)
    image.PixelData = RAMP.tobytes()
    if syntax is not None:
        image.compress(syntax, generate_instance_uid=False)
    return dcmread(BytesIO(dicom_file(image)))


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    """Where Orthanc will listen."""
    return dict(zip(("http", "dicom"), free_ports(2), strict=True))


@pytest.fixture(scope="module")
def node(ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    node = NodeProcess(tmp_path_factory.mktemp("dicomweb") / "home", "Web hospital", "--language", "en")
    with (node.home / "node.toml").open("a", encoding="utf-8") as settings:
        url = f"http://127.0.0.1:{ports['http']}/dicom-web"
        settings.write(f'\n[[dicom.web_archives]]\nname = "orthanc-web"\nurl = "{url}"\n')
    node.start()
    yield node
    node.stop()


@pytest.fixture(scope="module")
def steward(node: NodeProcess) -> Iterator[Signed]:
    with Signed(node.address, node.add_person("steward", "steward")) as signed:
        yield signed


@pytest.fixture(scope="module")
def client(node: NodeProcess, steward: Signed) -> Iterator[DICOMwebClient]:
    """dicomweb-client, signed in as the steward."""
    with requests.Session() as session:
        session.trust_env = False
        session.cookies.update(dict(steward.client.cookies.items()))
        session.headers["X-Intramuros-CSRF"] = steward.client.headers["X-Intramuros-CSRF"]
        yield DICOMwebClient(f"{node.address}/api/dicomweb", session=session)


def stored(client: DICOMwebClient, films: list[Dataset]) -> list[dict[str, Any]]:
    """The studies there are once these films were stored and cleaned."""
    before = len(client.search_for_instances())
    answer = client.store_instances(films)
    assert [item.ReferencedSOPInstanceUID for item in answer.ReferencedSOPSequence] == [
        film.SOPInstanceUID for film in films
    ]
    assert "FailedSOPSequence" not in answer
    until(lambda: len(client.search_for_instances()) == before + len(films), 60, "cleaning")
    studies: list[dict[str, Any]] = client.search_for_studies()
    return studies


def place(instance: dict[str, Any]) -> tuple[str, str, str]:
    study, series, uid = (str(instance[key]["Value"][0]) for key in ("0020000D", "0020000E", "00080018"))
    return study, series, uid


def test_dicomweb_client_stores_finds_and_retrieves(client: DICOMwebClient) -> None:
    studies = stored(client, [film(f"1.2.7.{number}", "1.2.7") for number in range(FILMS)])
    study = str(studies[-1]["0020000D"]["Value"][0])
    assert study.startswith("2.25.")
    assert len(client.search_for_instances(study, limit=2)) == 2
    assert len(client.search_for_instances(study, limit=1, get_remaining=True)) == FILMS
    assert len(client.retrieve_study_metadata(study)) == FILMS
    (series,) = client.search_for_series(study)
    uid = str(series["0020000E"]["Value"][0])
    assert [one.PatientIdentityRemoved for one in client.iter_series(study, uid)] == ["YES"] * FILMS
    told = repr(client.retrieve_series_metadata(study, uid)) + repr(client.search_for_instances(fields=["all"]))
    assert [word for word in ("P-77", "Canary", "1.2.7", "홍", "19801224", "20250314") if word in told] == []


def test_dicomweb_client_gets_frames_pictures_and_long_values(client: DICOMwebClient) -> None:
    studies = stored(client, [film("1.2.8.1", "1.2.8"), film("1.2.8.2", "1.2.8", JPEGLSLossless)])
    study = str(studies[-1]["0020000D"]["Value"][0])
    for instance in client.search_for_instances(study, fields=["7FE00010"]):
        where = place(instance)
        octets = (("application/octet-stream", "1.2.840.10008.1.2.1"),)
        (frame,) = client.retrieve_instance_frames(*where, frame_numbers=[1], media_types=octets)
        assert frame == RAMP.tobytes()
        png = client.retrieve_instance_rendered(*where, media_types=("image/png",))
        assert Image.open(BytesIO(png)).size == (16, 16)
        whole = client.retrieve_instance(*where)
        assert whole.SOPInstanceUID == where[2]
        if whole.file_meta.TransferSyntaxUID == JPEGLSLossless:
            kept = (("image/jls", JPEGLSLossless),)
            (frame,) = client.retrieve_instance_frames(*where, frame_numbers=[1], media_types=kept)
            assert frame.startswith(b"\xff\xd8")
        else:
            assert client.retrieve_bulkdata(instance["7FE00010"]["BulkDataURI"]) == [RAMP.tobytes()]


def test_a_stranger_and_a_reader_get_nothing(node: NodeProcess) -> None:
    path = f"{node.address}/api/dicomweb/studies"
    assert httpx.get(path, trust_env=False).status_code == 401
    with Signed(node.address, node.add_person("reader", "reader")) as reader:
        assert reader.client.get("/api/dicomweb/studies").status_code == 403


def test_what_a_modality_sends_is_found_here_too(node: NodeProcess, client: DICOMwebClient, tmp_path: Path) -> None:
    if shutil.which("storescu") is None:
        absent("missing: dcmtk. Remedy: apt-get install dcmtk")
    (tmp_path / "film.dcm").write_bytes(dicom_file(film("1.2.9.1", "1.2.9")))
    before = len(client.search_for_studies())
    command = ["storescu", "-aet", PEER, "-aec", "INTRAMUROS", "127.0.0.1", str(node.dicom_port)]
    subprocess.run([*command, str(tmp_path / "film.dcm")], check=True, timeout=patient(60))
    until(lambda: len(client.search_for_studies()) == before + 1, 60, "cleaning")


class Orthanc:
    """An Orthanc that knows the node's DICOMweb under the name `node`."""

    def __init__(self, port: int) -> None:
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=patient(60))

    def post(self, path: str, body: object) -> Any:
        """The JSON of an answer that must succeed."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.client.post(path, content=content)
        assert answer.is_success, answer.text
        return answer.json()

    def answers(self) -> bool:
        try:
            return self.client.get("/system").is_success
        except httpx.TransportError:
            return False


@pytest.fixture(scope="module")
def orthanc(node: NodeProcess, steward: Signed, ports: dict[str, int]) -> Iterator[Orthanc]:
    if shutil.which("Orthanc") is None or not PLUGIN.exists():
        absent(REMEDY)
    cookies = "; ".join(f"{name}={value}" for name, value in steward.client.cookies.items())
    headers = {"Cookie": cookies, "X-Intramuros-CSRF": steward.client.headers["X-Intramuros-CSRF"]}
    with tempfile.TemporaryDirectory() as room:
        settings = {
            "Name": "pacs", "StorageDirectory": f"{room}/db", "IndexDirectory": f"{room}/db", "HttpPort": ports["http"],
            "DicomPort": ports["dicom"], "RemoteAccessAllowed": False, "Plugins": [str(PLUGIN)],
            "DicomWeb": {
                "Enable": True,
                "Servers": {"node": {"Url": f"{node.address}/api/dicomweb/", "HttpHeaders": headers}},
            },
        }  # fmt: skip
        (Path(room) / "orthanc.json").write_text(json.dumps(settings), encoding="utf-8")
        log = (Path(room) / "log").open("wb")
        with log, subprocess.Popen(["Orthanc", f"{room}/orthanc.json"], stdout=log, stderr=log) as serving:
            orthanc = Orthanc(ports["http"])
            until(orthanc.answers, 60, "Orthanc")
            yield orthanc
            orthanc.client.close()
            serving.terminate()


def test_orthanc_stores_here_and_takes_the_clean_images_back(orthanc: Orthanc, client: DICOMwebClient) -> None:
    before = {place(one) for one in client.search_for_instances()}
    films = [dicom_file(film(f"1.2.10.{number}", "1.2.10")) for number in range(FILMS)]
    kept = [orthanc.post("/instances", one)["ID"] for one in films]
    orthanc.post("/dicom-web/servers/node/stow", {"Resources": kept, "Synchronous": True})
    until(lambda: len(client.search_for_instances()) == len(before) + FILMS, 60, "cleaning")
    clean = {place(one) for one in client.search_for_instances()} - before
    (study,) = {one[0] for one in clean}
    found = orthanc.post("/dicom-web/servers/node/qido", {"Uri": "/studies", "Arguments": {"StudyInstanceUID": study}})
    assert re.search(r"P-[A-Z2-7]{16}", json.dumps(found))
    orthanc.post("/dicom-web/servers/node/retrieve", {"Resources": [{"Study": study}], "Synchronous": True})
    query = {"Level": "Instance", "Query": {"StudyInstanceUID": study}}
    back = orthanc.post("/tools/find", query)
    assert len(back) == FILMS
    image = dcmread(BytesIO(orthanc.client.get(f"/instances/{back[0]}/file").content))
    assert image.PixelData == RAMP.tobytes()
    assert image.PatientIdentityRemoved == "YES"


def test_orthanc_is_pulled_from_by_dicomweb(
    node: NodeProcess, orthanc: Orthanc, client: DICOMwebClient, tmp_path: Path
) -> None:
    films = [film(f"1.2.11.{number}", "1.2.11") for number in range(FILMS)]
    for number, image in enumerate(films):
        image.AccessionNumber, image.StudyID, image.SeriesNumber = "ACC11", "11", 1
        image.InstanceNumber = number
        orthanc.post("/instances", dicom_file(image))
    before = len(client.search_for_studies())
    (tmp_path / "numbers.txt").write_text("ACC11\n", encoding="utf-8")
    node.command("pull", "define", "web", "--source", "orthanc-web", "--accession-file", str(tmp_path / "numbers.txt"))
    node.command("pull", "start", "web")
    until(lambda: node.command("pull", "status", "web")["state"] == "done", 60, "the pull")
    status = node.command("pull", "status", "web")
    assert (status["done"], status["dead"], status["expected"], status["arrived"]) == (1, 0, FILMS, FILMS)
    until(lambda: len(client.search_for_studies()) == before + 1, 60, "cleaning")
