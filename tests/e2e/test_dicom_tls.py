"""A running node's DICOM port over TLS, spoken to by Orthanc, and by dcmtk's storescu in the profiles it knows."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.node_process import PEER, NodeProcess, Signed
from e2e.orthanc_process import orthanc_with
from fakes.certificates import HospitalAuthority
from fakes.instances import dataset, dicom_file
from programs import needed
from waiting import patient, until

from deploy.demo.processes import free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> HospitalAuthority:
    needed(("storescu", "dcmtk"))
    return HospitalAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def encrypted_port() -> int:
    (port,) = free_ports(1)
    return port


@pytest.fixture(scope="module")
def node(
    hospital: HospitalAuthority, encrypted_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NodeProcess]:
    node = NodeProcess(tmp_path_factory.mktemp("tls") / "home", "TLS hospital", "--language", "en")
    certificate, key = hospital.issue("node")
    with (node.home / "node.toml").open("a", encoding="utf-8") as settings:
        settings.write(
            f'\n[dicom.tls]\nport = {encrypted_port}\ncertificate = "{certificate}"\n'
            f'certificate_key = "{key}"\nauthorities = "{hospital.path}"\n'
        )
    node.start()
    yield node
    node.stop()


@pytest.fixture(scope="module")
def steward(node: NodeProcess) -> Iterator[Signed]:
    with Signed(node.address, node.add_person("steward", "steward")) as signed:
        yield signed


def sent(port: int, film: Path, *options: str) -> int:
    command = ["storescu", *options, "-to", "5", "-aet", PEER, "-aec", "INTRAMUROS", "127.0.0.1", str(port), str(film)]
    return subprocess.run(command, capture_output=True, timeout=patient(30), check=False).returncode


@pytest.mark.parametrize("profile", ["+px", "+py", "+pz"])
def test_storescu_sends_over_tls_in_every_profile_of_bcp_195(
    steward: Signed, hospital: HospitalAuthority, encrypted_port: int, tmp_path: Path, profile: str
) -> None:
    film = tmp_path / "film.dcm"
    film.write_bytes(dicom_file(dataset(f"1.2.3.{ord(profile[-1])}")))
    certificate, key = hospital.issue("storescu")
    before = steward.json("GET", "/api/intake")["received"]
    assert sent(encrypted_port, film, "+tls", str(key), str(certificate), "+cf", str(hospital.path), profile) == 0
    until(lambda: steward.json("GET", "/api/intake")["received"] == before + 1, 10, "the film's row")


def test_storescu_without_a_certificate_or_without_tls_is_not_served(
    node: NodeProcess, hospital: HospitalAuthority, encrypted_port: int, tmp_path: Path
) -> None:
    film = tmp_path / "film.dcm"
    film.write_bytes(dicom_file(dataset("1.2.3.9999")))
    assert sent(encrypted_port, film, "+tla", "+cf", str(hospital.path)) != 0
    assert sent(encrypted_port, film) != 0
    assert sent(node.dicom_port, film) == 0


def test_orthanc_sends_over_tls_with_a_certificate_of_its_own(
    steward: Signed, hospital: HospitalAuthority, encrypted_port: int
) -> None:
    certificate, key = hospital.issue("orthanc")
    known = {"AET": "INTRAMUROS", "Host": "127.0.0.1", "Port": encrypted_port, "LocalAet": PEER, "UseDicomTls": True}
    files: dict[str, Any] = {
        "DicomTlsCertificate": str(certificate),
        "DicomTlsPrivateKey": str(key),
        "DicomTlsTrustedCertificates": str(hospital.path),
    }
    with orthanc_with(known, **files) as orthanc:
        film = orthanc.keep(dicom_file(dataset("1.2.3.7777")))
        before = steward.json("GET", "/api/intake")["received"]
        orthanc.json("POST", "/modalities/node/store", {"Resources": [film], "Synchronous": True})
        until(lambda: steward.json("GET", "/api/intake")["received"] == before + 1, 10, "the film's row")


def test_a_new_authority_counts_at_the_next_association_without_a_restart(
    node: NodeProcess, hospital: HospitalAuthority, encrypted_port: int, tmp_path: Path
) -> None:
    film = tmp_path / "film.dcm"
    film.write_bytes(dicom_file(dataset("1.2.3.8888")))
    former_certificate, former_key = hospital.issue("before")
    former = ("+tls", str(former_key), str(former_certificate))
    assert sent(encrypted_port, film, *former, "+cf", str(hospital.path)) == 0
    (tmp_path / "new").mkdir()
    successor = HospitalAuthority(tmp_path / "new", "Successor")
    new_certificate, new_key = successor.issue("storescu")
    own_certificate, own_key = successor.issue("node")
    settings = tomllib.loads((node.home / "node.toml").read_text(encoding="utf-8"))["dicom"]["tls"]
    former_files = {
        name: Path(settings[name]).read_bytes() for name in ("certificate", "certificate_key", "authorities")
    }
    for source, name in (
        (own_certificate, "certificate"),
        (own_key, "certificate_key"),
        (successor.path, "authorities"),
    ):
        Path(settings[name]).write_bytes(source.read_bytes())
    new = ("+tls", str(new_key), str(new_certificate))
    try:
        assert sent(encrypted_port, film, *new, "+cf", str(successor.path)) == 0
        assert sent(encrypted_port, film, *former, "+cf", str(successor.path)) != 0
    finally:
        for name, contents in former_files.items():
            Path(settings[name]).write_bytes(contents)
