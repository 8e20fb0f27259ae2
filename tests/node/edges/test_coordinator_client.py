"""The HTTPS line to the coordinator: the pinned authority, signed requests, bounded answers, failures told apart."""

import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from factories import SITE
from fakes.https import Asked, coordinator_over_https
from fakes.wall_cast import COORDINATOR_IDENTITY, HOSPITAL, SetClock

from coordinator.ground.certificates import make_authority
from node.edges.federation import coordinator_client
from node.edges.federation.coordinator_client import CoordinatorClient, MemberLine
from node.flows.coordinator_line import AuthorityRefused, CoordinatorRefused, CoordinatorUnreachable
from node.flows.send import OwnSite
from protocols.errors import SignatureRefused
from protocols.requests import parse_authorization

OWN_SITE = OwnSite(SITE, HOSPITAL, COORDINATOR_IDENTITY.public)


def always(status: int, body: bytes) -> Callable[[Asked], tuple[int, bytes]]:
    return lambda _: (status, body)


def test_what_is_posted_is_the_sealed_bytes_and_nothing_else() -> None:
    with (
        coordinator_over_https(always(201, b"answer")) as there,
        CoordinatorClient(there.address, there.authority_pem) as line,
    ):
        assert line.enrol(b"sealed request") == b"answer"
        assert line.deliver("approval", b"sealed approval") == b"answer"
        assert line.deliver("withdrawal", b"sealed withdrawal") == b"answer"
    assert [(asked.method, asked.path, asked.body) for asked in there.asked] == [
        ("POST", "/api/enrolments", b"sealed request"),
        ("POST", "/api/approvals", b"sealed approval"),
        ("POST", "/api/withdrawals", b"sealed withdrawal"),
    ]


def test_the_inbox_request_is_signed_for_its_path_and_moment() -> None:
    clock = SetClock()
    with (
        coordinator_over_https(always(200, b"inbox")) as there,
        CoordinatorClient(there.address, there.authority_pem) as client,
    ):
        assert MemberLine(client, OWN_SITE, clock).inbox() == b"inbox"
    signed = parse_authorization(there.asked[0].headers["Authorization"])
    now = int(clock.now().timestamp())
    signed.verify(HOSPITAL.public, "/api/inbox", now_unix_seconds=now)
    assert signed.caller_id == SITE
    with pytest.raises(SignatureRefused):
        signed.verify(HOSPITAL.public, "/api/enrolments", now_unix_seconds=now)


def test_a_server_of_another_authority_is_refused_before_anything_is_sent() -> None:
    other = make_authority("Somebody else", now=datetime.now(UTC)).certificate_pem.decode()
    with coordinator_over_https(always(200, b"")) as there, CoordinatorClient(there.address, other) as line:
        with pytest.raises(AuthorityRefused):
            line.enrol(b"sealed request")
        assert there.asked == []


def test_a_server_under_another_name_is_refused() -> None:
    with coordinator_over_https(always(200, b"")) as there:
        named = there.address.replace("127.0.0.1", "localhost")
        with CoordinatorClient(named, there.authority_pem) as line, pytest.raises(AuthorityRefused):
            line.enrol(b"sealed request")
        assert there.asked == []


def test_an_authority_that_is_no_certificate_is_refused() -> None:
    with pytest.raises(CoordinatorUnreachable):
        CoordinatorClient("127.0.0.1:1", "-----BEGIN CERTIFICATE-----\n")


def test_nobody_listening_is_told_as_not_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    authority = make_authority("Nobody", now=datetime.now(UTC)).certificate_pem.decode()
    with CoordinatorClient(address, authority) as line, pytest.raises(CoordinatorUnreachable) as lost:
        line.enrol(b"sealed request")
    assert not lost.value.sent
    assert not isinstance(lost.value, AuthorityRefused)


def test_an_answer_that_breaks_off_is_told_as_perhaps_sent() -> None:
    def breaks_off(_: Asked) -> tuple[int, bytes]:
        raise ConnectionResetError

    with coordinator_over_https(breaks_off) as there, CoordinatorClient(there.address, there.authority_pem) as line:
        with pytest.raises(CoordinatorUnreachable) as lost:
            line.enrol(b"sealed request")
        assert lost.value.sent


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (json.dumps({"code": "invitation-used"}).encode(), "invitation-used"),
        (b'{"code": "<script>"}', "unknown"),
        (b"<html>", "unknown"),
        (b"[]", "unknown"),
        (b'{"code": "' + b"a" * 65 + b'"}', "unknown"),
    ],
)
def test_a_refusal_is_told_by_its_code_and_never_by_its_text(body: bytes, code: str) -> None:
    with (
        coordinator_over_https(always(403, body)) as there,
        CoordinatorClient(there.address, there.authority_pem) as line,
    ):
        with pytest.raises(CoordinatorRefused) as refused:
            line.enrol(b"sealed request")
        assert (refused.value.code, refused.value.status) == (code, 403)


def test_a_redirect_is_not_followed() -> None:
    with (
        coordinator_over_https(always(307, b"")) as there,
        CoordinatorClient(there.address, there.authority_pem) as line,
    ):
        with pytest.raises(CoordinatorRefused):
            line.enrol(b"sealed request")
        assert len(there.asked) == 1


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coordinator_client, "ANSWER_BYTES_MAX", 100)
    with (
        coordinator_over_https(always(200, bytes(101))) as there,
        CoordinatorClient(there.address, there.authority_pem) as line,
        pytest.raises(CoordinatorUnreachable),
    ):
        line.enrol(b"sealed request")
