"""The DICOM port behind TLS: who gets through the door, and certificates that change while it stands open."""

import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes.certificates import HospitalAuthority
from fakes.instances import COMPUTED_RADIOGRAPHY, dataset
from fakes.receiving_node import intake_ground
from pynetdicom import AE
from pynetdicom.association import Association
from waiting import patient

from node.edges.dicom import connections, tls
from node.edges.dicom.rejection import rejection
from node.edges.dicom.server import ReceiveServer
from node.edges.dicom.tls import CertificateUnusable, TlsDoor, context
from node.flows.receive import Receiving
from node.ground.config import Dicom, DicomPeer, DicomTls, TlsProfile
from node.ground.texts import Language
from node.storage.intake_overview import IntakeOverview
from node.storage.intake_parts import IntakeGround, receive_parts

PEERS = (DicomPeer(ae_title="CT3", tls_required=True),)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> HospitalAuthority:
    return HospitalAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> HospitalAuthority:
    return HospitalAuthority(tmp_path_factory.mktemp("others"), "Somebody else")


@pytest.fixture
def settings(hospital: HospitalAuthority, tmp_path: Path) -> DicomTls:
    certificate, key = hospital.issue("node")
    return DicomTls(
        port=free_port(), authorities=Path(shutil.copy(hospital.path, tmp_path / "authorities.pem")),
        certificate=Path(shutil.copy(certificate, tmp_path)), certificate_key=Path(shutil.copy(key, tmp_path)),
    )  # fmt: skip


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[IntakeGround]:
    ground = intake_ground(tmp_path / "home")
    yield ground
    ground.engine.dispose()


Serve = Callable[[DicomTls], ReceiveServer]


@pytest.fixture
def serve(ground: IntakeGround) -> Iterator[Serve]:
    started: list[ReceiveServer] = []

    def start(settings: DicomTls) -> ReceiveServer:
        config = Dicom(port=free_port(), peers=PEERS, free_space_reserve_mib=1, tls=settings)
        server = ReceiveServer(config, Receiving(receive_parts(ground, config)), TlsDoor(settings))
        server.start()
        started.append(server)
        return server

    yield start
    for server in started:
        server.stop()


def peer(signer: HospitalAuthority, believed: HospitalAuthority) -> ssl.SSLContext:
    certificate, key = signer.issue("CT3")
    shown = DicomTls(authorities=believed.path, certificate=certificate, certificate_key=key)
    return context(shown, server=False)


def associate(server: ReceiveServer, encrypted: ssl.SSLContext | None) -> Association:
    entity = AE("CT3")
    entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = entity.connection_timeout = 5
    entity.add_requested_context(COMPUTED_RADIOGRAPHY)
    # pynetdicom says str, the socket takes None: no name is checked here.
    named = None if encrypted is None else (encrypted, None)
    return entity.associate("127.0.0.1", server.port, ae_title="INTRAMUROS", tls_args=named)  # type: ignore[arg-type]  # see above


@pytest.mark.parametrize("profile", TlsProfile)
def test_an_image_sent_over_tls_by_a_known_certificate_is_kept(
    serve: Serve, settings: DicomTls, hospital: HospitalAuthority, ground: IntakeGround, profile: TlsProfile
) -> None:
    server = serve(settings.model_copy(update={"profile": profile}))
    association = associate(server, peer(hospital, hospital))
    image = dataset("1.2.3.4")
    image.PixelData = bytes(1 << 20)
    assert association.send_c_store(image).Status == 0x0000
    association.release()
    server.stop()
    assert IntakeOverview(ground.engine).counts().waiting == 1


def test_a_certificate_of_another_authority_gets_no_association(
    serve: Serve, settings: DicomTls, hospital: HospitalAuthority, others: HospitalAuthority
) -> None:
    assert not associate(serve(settings), peer(others, hospital)).is_established


def test_a_peer_without_a_certificate_or_without_tls_gets_no_association(
    serve: Serve, settings: DicomTls, hospital: HospitalAuthority
) -> None:
    server = serve(settings)
    anonymous = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anonymous.check_hostname = False
    anonymous.load_verify_locations(hospital.path)
    assert not associate(server, anonymous).is_established
    assert not associate(server, None).is_established


