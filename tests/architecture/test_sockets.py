"""The guard of conftest.py: what a test may reach, and that it is stopped before a packet leaves."""

import socket
import time

import pytest

# Documentation addresses (RFC 5737, RFC 3849): nobody answers there, and nobody may be asked.
ELSEWHERE_V4 = ("192.0.2.1", 80)
ELSEWHERE_V6 = ("2001:db8::1", 80, 0, 0)


def test_connecting_to_another_machine_is_refused_at_once() -> None:
    begun = time.monotonic()
    with socket.socket() as line, pytest.raises(AssertionError, match=r"may not reach .*192\.0\.2\.1"):
        line.connect(ELSEWHERE_V4)
    with socket.socket() as line, pytest.raises(AssertionError):
        line.connect_ex(ELSEWHERE_V4)
    with socket.socket(socket.AF_INET6) as line, pytest.raises(AssertionError):
        line.connect(ELSEWHERE_V6)
    assert time.monotonic() - begun < 1


def test_a_datagram_to_another_machine_is_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as line, pytest.raises(AssertionError):
        line.sendto(b"hello", ELSEWHERE_V4)


def test_looking_up_a_foreign_name_is_refused() -> None:
    with pytest.raises(AssertionError):
        socket.create_connection(("hospital.example", 443), timeout=1)


def test_this_machine_is_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname(), timeout=5) as line,
    ):
        assert line.getpeername() == server.getsockname()
