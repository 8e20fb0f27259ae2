"""Flower's insides as the pinned worker uses them, of one release and refused on any other.

The worker's line to its own SuperNode: claim a task, read its one frame, send the reply. Frames pass through here as
opaque bytes, bundles are hashed and dropped. The SuperNode process itself is next door, in `flower_supernode`; the two
files hold every import of Flower that the node has.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import flwr
import httpx
from flwr.app import Array, ArrayRecord, Message, RecordDict
from flwr.app.message import remove_content_from_message
from flwr.common.serde import message_from_proto, message_to_proto
from flwr.proto.message_pb2 import ObjectTree
from flwr.proto.node_pb2 import Node
from flwr.proto.runtime_pb2 import (
    AcquireTaskRequest,
    PullAppMessagesRequest,
    PullTaskInputRequest,
    PushAppMessagesRequest,
    PushTaskOutputRequest,
    SendTaskHeartbeatRequest,
)
from flwr.supercore.constant import TaskType
from flwr.supercore.inflatable.inflatable_object import (
    get_all_nested_objects,
    get_object_tree,
    iterate_object_tree,
    no_object_id_recompute,
)
from flwr.supercore.inflatable.inflatable_protobuf_utils import (
    make_confirm_message_received_fn_protobuf,
    make_pull_object_fn_protobuf,
    make_push_object_fn_protobuf,
)
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents, pull_objects, push_objects
from flwr.supercore.interceptors import RuntimeTokenHttpInterceptor, SuperExecAuthHttpInterceptor
from flwr.supercore.protobuf.client import ProtobufClientInterceptor
from flwr.supercore.runtime import RuntimeHttpClient

from node.ground.errors import NodeError
from protocols.flower_fleet import FLOWER_VERSION, FRAME_DTYPE, FRAME_KEY, FRAME_RECORD, FRAME_STYPE, MESSAGE_TYPES

_HEARTBEAT_SECONDS = 10.0
_MESSAGE_WAIT_SECONDS = 60.0
_OBJECTS_MAX = 4096
_ENVELOPE_BYTES_MAX = 1_048_576
_ACQUIRE = "/flwr.proto.Runtime/AcquireTask"


class FlowerVersionRefused(NodeError):
    """The installed Flower is not the release this node was built and audited against."""


class LineDown(NodeError):
    """The SuperNode cannot be reached at the moment."""


class LineRefused(NodeError):
    """The SuperNode does not accept this worker's secret."""


class TaskLost(NodeError):
    """The SuperNode no longer holds the task; its message was withdrawn or it restarted."""


class MessageRefused(NodeError):
    """A message that is not exactly one frame of an expected type."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """The one frame of a message, verbatim."""

    message_type: str
    frame: bytes


def require_pinned_flower() -> None:
    """The installed Flower is the pinned one. Raises: FlowerVersionRefused."""
    if flwr.__version__ != FLOWER_VERSION:
        raise FlowerVersionRefused(f"flwr {flwr.__version__} is installed, {FLOWER_VERSION} is required")


def content_of(frame: bytes) -> RecordDict:
    """The record that carries the frame verbatim and nothing else."""
    array = Array(dtype=FRAME_DTYPE, shape=(len(frame),), stype=FRAME_STYPE, data=frame)
    return RecordDict({FRAME_RECORD: ArrayRecord({FRAME_KEY: array})})


def frame_of(message: Message, frame_bytes_max: int) -> Incoming:
    """The frame of a message that holds exactly one. Raises: MessageRefused."""
    if message.metadata.message_type not in MESSAGE_TYPES or not message.has_content():
        raise MessageRefused("unexpected message type or no content")
    record = message.content.get(FRAME_RECORD)
    if len(message.content) != 1 or not isinstance(record, ArrayRecord):
        raise MessageRefused("not exactly one record")
    array = record.get(FRAME_KEY)
    if len(record) != 1 or array is None or (array.dtype, array.stype) != (FRAME_DTYPE, FRAME_STYPE):
        raise MessageRefused("not exactly one frame")
    if not 0 < len(array.data) <= frame_bytes_max or tuple(array.shape) != (len(array.data),):
        raise MessageRefused("frame length refused")
    return Incoming(message_type=message.metadata.message_type, frame=bytes(array.data))


def reply_to(asked: Message, frame: bytes) -> Message:
    """The reply to `asked` that holds only `frame`; it repeats identifiers, tells whole seconds, and no free text."""
    reply = Message(content_of(frame), reply_to=asked)
    told = reply.metadata.__dict__
    told.update(_group_id="", _src_task_id=None, _dst_task_id=None)
    told.update(_created_at=float(int(reply.metadata.created_at)), _ttl=float(max(1, int(reply.metadata.ttl))))
    if asked.metadata.message_type not in MESSAGE_TYPES:
        told["_message_type"] = MESSAGE_TYPES[0]
    told["_message_id"] = reply.object_id
    return reply


class RuntimeLine:
    """A worker's line to its own SuperNode: it claims tasks and is silent otherwise."""

    def __init__(self, address: str, secret: bytes) -> None:
        self._address = address
        signer = SuperExecAuthHttpInterceptor(master_secret=secret, protected_methods=frozenset({_ACQUIRE}))
        self._client = _client(address, signer)

    def claim(self) -> ClaimedTask | None:
        """The next task, now this worker's, or None. Raises: LineDown, LineRefused."""
        request = AcquireTaskRequest(supported_task_types=[TaskType.CLIENT_APP, TaskType.AGENT_APP])
        try:
            claimed = self._client.AcquireTask(request)
        except httpx.HTTPStatusError as error:
            if error.response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
                raise LineRefused("the SuperNode refused the worker's secret") from None
            raise LineDown("the SuperNode answered with an error") from None
        except httpx.HTTPError:
            raise LineDown("the SuperNode cannot be reached") from None
        if not claimed.HasField("task") or not claimed.token:
            return None
        return ClaimedTask(self._address, claimed.token)

    def close(self) -> None:
        """The line is closed."""
        self._client.close()


