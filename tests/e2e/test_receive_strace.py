"""What the system was asked before each answer of success: the name, then the image with its record, are on the disk.

strace writes down every call of a real receiving process; the order in which calls *ended* is what counts. A file holds
image and record of the row, so one fdatasync makes both durable; names are made durable before, many at once.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fakes.instances import COMPUTED_RADIOGRAPHY, dataset
from programs import absent
from pynetdicom import AE

pytestmark = pytest.mark.e2e
ROOT = Path(__file__).resolve().parents[2]
CALLS = "openat,fsync,fdatasync,sendto,write,pwrite64"
REMEDY = "strace is not installed. Remedy: apt-get install strace"
_CALL = re.compile(r"^(?P<pid>\d+) +(?P<call>\w+)\((?P<told>.*)$")
_RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<call>\w+) resumed>.*= (?P<result>-?\d+)")


@pytest.fixture(scope="module")
def strace() -> str:
    found = shutil.which("strace")
    if found is None:
        absent(REMEDY)
    return str(found)


def traced(strace: str, home: Path, port: int, trace: Path) -> subprocess.Popen[str]:
    program = ROOT / "tests" / "fakes" / "receiving_node.py"
    watch = [strace, "-f", "-y", "-s", "16", "-e", f"trace={CALLS}", "-o", str(trace)]
    process = subprocess.Popen(
        [*watch, sys.executable, str(program), str(home), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdout.close()
    return process


def sent(port: int, count: int) -> None:
    """So many images were answered with success."""
    entity = AE("CT3")
    entity.add_requested_context(COMPUTED_RADIOGRAPHY)
    association = entity.associate("127.0.0.1", port, ae_title="INTRAMUROS")
    for number in range(count):
        assert association.send_c_store(dataset(f"1.{number}")).Status == 0x0000
    association.release()


def ended_calls(trace: Path) -> list[tuple[str, str]]:
    """Every call that ended well, in the order of their ends, with what it was told."""
    begun: dict[str, tuple[str, str]] = {}
    ended = []
    for line in trace.read_text(errors="replace").splitlines():
        resumed, called = _RESUMED.match(line), _CALL.match(line)
        if resumed is not None:
            if int(resumed["result"]) >= 0:
                ended.append(begun.pop(resumed["pid"]))
        elif called is not None and "<unfinished" in line:
            begun[called["pid"]] = called["call"], called["told"]
        elif called is not None and re.search(r"= \d+(<.*>)?$", line):
            ended.append((called["call"], called["told"]))
    return ended


LANE = r"/received/incoming/[0-9a-f-]{36}"
NAME = re.compile(rf"{LANE}/(?P<name>[0-9a-f-]{{36}})")


def steps_of(trace: Path) -> list[tuple[str, str]]:
    """The steps before each answer, and the answers: what was done, and to which file."""
    steps = []
    for call, told in ended_calls(trace):
        named = NAME.search(told)
        if call == "sendto" and re.match(r"\d+<(socket|TCP):", told) and re.search(r'"\\4\\0', told):
            steps.append(("answered", ""))
        elif call == "fsync" and re.search(rf"{LANE}>", told):
            steps.append(("names synced", ""))
        elif named is not None and call == "openat" and "O_CREAT" in told:
            steps.append(("named", named["name"]))
        elif named is not None and call in {"write", "pwrite64", "fdatasync"}:
            steps.append(("synced" if call == "fdatasync" else "written", named["name"]))
    return steps


@pytest.mark.timeout(55)
def test_name_and_image_are_synced_before_each_answer(strace: str, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = traced(strace, tmp_path / "home", port, tmp_path / "trace")
    try:
        sent(port, 5)
        time.sleep(1)
    finally:
        (child,) = (tmp_path / "trace").read_text().split(maxsplit=1)[:1]
        os.kill(int(child), signal.SIGTERM)
        process.wait(20)
    steps = steps_of(tmp_path / "trace")
    names = [name for what, name in steps if what == "synced"]
    assert [what for what, _ in steps if what in {"synced", "answered"}] == ["synced", "answered"] * 5
    for name in names:
        assert steps.index(("named", name)) < steps.index(("names synced", "")) < steps.index(("written", name))
        assert steps[steps.index(("synced", name)) :].count(("written", name)) == 0
    assert len(set(names)) == 5
