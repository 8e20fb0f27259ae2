"""The authority and its server certificates, checked by a client of the standard library."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from pathlib import Path

import pytest

from coordinator.ground.certificates import HostsMissing, issue_server_certificate, make_authority, write_private

NOW = datetime.datetime.now(datetime.UTC)


def handshake(certificate: Path, key: Path, trust: ssl.SSLContext, name: str) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(certificate, key)
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            served.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    server = threading.Thread(target=serve)
    server.start()
    try:
        with trust.wrap_socket(ours, server_hostname=name):
            pass
    finally:
        server.join(timeout=5)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    authority = make_authority("Test authority", now=NOW)
    server = issue_server_certificate(authority, ["localhost", "127.0.0.1"], now=NOW)
    (tmp_path / "ca.pem").write_bytes(authority.certificate_pem)
    (tmp_path / "server.pem").write_bytes(server.certificate_pem)
    write_private(tmp_path / "server.key", server.key_pem)
    return tmp_path


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_a_client_that_believes_the_authority_believes_the_server(home: Path, name: str) -> None:
    handshake(home / "server.pem", home / "server.key", ssl.create_default_context(cafile=str(home / "ca.pem")), name)


def test_a_server_of_another_name_is_not_believed(home: Path) -> None:
    trust = ssl.create_default_context(cafile=str(home / "ca.pem"))
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(home / "server.pem", home / "server.key", trust, "elsewhere.example")


def test_a_server_of_another_authority_is_not_believed(home: Path) -> None:
    other = make_authority("Test authority", now=NOW)
    trust = ssl.create_default_context(cadata=other.certificate_pem.decode())
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(home / "server.pem", home / "server.key", trust, "localhost")


def test_a_private_file_is_its_owners_alone_and_never_overwritten(home: Path) -> None:
    assert (home / "server.key").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_private(home / "server.key", b"other")


def test_a_certificate_for_no_host_is_refused() -> None:
    with pytest.raises(HostsMissing):
        issue_server_certificate(make_authority("x", now=NOW), [], now=NOW)