class ClaimedTask:
    """One claimed task: its message is announced first, so that a reply is possible whatever the rest holds."""

    def __init__(self, address: str, token: str) -> None:
        self._client = _client(address, RuntimeTokenHttpInterceptor(token))
        self._asked: Message | None = None
        self._tree: ObjectTree | None = None
        self._started = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """While open, the SuperNode hears of this task every ten seconds."""
        ended = threading.Event()
        beat = threading.Thread(target=self._beat, args=(ended,), name="task-heartbeat", daemon=True)
        beat.start()
        try:
            yield
        finally:
            ended.set()
            beat.join()

    def bundle_sha256(self) -> str:
        """The digest of the task's bundle, which is hashed and dropped; empty when the SuperNode holds none."""
        try:
            content = self._client.PullTaskInput(PullTaskInputRequest()).fab.content
        except httpx.HTTPStatusError:
            return ""
        except httpx.HTTPError:
            raise TaskLost("task input could not be read") from None
        self._started = True
        return hashlib.sha256(content).hexdigest()

    def read(self, frame_bytes_max: int) -> Incoming:
        """The one frame of the message. Raises: MessageRefused, TaskLost."""
        asked, tree = self._announced()
        try:
            message = inflate_object_from_contents(tree.object_id, self._contents(asked, tree, frame_bytes_max))
        except httpx.HTTPError:
            raise TaskLost("message could not be read") from None
        except Exception as error:  # noqa: BLE001 - whatever hostile bytes break in Flower is a refusal
            raise MessageRefused(f"message could not be rebuilt: {type(error).__name__}") from None
        if not isinstance(message, Message):
            raise MessageRefused("not a message")
        if message.metadata.message_type != asked.metadata.message_type:
            raise MessageRefused("two message types")
        return frame_of(message, frame_bytes_max)

    def send(self, frame: bytes) -> None:
        """The frame is with the SuperNode as the reply and the task is finished. Raises: TaskLost."""
        asked, _ = self._announced()
        try:
            self._push(reply_to(asked, frame))
            outcome = "completed" if self._started else "failed"  # the SuperNode lets only a started task complete
            self._client.PushTaskOutput(PushTaskOutputRequest(sub_status=outcome, details=""))
        except httpx.HTTPError:
            raise TaskLost("reply was not taken") from None

    def _announced(self) -> tuple[Message, ObjectTree]:
        until = time.monotonic() + _MESSAGE_WAIT_SECONDS
        while self._asked is None or self._tree is None:
            try:
                pulled = self._client.PullMessages(PullAppMessagesRequest())
            except httpx.HTTPError:
                raise TaskLost("no message for this task") from None
            if pulled.messages_list:
                self._asked = message_from_proto(pulled.messages_list[0])
                self._tree = pulled.message_object_trees[0]
            elif time.monotonic() > until:
                raise TaskLost("no message for this task")
            else:
                time.sleep(0.05)
        return self._asked, self._tree

    def _contents(self, asked: Message, tree: ObjectTree, frame_bytes_max: int) -> dict[str, bytes]:
        node, run_id = Node(node_id=asked.metadata.dst_node_id), asked.metadata.run_id
        ids = list(dict.fromkeys(part.object_id for part in iterate_object_tree(tree)))
        if len(ids) > _OBJECTS_MAX:
            raise MessageRefused("too many objects")
        pull = make_pull_object_fn_protobuf(self._client.PullObject, node, run_id)
        bounded = _bounded(pull, frame_bytes_max + _ENVELOPE_BYTES_MAX)
        contents = pull_objects(ids, bounded, max_time=_MESSAGE_WAIT_SECONDS, initial_backoff=0.1, backoff_cap=1.0)
        make_confirm_message_received_fn_protobuf(self._client.ConfirmMessageReceived, node, run_id)(tree.object_id)
        return contents

    def _push(self, reply: Message) -> None:
        head = message_to_proto(remove_content_from_message(reply))
        with no_object_id_recompute():
            request = PushAppMessagesRequest(messages_list=[head], message_object_trees=[get_object_tree(reply)])
            taken = self._client.PushMessages(request)
            node = Node(node_id=reply.metadata.src_node_id)
            push = make_push_object_fn_protobuf(
                self._client.PushObject, node, run_id=reply.metadata.run_id, session_id=taken.session_id
            )
            push_objects(get_all_nested_objects(reply), push, object_ids_to_push=set(taken.objects_to_push))

    def _beat(self, ended: threading.Event) -> None:
        while not ended.wait(_HEARTBEAT_SECONDS):
            try:
                self._client.SendTaskHeartbeat(SendTaskHeartbeatRequest())
            except httpx.HTTPError:
                continue  # the next beat tries again; a task that is gone shows when its reply is sent


def _client(address: str, interceptor: ProtobufClientInterceptor) -> RuntimeHttpClient:
    """A client without Flower's own retries: those wait for ever and end the process on a 401."""
    return RuntimeHttpClient.from_server_address(
        server_address=address, insecure=True, root_certificates=None, interceptors=[interceptor], retry_invoker=None
    )


def _bounded(pull: Callable[[str], bytes], bytes_max: int) -> Callable[[str], bytes]:
    taken, lock = [0], threading.Lock()

    def pull_within(object_id: str) -> bytes:
        content = pull(object_id)
        with lock:
            taken[0] += len(content)
            if taken[0] > bytes_max:
                raise MessageRefused("message too large")
        return content

    return pull_within
