"""The front between a client on a raw TLS socket and two recording servers behind it, all on loopback."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coordinator.edges.front import FrontSettings, literal_path, server_config
from coordinator.ground.certificates import issue_server_certificate, make_authority

NOW = datetime.datetime.now(datetime.UTC)
BODY_BYTES_MAX = 100_000


@dataclass(slots=True)
class Behind:
    """A server behind the front: keeps what arrived, answers with its name and the length of the body."""

    name: str
    arrived: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            event: Message = await receive()
            if event["type"] == "http.disconnect":
                return
            body, more = body + event.get("body", b""), event.get("more_body", False)
        headers = {key.decode(): value.decode() for key, value in scope["headers"]}
        self.arrived.append((scope["method"], scope["path"] + "?" + scope["query_string"].decode(), headers, body))
        answer = f"{self.name} {len(body)}".encode()
        sent = [(b"x-answer", b"kept"), (b"keep-alive", b"timeout=5"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 201, "headers": sent})
        await send({"type": "http.response.body", "body": answer})


@dataclass(frozen=True, slots=True)
class Street:
    """The front's port and what stands behind it."""

    port: int
    authority: Path
    fleet: Behind
    api: Behind


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def behind(app: ASGIApp, port: int, certificate: Path | None = None, key: Path | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        app, host="127.0.0.1", port=port, ssl_certfile=certificate, ssl_keyfile=key, log_level="error", ws="none"
    )


def served(config: uvicorn.Config) -> tuple[uvicorn.Server, threading.Thread]:
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    return server, thread


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    home = tmp_path_factory.mktemp("front")
    authority = make_authority("Test authority", now=NOW)
    server = issue_server_certificate(authority, ["127.0.0.1"], now=NOW)
    for name, content in (("ca", authority.certificate_pem), ("cert", server.certificate_pem), ("key", server.key_pem)):
        (home / name).write_bytes(content)
    front, fleet, api = free_port(), free_port(), free_port()
    settings = FrontSettings(
        host="127.0.0.1",
        port=front,
        server_certificate=home / "cert",
        server_key=home / "key",
        superlink_address=f"127.0.0.1:{fleet}",
        superlink_root_certificate=home / "ca",
        api_url=f"http://127.0.0.1:{api}",
        body_bytes_max=BODY_BYTES_MAX,
    )
    held = Street(front, home / "ca", Behind("fleet"), Behind("api"))
    fleet_config = behind(held.fleet, fleet, home / "cert", home / "key")
    running = [served(config) for config in (fleet_config, behind(held.api, api), server_config(settings))]
    yield held
    for uvicorn_server, _ in running:
        uvicorn_server.should_exit = True
    for _, thread in running:
        thread.join(timeout=5)


def raw(street: Street, request: bytes) -> bytes:
    """What the front answers to these very bytes."""
    trust = ssl.create_default_context(cafile=str(street.authority))
    with (
        socket.create_connection(("127.0.0.1", street.port), timeout=5) as plain,
        trust.wrap_socket(plain, server_hostname="127.0.0.1") as line,
    ):
        line.sendall(request)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
        return answer


def ask(street: Street, target: str, *, method: str = "POST", body: bytes = b"x") -> bytes:
    head = f"{method} {target} HTTP/1.1\r\nHost: front\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    return raw(street, head.encode("latin-1") + body)


def test_fleet_requests_reach_the_superlink_and_api_requests_the_api(street: Street) -> None:
    assert ask(street, "/v1/fleet/pull-messages", body=b"12345").endswith(b"fleet 5")
    assert ask(street, "/api/inbox?since=3", method="GET", body=b"").endswith(b"api 0")
    assert street.fleet.arrived[-1][:2] == ("POST", "/v1/fleet/pull-messages?")
    assert street.api.arrived[-1][:2] == ("GET", "/api/inbox?since=3")


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/health",
        "/docs",
        "/operator/",
        "/v1/control/start-run",
        "/v1/runtime/acquire-task",
        "/v1/fleet",
        "/api",
        "/v1/fleet/../control/start-run",
        "/v1/fleet/..%2fcontrol/start-run",
        "/v1/fleet/%2e%2e/control/start-run",
        "/v1/fleet/.%2e/control",
        "/v1/fleet/./pull-messages",
        "/v1/fleet//pull-messages",
        "//v1/fleet/pull-messages",
        "/v1/fleet/..\\control",
        "/v1/fleet/pull-messages;x=/../control",
        "/V1/fleet/pull-messages",
        "/v1/fleet/pull-messages?next=/v1/control",
        "/api/../v1/control/list-runs",
        "/api/%2e%2e/v1/control/list-runs",
        "/api/\u00e9",
        "http://127.0.0.1/v1/control/list-runs",
        "http://127.0.0.1/v1/fleet/../control/list-runs",
        "*",
    ],
)
def test_any_other_path_is_not_here(street: Street, target: str) -> None:
    before = len(street.fleet.arrived), len(street.api.arrived)
    assert ask(street, target).split(b" ", 2)[1] in (b"404", b"400")
    assert (len(street.fleet.arrived), len(street.api.arrived)) == before


