"""What holds for every test: sockets reach this machine only, nothing calls home, and a missing browser is said aloud.

Child processes are not covered here: what they send is captured and proven where they are started (e2e, attacks).
"""

import importlib
import ipaddress
import os
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import settings
from programs import absent
from waiting import patient

os.environ |= {
    "LC_ALL": "C.UTF-8",  # commands speak the terminal's language; the tests read English unless they say otherwise
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}

settings.register_profile("untimed", deadline=None)  # no test is timed: a busy machine must not fail one
settings.load_profile("untimed")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class NotThisMachine(AssertionError):
    """A test reached for an address outside the loopback."""


def stays_here(address: Any) -> bool:  # `Any`: an address is whatever the socket family takes
    """True for a path in the file system, a loopback address, and the name of this machine to itself."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0]).split("%")[0]
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_elsewhere(address: Any) -> None:
    """`address` lies on this machine. Raises: NotThisMachine otherwise."""
    if not stays_here(address):
        raise NotThisMachine(f"a test may not reach {address!r}")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that hangs is ended later where the machine is said to be slow."""
    usual = float(config.getini("timeout"))
    for item in items:
        named = item.get_closest_marker("timeout")
        seconds = float(named.args[0]) if named else usual
        item.add_marker(pytest.mark.timeout(patient(seconds)), append=False)


def pytest_collection_finish() -> None:
    """Tests that send by DICOM hear every answer; the others do not load it."""
    if "pynetdicom.association" in sys.modules:
        importlib.import_module("fakes.dicom_turns").wait_for_turns()


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """What a command sets up for the logs of its own process ends with the test that ran it in this one."""
    logs, died = structlog.get_config(), threading.excepthook
    yield
    structlog.configure(**logs)
    threading.excepthook = died


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Iterator[None]:
    """No socket of this process reaches another machine, and no name is looked up there."""
    patch = pytest.MonkeyPatch()
    connect, connect_ex, sendto, look_up = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.socket.sendto,
        socket.getaddrinfo,
    )

    def guarded_connect(self: socket.socket, address: Any) -> None:
        refuse_elsewhere(address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        refuse_elsewhere(address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, *parts: Any) -> int:
        refuse_elsewhere(parts[-1])
        return sendto(self, *parts)

    def guarded_look_up(host: Any, *rest: Any, **named: Any) -> Any:
        refuse_elsewhere((host.decode() if isinstance(host, bytes) else host or "", 0))
        return look_up(host, *rest, **named)

    patch.setattr(socket.socket, "connect", guarded_connect)
    patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    patch.setattr(socket.socket, "sendto", guarded_sendto)
    patch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def short() -> bool:
    """True where the short form is asked for (SHORT=1, as CI does)."""
    return os.environ.get("INTRAMUROS_SHORT", "") not in {"", "0"}


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium. Without one a test is skipped with the remedy, and fails in CI."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        absent("Chromium is not installed. Remedy: make browser, or apt-get install chromium")
    return found