def test_a_peer_that_must_use_tls_is_rejected_on_the_open_port(ground: IntakeGround) -> None:
    config = Dicom(port=free_port(), peers=PEERS, free_space_reserve_mib=1)
    server = ReceiveServer(config, Receiving(receive_parts(ground, config)))
    server.start()
    assert rejection(associate(server, None))
    server.stop()


def handshake(server: ReceiveServer, offered: ssl.SSLContext) -> ssl.SSLSocket:
    line = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    try:
        return offered.wrap_socket(line)
    except OSError:
        line.close()
        raise


@pytest.mark.parametrize("suite", ["AES256-GCM-SHA384", "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA"])
@pytest.mark.parametrize("profile", TlsProfile)
def test_what_has_no_forward_secrecy_or_no_authenticated_encryption_is_not_spoken(
    serve: Serve, settings: DicomTls, hospital: HospitalAuthority, suite: str, profile: TlsProfile
) -> None:
    offered = peer(hospital, hospital)
    offered.maximum_version = ssl.TLSVersion.TLSv1_2
    offered.set_ciphers(f"{suite}:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        handshake(serve(settings.model_copy(update={"profile": profile})), offered)


def test_nothing_below_tls_1_2_is_spoken(serve: Serve, settings: DicomTls, hospital: HospitalAuthority) -> None:
    offered = peer(hospital, hospital)
    offered.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        offered.minimum_version = offered.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        handshake(serve(settings), offered)


def shown_by(server: ReceiveServer, offered: ssl.SSLContext) -> bytes:
    with handshake(server, offered) as line:
        return line.getpeercert(binary_form=True) or b""


def test_a_new_certificate_is_shown_to_the_next_peer_without_a_restart(
    serve: Serve, settings: DicomTls, hospital: HospitalAuthority
) -> None:
    server, offered = serve(settings), peer(hospital, hospital)
    first = shown_by(server, offered)
    certificate, key = hospital.issue("node")
    shutil.copy(certificate, settings.certificate)
    assert shown_by(server, offered) == first  # half a change cannot be used: the former pair stays
    shutil.copy(key, settings.certificate_key)
    assert shown_by(server, offered) not in {first, b""}


def test_an_authority_that_is_no_longer_believed_lets_nobody_in_any_more(
    serve: Serve, settings: DicomTls, hospital: HospitalAuthority, others: HospitalAuthority
) -> None:
    server, offered = serve(settings), peer(hospital, hospital)
    association = associate(server, offered)
    assert association.is_established
    association.release()
    shutil.copy(others.path, settings.authorities)
    assert not associate(server, offered).is_established


def test_a_peer_that_never_shakes_hands_is_hung_up_on(
    serve: Serve, settings: DicomTls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "HANDSHAKE_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", serve(settings).port), timeout=5) as line:
        line.sendall(b"\x16\x03\x01")
        assert line.recv(1) == b""


def test_a_peer_gets_through_a_flood_of_connections_that_never_shake_hands(
    serve: Serve, settings: DicomTls, hospital: HospitalAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "HANDSHAKE_SECONDS", 3600.0)
    monkeypatch.setattr(connections, "HANGING_UP_SECONDS", patient(60))
    server = serve(settings)
    flood = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(connections.MOST_UNHEARD)]
    try:
        association = associate(server, peer(hospital, hospital))
        assert association.is_established
        association.release()
    finally:
        for silent in flood:
            silent.close()


def test_files_that_cannot_be_used_are_refused_at_the_start_in_both_languages(
    settings: DicomTls, hospital: HospitalAuthority
) -> None:
    _, foreign_key = hospital.issue("foreign")
    for changed in (
        {"certificate": Path("/nowhere/node.crt")}, {"certificate_key": foreign_key},
        {"authorities": foreign_key}, {"certificate": foreign_key},
    ):  # fmt: skip
        with pytest.raises(CertificateUnusable, match=r"\[dicom\.tls\]") as refused:
            TlsDoor(settings.model_copy(update=changed))
        assert "node.toml의 [dicom.tls]" in refused.value.public_text(Language.KO)
