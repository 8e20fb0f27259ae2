"""Every import of Flower's insides that the coordinator has, pinned to one release and refused on any other.

Three parts: frames in and out of Flower messages, the Control API, and the grid of a running ServerApp. Frames pass
through here as opaque bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import flwr
import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from flwr.app import Array, ArrayRecord, Message, RecordDict
from flwr.common.serde import fab_to_proto, user_config_to_proto
from flwr.proto.control_pb2 import (
    ListNodesRequest,
    ListRunsRequest,
    RegisterNodeRequest,
    StartRunRequest,
    StopRunRequest,
    StreamLogsRequest,
    UnregisterNodeRequest,
)
from flwr.proto.node_pb2 import NodeInfo
from flwr.proto.run_pb2 import Run as RunRecord
from flwr.serverapp import Grid
from flwr.supercore.control import ControlHttpClient
from flwr.supercore.error import ApiErrorCode, FlowerError
from flwr.supercore.fab import Fab
from flwr.supercore.interceptors import RuntimeVersionHttpInterceptor
from flwr.supercore.primitives.asymmetric import public_key_to_bytes
from flwr.supercore.retry import RetryInvoker
from flwr.supercore.run import RunNotRunningException

from coordinator.ground.errors import CoordinatorError
from protocols.flower_fleet import FLOWER_VERSION, FRAME_DTYPE, FRAME_KEY, FRAME_RECORD, FRAME_STYPE

RunNotRunning = RunNotRunningException
"""Raised by the grid when the run was stopped or has ended."""
ControlLine = ControlHttpClient
"""An open line to the Control API."""
TRANSIENT: tuple[type[Exception], ...] = (httpx.TransportError, httpx.HTTPStatusError)
"""What a grid raises while the SuperLink is away."""


class FlowerVersionRefused(CoordinatorError):
    """The installed Flower is not the release this coordinator was built against."""


class FrameMissing(CoordinatorError):
    """A reply that is not exactly one frame."""


class ControlRefused(CoordinatorError):
    """The SuperLink refused a request of its Control API."""


class RunUnknown(ControlRefused):
    """The SuperLink holds no run of this number."""


class ControlDown(CoordinatorError):
    """The SuperLink cannot be reached."""


def require_pinned_flower() -> None:
    """The installed Flower is the pinned one. Raises: FlowerVersionRefused."""
    if flwr.__version__ != FLOWER_VERSION:
        raise FlowerVersionRefused(f"flwr {flwr.__version__} is installed, {FLOWER_VERSION} is required")


def message_with(frame: bytes, message_type: str, *, node_id: int, life_seconds: float) -> Message:
    """A message to one node that carries the frame verbatim and nothing else."""
    array = Array(dtype=FRAME_DTYPE, shape=(len(frame),), stype=FRAME_STYPE, data=frame)
    content = RecordDict({FRAME_RECORD: ArrayRecord({FRAME_KEY: array})})
    return Message(content, node_id, message_type, ttl=life_seconds)


def frame_of(reply: Message, frame_bytes_max: int) -> bytes:
    """The frame of a reply that holds exactly one. Raises: FrameMissing."""
    if not reply.has_content():
        raise FrameMissing(f"an error, code {reply.error.code}" if reply.has_error() else "no content")
    record = reply.content.get(FRAME_RECORD)
    if len(reply.content) != 1 or not isinstance(record, ArrayRecord):
        raise FrameMissing("not exactly one record")
    array = record.get(FRAME_KEY)
    if len(record) != 1 or array is None or (array.dtype, array.stype) != (FRAME_DTYPE, FRAME_STYPE):
        raise FrameMissing("not exactly one frame")
    if not 0 < len(array.data) <= frame_bytes_max or tuple(array.shape) != (len(array.data),):
        raise FrameMissing("frame length refused")
    return bytes(array.data)


def limit_patience(grid: Grid, seconds: float) -> None:
    """A single call of the grid waits for a lost SuperLink no longer than this; stock, it waits for ever."""
    invoker = getattr(grid, "_retry_invoker", None)
    if isinstance(invoker, RetryInvoker):
        invoker.max_time = seconds


@contextmanager
def control_line(address: str, root_certificate: bytes) -> Iterator[ControlHttpClient]:
    """An open line to the SuperLink's Control API. Raises: ControlRefused, ControlDown for what happens on it."""
    client = ControlHttpClient.from_server_address(
        server_address=address,
        insecure=False,
        root_certificates=root_certificate,
        interceptors=[RuntimeVersionHttpInterceptor(component_name="flwr CLI")],
    )
    try:
        with client:
            yield client
    except httpx.HTTPStatusError as error:
        known = FlowerError.from_json(error.response.text)
        if known is not None and known.code == ApiErrorCode.RUN_ID_NOT_FOUND:
            raise RunUnknown("the SuperLink holds no such run") from None
        code = known.code if known else error.response.status_code
        raise ControlRefused(f"the SuperLink refused, code {code}") from None
    except httpx.HTTPError as error:
        raise ControlDown(f"the SuperLink cannot be reached: {type(error).__name__}") from None


def register(line: ControlHttpClient, public_key: ec.EllipticCurvePublicKey, name: str) -> int:
    """The node's number, under which its key may connect from now on."""
    return line.RegisterNode(RegisterNodeRequest(public_key=public_key_to_bytes(public_key), name=name)).node_id


def unregister(line: ControlHttpClient, node_id: int) -> None:
    """The node's key opens nothing any more; its SuperNode ends at its next call."""
    line.UnregisterNode(UnregisterNodeRequest(node_id=node_id))


def nodes(line: ControlHttpClient) -> list[NodeInfo]:
    """Every node the SuperLink knows, unregistered ones too."""
    return list(line.ListNodes(ListNodesRequest()).nodes_info)


def start(line: ControlHttpClient, bundle: bytes, config: Mapping[str, str | int | float | bool]) -> int:
    """The number of the run, now waiting for a ServerApp. Raises: ControlRefused."""
    fab = Fab(hashlib.sha256(bundle).hexdigest(), bundle, {})
    request = StartRunRequest(fab=fab_to_proto(fab), override_config=user_config_to_proto(dict(config)))
    started = line.StartRun(request)
    if not started.HasField("run_id"):
        raise ControlRefused("the SuperLink started no run")
    return started.run_id


def run_record(line: ControlHttpClient, run_id: int) -> RunRecord:
    """What the SuperLink holds about a run. Raises: RunUnknown."""
    record: RunRecord = line.ListRuns(ListRunsRequest(run_id=run_id)).run_dict[run_id]
    return record


def stop(line: ControlHttpClient, run_id: int) -> bool:
    """Whether the run was running and is now stopped."""
    return line.StopRun(StopRunRequest(run_id=run_id)).success


def log_lines(line: ControlHttpClient, run_id: int, after: float) -> Iterator[tuple[float, str]]:
    """Pieces of the run's log with the time of each; ends when the run has ended."""
    for piece in line.StreamLogs(StreamLogsRequest(run_id=run_id, after_timestamp=after)):
        yield piece.latest_timestamp, piece.log_output
