"""The contract with Flower 1.41, on the real stack: what travels, what is refused, what survives.

One stack for all tests of this file. The coordinator is hostile where a test says so: it sends a foreign bundle, or the
front lies in the SuperLink's place.
"""

from __future__ import annotations

import hashlib
import json
import os
import ssl
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from attacks.fleet_capture import Kind, classify, pieces_of, unexplained, unknown_headers
from e2e.stack import MEMORY_BYTES, Stack, peak_memory_mb, probe_bundle, running_stack
from flwr.proto.fab_pb2 import Fab, GetFabResponse
from waiting import patient, until

from coordinator.edges.federation.bundle import bundle_of
from coordinator.edges.federation.control import Phase
from coordinator.edges.federation.flower_internals import RunUnknown
from node.edges.federation.worker import Answers
from protocols.errors import RefusalCode
from protocols.flower_fleet import QUIET_ENVIRONMENT

pytestmark = pytest.mark.e2e

BUNDLE = probe_bundle()
BUNDLE_DIGEST = hashlib.sha256(BUNDLE).hexdigest()
NODES = ("one", "two")
BOMB_BYTES = MEMORY_BYTES * 3 // 2
Rounds = list[dict[str, dict[str, str]]]


def answer(message_type: str, frame: bytes) -> bytes:
    return message_type.encode() + b":" + frame[::-1]


def refuse(code: RefusalCode) -> bytes:
    return b"refused:" + code.value.encode()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("federation")) as running:
        for name in NODES:
            running.add_node(name, Answers(answer, refuse), BUNDLE_DIGEST)
        running.wait_online(len(NODES))
        yield running


def run_rounds(stack: Stack, bundle: bytes = BUNDLE, **config: float) -> Rounds:
    """The rounds the ServerApp wrote down once the run has completed."""
    (stack.home / "rounds.json").unlink(missing_ok=True)
    run_id = stack.control.start_run({key.replace("_", "-"): value for key, value in config.items()}, bundle=bundle)
    ended = stack.wait_run(run_id, seconds=180)
    assert ended.phase is Phase.COMPLETED, stack.control.logs(run_id)[-3000:]
    rounds: Rounds = json.loads((stack.home / "rounds.json").read_text())
    return rounds


def all_answers(rounds: Rounds) -> set[bytes]:
    return {bytes.fromhex(told) for one in rounds for told in one["answers"].values()}


def files_of(stack: Stack, name: str) -> set[Path]:
    return {path for path in (stack.work / name).rglob("*") if path.is_file()}


def refused_everywhere(stack: Stack, rounds: Rounds) -> bool:
    told = [bytes.fromhex(frame) for one in rounds for frame in one["answers"].values()]
    return told == [refuse(RefusalCode.BUNDLE_REFUSED)] * len(NODES)


@pytest.mark.timeout(300)
def test_frames_travel_verbatim_and_every_captured_byte_is_explained(stack: Stack) -> None:
    begun = len(stack.front.passed)
    rounds = run_rounds(stack, frame_bytes=6_000_000)
    for number, one in enumerate(rounds):
        kind = "train" if number % 2 == 0 else "evaluate"
        assert one["answers"] == {node: answer(kind, bytes.fromhex(sent)).hex() for node, sent in one["sent"].items()}
    requests = [(passed.path, passed.body) for passed in stack.front.passed[begun:]]
    assert unexplained(requests, all_answers(rounds)) == []
    assert [odd for passed in stack.front.passed[begun:] for odd in unknown_headers(passed.headers)] == []
    seen = {one.piece for one in (classify(*request) for request in requests) if one.kind is Kind.PIECE}
    assert seen == {piece for frame in all_answers(rounds) for piece in pieces_of(frame)}
    without_one = sorted(all_answers(rounds))[1:]
    assert unexplained(requests, without_one), "a frame missing in the ledger must be found"