@pytest.mark.parametrize(
    ("target", "method"), [("/v1/fleet/get-run", "GET"), ("/api/inbox", "DELETE"), ("/api/x", "PUT")]
)
def test_a_method_nobody_behind_the_front_takes_is_refused(street: Street, target: str, method: str) -> None:
    assert ask(street, target, method=method).startswith(b"HTTP/1.1 405")


def test_headers_of_the_single_hop_end_at_the_front_both_ways(street: Street) -> None:
    head = "POST /api/approvals HTTP/1.1\r\nHost: front\r\nConnection: X-Drop\r\nConnection: close\r\n"
    sent = "X-Drop: 1\r\nX-Forwarded-For: 9.9.9.9\r\nTE: trailers\r\nX-Keep: 1\r\nAuthorization: Intramuros x\r\n"
    body = f"{head}{sent}Content-Length: 1\r\n\r\nx"
    answer = raw(street, body.encode())
    arrived = street.api.arrived[-1][2]
    assert {"x-drop", "te"} & set(arrived) == set()
    assert (arrived["x-keep"], arrived["authorization"]) == ("1", "Intramuros x")
    assert arrived["x-forwarded-for"] == "127.0.0.1"
    assert b"x-answer: kept" in answer
    assert b"timeout=5" not in answer


def test_a_body_over_the_bound_is_refused_by_its_stated_length(street: Street) -> None:
    head = (
        f"POST /api/approvals HTTP/1.1\r\nHost: f\r\nConnection: close\r\nContent-Length: {BODY_BYTES_MAX + 1}\r\n\r\n"
    )
    assert raw(street, head.encode()).startswith(b"HTTP/1.1 413")


def test_a_body_over_the_bound_is_refused_while_it_arrives(street: Street) -> None:
    before = len(street.api.arrived)
    head = b"POST /api/approvals HTTP/1.1\r\nHost: f\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    piece = b"%x\r\n%s\r\n" % (30_000, b"x" * 30_000)
    assert raw(street, head + piece * 5 + b"0\r\n\r\n").startswith(b"HTTP/1.1 413")
    assert len(street.api.arrived) == before


def test_a_large_body_within_the_bound_passes_unchanged(street: Street) -> None:
    body = bytes(range(256)) * 390
    trust = ssl.create_default_context(cafile=str(street.authority))
    with httpx.Client(verify=trust) as client:
        answer = client.post(f"https://127.0.0.1:{street.port}/v1/fleet/push-object", content=body)
    assert answer.text == f"fleet {len(body)}"
    assert street.fleet.arrived[-1][3] == body


def test_a_place_that_is_down_is_told_as_bad_gateway_without_its_address(street: Street) -> None:
    nobody = free_port()
    port = free_port()
    settings = FrontSettings(
        host="127.0.0.1",
        port=port,
        server_certificate=street.authority.parent / "cert",
        server_key=street.authority.parent / "key",
        superlink_address=f"127.0.0.1:{nobody}",
        superlink_root_certificate=street.authority,
        api_url=f"http://127.0.0.1:{nobody}",
    )
    server, thread = served(server_config(settings))
    answer = ask(Street(port, street.authority, street.fleet, street.api), "/api/inbox", method="GET", body=b"")
    server.should_exit = True
    thread.join(timeout=5)
    assert answer.startswith(b"HTTP/1.1 502")
    assert str(nobody).encode() not in answer


@pytest.mark.parametrize("path", [b"/api/a", b"/v1/fleet/push-object", b"/api/partner/plans/3f-a_b~c.zip", b"/api/a/"])
def test_a_plain_path_is_literal(path: bytes) -> None:
    assert literal_path(path, b"") == path.decode()


@pytest.mark.parametrize(
    "path", [b"", b"/api/.", b"/api/..", b"/api//a", b"/api/%61", b"/api/\xc3", b"api/a", b"/api/a\n"]
)
def test_a_path_with_a_second_reading_is_not_literal(path: bytes) -> None:
    assert literal_path(path, b"") is None


def test_an_endless_query_is_not_taken() -> None:
    assert literal_path(b"/api/inbox", b"x" * 3000) is None
