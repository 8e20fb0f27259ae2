"""DICOM over TLS: both sides show a certificate, nothing below TLS 1.2 is spoken, no port answers with and without.

Profiles: BCP 195 (PS3.15 B.12: the suites RFC 9325 section 4.2 recommends) and modified BCP 195 (B.13: its suites of
TLS 1.2, as many as OpenSSL has). Both have forward secrecy and authenticated encryption only, so there is nothing to
downgrade to. Certificates are read again when a file changes, at the next connection; new ones that cannot be used
leave the old ones in place, and the log says so once.
"""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Mapping
from time import monotonic
from typing import Any, Final

from node.edges.dicom.connections import PeerConnection
from node.ground.config import DicomTls, TlsProfile
from node.ground.faults import system_fault
from node.ground.logs import log
from node.ground.told import Phrase, Told

HANDSHAKE_SECONDS: Final = 10.0
_SUITES: Final[Mapping[TlsProfile, str]] = {
    TlsProfile.BCP_195: "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=2",
    TlsProfile.MODIFIED_BCP_195: ":".join(
        (
            "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES256-CCM",
            "ECDHE-ECDSA-AES256-CCM8", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
            "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM",
            "ECDHE-ECDSA-AES128-CCM8", "@SECLEVEL=2",
        )
    ),
}  # fmt: skip
_Stamp = tuple[tuple[int, int, int], ...]


class CertificateUnusable(Told):
    """A file that DICOM over TLS needs cannot be read, or does not hold what it is for."""

    text_key = "ground.dicom_certificate_unusable"


class EncryptedConnection(PeerConnection):
    """A connection that is nobody's before its handshake."""

    def __init__(self, door: TlsDoor, *accepted: Any) -> None:
        self._door = door
        super().__init__(*accepted)

    def handle(self) -> None:
        """As any connection, once the peer has shown its certificate; the log says no more than that it did not."""
        try:
            self.request = self._door.secured(self.request)
        except OSError as error:
            log().warning("connection dropped", state="tls handshake", error_type=type(error).__name__)
            self.server.shutdown_request(self.request)
            return
        super().handle()


class TlsDoor:
    """Turns accepted connections into encrypted ones of peers whose certificate the hospital's authority signed.

    Raises:
        CertificateUnusable: at the start there is no certificate to begin with.
    """

    def __init__(self, config: DicomTls) -> None:
        self._config = config
        self._stamp = self._stamped()
        self._context = context(config, server=True)

    def secured(self, connection: socket.socket) -> ssl.SSLSocket:
        """The connection after its handshake.

        Raises:
            OSError: the peer speaks no TLS that we do, shows no certificate of the authority, or takes too long.
        """
        encrypted = self._fresh_context().wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        try:
            _shake_hands(encrypted)
        except OSError:
            encrypted.close()
            raise
        return encrypted

    def _fresh_context(self) -> ssl.SSLContext:
        """The context of the files as they are now, or of the last ones that could be used."""
        try:
            stamp = self._stamped()
            if stamp != self._stamp:
                self._stamp = stamp
                self._context = context(self._config, server=True)
                log().info("dicom certificates read again")
        except CertificateUnusable:
            log().warning("dicom certificates unusable", reason="former_ones_stay")
        return self._context

    def _stamped(self) -> _Stamp:
        """What changes when a file is written or replaced."""
        found = []
        for path in (self._config.certificate, self._config.certificate_key, self._config.authorities):
            try:
                status = path.stat()
            except OSError as error:
                raise CertificateUnusable(file=path, reason=system_fault(error)) from None
            found.append((status.st_mtime_ns, status.st_size, status.st_ino))
        return tuple(found)


def context(config: DicomTls, *, server: bool) -> ssl.SSLContext:
    """What one side of a connection holds the other to.

    Raises:
        CertificateUnusable: naming the file.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False  # PACS certificates name AE titles or nothing; the authority is the hospital's own
    made.verify_mode = ssl.CERT_REQUIRED
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    made.set_ciphers(_SUITES[config.profile])
    try:
        made.load_verify_locations(config.authorities)
    except OSError as error:  # ssl.SSLError is one
        raise CertificateUnusable(file=config.authorities, reason=_fault(error)) from None
    try:
        made.load_cert_chain(config.certificate, config.certificate_key, password=_no_password)
    except (OSError, ValueError) as error:
        raise CertificateUnusable(file=config.certificate, reason=_fault(error)) from None
    return made


def _no_password() -> str:
    raise ValueError("the key is locked with a password")


def _fault(error: Exception) -> Phrase:
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        return system_fault(error)
    return Phrase("ground.dicom_certificate_no_pair")


def _shake_hands(connection: ssl.SSLSocket) -> None:
    """Both sides trust each other; a peer that drips its bytes gets no more time than one that says nothing."""
    end = monotonic() + HANDSHAKE_SECONDS
    connection.setblocking(False)
    while True:
        try:
            connection.do_handshake()
        except ssl.SSLWantReadError:
            ready = select.select([connection], [], [], max(end - monotonic(), 0))[0]
        except ssl.SSLWantWriteError:
            ready = select.select([], [connection], [], max(end - monotonic(), 0))[1]
        else:
            return
        if not ready:
            raise TimeoutError