@pytest.mark.timeout(300)
def test_messages_that_are_not_one_frame_are_refused_with_a_frame_and_the_nodes_live(stack: Stack) -> None:
    begun = len(stack.front.passed)
    answers = list(run_rounds(stack, hostile=True)[0]["answers"])
    assert [bytes.fromhex(told) for told in answers] == [refuse(RefusalCode.MESSAGE_REFUSED)] * (3 * len(NODES))
    requests = [(passed.path, passed.body) for passed in stack.front.passed[begun:]]
    assert unexplained(requests, [refuse(RefusalCode.MESSAGE_REFUSED)]) == []
    assert len(run_rounds(stack, rounds=1)[0]["answers"]) == len(NODES)


@pytest.mark.timeout(300)
def test_a_hostile_bundle_is_refused_with_no_file_written_and_no_module_imported(stack: Stack) -> None:
    mark = stack.work / "hostile-code-ran"
    entry = f"""
import pathlib, sys
if "flwr-serverapp" not in sys.argv[0]:
    pathlib.Path({str(mark)!r}).write_text(" ".join(sys.argv))
from e2e.probe_server_app import app
"""
    with zipfile.ZipFile(BytesIO(BUNDLE)) as honest:
        project = honest.read("pyproject.toml")
    hostile = bundle_of({"pyproject.toml": project, "probe_rounds.py": entry.encode()})
    before = {name: files_of(stack, name) for name in NODES}
    assert refused_everywhere(stack, run_rounds(stack, hostile, rounds=1))
    assert {name: files_of(stack, name) for name in NODES} == before
    assert not mark.exists()
    assert "probe_rounds" not in sys.modules
    assert all("probe_rounds" not in Path(f"/proc/{stack.processes[name].pid}/maps").read_text() for name in NODES)


