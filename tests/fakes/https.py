"""A coordinator's interface on loopback HTTPS, with an authority of its own; what it answers is the test's."""

from __future__ import annotations

import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from coordinator.ground.certificates import Authority, issue_server_certificate, make_authority


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class PlayedCoordinator:
    """Where it listens, whom one must believe to reach it, and what arrived."""

    address: str
    authority_pem: str
    answer: Callable[[Asked], tuple[int, bytes]]
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def coordinator_over_https(answer: Callable[[Asked], tuple[int, bytes]]) -> Iterator[PlayedCoordinator]:
    """A server that answers each request with a status and a body."""
    authority = make_authority("Test authority", now=datetime.now(UTC))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's own name
            return

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            asked = Asked(self.command, self.path, dict(self.headers), body)
            played.asked.append(asked)
            status, content = played.answer(asked)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # a refused handshake is the point
    server.socket = _server_context(authority).wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    played = PlayedCoordinator(f"127.0.0.1:{server.server_address[1]}", authority.certificate_pem.decode(), answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield played
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _server_context(authority: Authority) -> ssl.SSLContext:
    certificate = issue_server_certificate(authority, ["127.0.0.1"], now=datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(certificate.certificate_pem + certificate.key_pem)
        context.load_cert_chain(path)
    return context