@pytest.fixture(scope="module")
def zip_bomb() -> bytes:
    """A bundle whose project file alone is half as large again as the SuperNode's memory bound when opened."""
    written, piece = BytesIO(), b"#" * 4_194_304
    with (
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("pyproject.toml", "w", force_zip64=True) as project,
    ):
        for _ in range(BOMB_BYTES // len(piece)):
            project.write(piece)
    return written.getvalue()


def lie_with(content: bytes, *, digest: str | None = None) -> Callable[[bytes], bytes]:
    def lie(truth: bytes) -> bytes:
        told = GetFabResponse.FromString(truth).fab.hash_str if digest is None else digest
        return GetFabResponse(fab=Fab(hash_str=told, content=content)).SerializeToString()

    return lie


@pytest.fixture
def newcomer(stack: Stack) -> Iterator[int]:
    """A node that has held no bundle yet, and is gone after the test."""
    node_id = stack.add_node("newcomer", Answers(answer, refuse), BUNDLE_DIGEST)
    stack.wait_online(len(NODES) + 1)
    yield node_id
    stack.control.unregister_node(node_id)
    stack.processes.pop("newcomer").wait(timeout=patient(60))


@pytest.mark.timeout(400)
def test_a_zip_bomb_is_refused_within_the_memory_bound(stack: Stack, newcomer: int, zip_bomb: bytes) -> None:
    before, process = files_of(stack, "newcomer"), stack.processes["newcomer"]
    try:
        for digest in (None, hashlib.sha256(zip_bomb).hexdigest()):
            stack.front.lies["/v1/fleet/get-fab"] = lie_with(zip_bomb, digest=digest)
            told = run_rounds(stack, rounds=1)[0]["answers"][str(newcomer)]
            assert bytes.fromhex(told) == refuse(RefusalCode.BUNDLE_REFUSED)
    finally:
        stack.front.lies.clear()
    peak = peak_memory_mb(process.pid)
    print(f"{len(zip_bomb) / 1e6:.1f} MB would open to {BOMB_BYTES / 1e6:.0f} MB; resident at most {peak:.0f} MB")
    assert peak * 1_048_576 < MEMORY_BYTES / 2
    assert process.poll() is None
    assert files_of(stack, "newcomer") == before


def test_opened_as_stock_flower_does_the_same_bomb_hits_the_memory_bound(zip_bomb: bytes, tmp_path: Path) -> None:
    (tmp_path / "bomb.fab").write_bytes(zip_bomb)
    opened = (
        "import pathlib, resource, sys\n"
        "from flwr.common.config import get_fab_config\n"
        f"resource.setrlimit(resource.RLIMIT_DATA, ({MEMORY_BYTES}, {MEMORY_BYTES}))\n"
        "try:\n"
        "    get_fab_config(pathlib.Path(sys.argv[1]).read_bytes())\n"
        "except MemoryError:\n"
        "    sys.exit(42)\n"
    )
    environment = {**os.environ, **QUIET_ENVIRONMENT, "FLWR_HOME": str(tmp_path)}
    command = (sys.executable, "-c", opened, str(tmp_path / "bomb.fab"))
    assert subprocess.run(command, env=environment, check=False).returncode == 42


@pytest.mark.timeout(300)
def test_a_node_whose_key_is_not_registered_is_refused(stack: Stack) -> None:
    stack.add_node("stranger", Answers(answer, refuse), BUNDLE_DIGEST, registered=False)
    process = stack.processes.pop("stranger")
    assert process.wait(timeout=patient(60)) != 0
    asked = [
        passed for passed in stack.front.passed if passed.path == "/v1/fleet/activate-node" and passed.status >= 400
    ]
    assert len(asked) == 1
    assert len(run_rounds(stack, rounds=1)[0]["answers"]) == len(NODES)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/control/list-runs",
        "/v1/control/start-run",
        "/v1/runtime/acquire-task",
        "/health",
        "/docs",
        "/openapi.json",
        "/v1/fleet/..%2Fcontrol/list-runs",
        "/v1/fleet%2F..%2Fcontrol/list-runs",
    ],
)
def test_the_control_api_is_not_behind_the_front(stack: Stack, path: str) -> None:
    trust = ssl.create_default_context(cafile=str(stack.home / "ca.pem"))
    with httpx.Client(verify=trust) as client:
        headers = {"content-type": "application/protobuf"}
        assert client.post(f"https://127.0.0.1:{stack.front_port}{path}", headers=headers).status_code == 404


@pytest.mark.timeout(400)
def test_a_superlink_killed_and_restarted_mid_run_costs_no_round(stack: Stack) -> None:
    (stack.home / "rounds.json").unlink(missing_ok=True)
    run_id = stack.control.start_run({"rounds": 4, "deadline-seconds": 120.0}, bundle=BUNDLE)
    until((stack.home / "rounds.json").exists, seconds=90, what="no first round")
    stack.kill("superlink")
    time.sleep(3)
    stack.start_superlink()
    ended = stack.wait_run(run_id, seconds=300)
    assert ended.phase is Phase.COMPLETED
    rounds = json.loads((stack.home / "rounds.json").read_text())
    print("answers per round:", [len(one["answers"]) for one in rounds])
    assert [len(one["answers"]) for one in rounds] == [len(NODES)] * 4


@pytest.mark.timeout(300)
def test_a_stopped_run_ends_and_the_nodes_answer_the_next_one(stack: Stack) -> None:
    (stack.home / "rounds.json").unlink(missing_ok=True)
    run_id = stack.control.start_run({"rounds": 50}, bundle=BUNDLE)
    until((stack.home / "rounds.json").exists, seconds=90, what="no first round")
    assert stack.control.stop_run(run_id)
    assert stack.wait_run(run_id, seconds=60).phase is Phase.STOPPED
    with pytest.raises(RunUnknown):
        stack.control.run_state(run_id + 1)
    assert len(run_rounds(stack, rounds=1)[0]["answers"]) == len(NODES)
