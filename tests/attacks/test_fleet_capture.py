"""What the accounting of captured requests lets pass, and each kind of leak it must find."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest
from attacks.fleet_capture import Kind, classify, pieces_of, unexplained, unknown_headers
from flwr.app import Array, ArrayRecord, ConfigRecord, Error, Message, RecordDict
from flwr.app.message import remove_content_from_message
from flwr.common.serde import message_to_proto
from flwr.proto.fleet_pb2 import PullMessagesRequest, PushMessagesRequest
from flwr.proto.message_pb2 import PushObjectRequest
from flwr.proto.node_pb2 import Node
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects, get_object_tree
from flwr.supercore.task_identity import TaskIdentity

from node.edges.federation.flower_internals import content_of, reply_to
from protocols.flower_fleet import FLEET_REQUESTS, FRAME_PIECE_BYTES

FRAME = bytes(range(256)) * 25_000
NODE = Node(node_id=1234567890123456789)
SESSION = "aa55eca7-3d28-40d9-aebe-8b56d8a167ac"
PUSH, PUSH_OBJECT = "/v1/fleet/push-messages", "/v1/fleet/push-object"


def asked() -> Message:
    TaskIdentity.run_id, TaskIdentity.node_id, TaskIdentity.task_id = 7, 1, 1
    question = Message(RecordDict({}), NODE.node_id, "train", ttl=60.0)
    question.metadata.__dict__.update(_message_id="ab" * 32, _src_task_id=None)  # as the SuperLink hands it out
    return question


def sent(reply: Message, *, runtime_seconds: float = 0.25) -> list[tuple[str, bytes]]:
    """The requests with which a SuperNode sends this reply."""
    reply.metadata.__dict__["_message_id"] = reply.object_id
    head = PushMessagesRequest(
        node=NODE,
        messages_list=[message_to_proto(remove_content_from_message(reply))],
        message_object_trees=[get_object_tree(reply)],
        clientapp_runtime_list=[runtime_seconds],
    )
    objects = [pushed(held.deflate()) for held in get_all_nested_objects(reply).values()]
    return [(PUSH, head.SerializeToString(deterministic=True)), *objects]


def pushed(content: bytes, *, object_id: str | None = None) -> tuple[str, bytes]:
    name = hashlib.sha256(content).hexdigest() if object_id is None else object_id
    request = PushObjectRequest(node=NODE, run_id=7, object_id=name, object_content=content, session_id=SESSION)
    return PUSH_OBJECT, request.SerializeToString(deterministic=True)


def honest() -> list[tuple[str, bytes]]:
    return sent(reply_to(asked(), FRAME))


def with_content(content: RecordDict) -> list[tuple[str, bytes]]:
    reply = reply_to(asked(), FRAME)
    reply.content = content
    return sent(reply)


def with_metadata(**told: object) -> list[tuple[str, bytes]]:
    reply = reply_to(asked(), FRAME)
    reply.metadata.__dict__.update({f"_{name}": value for name, value in told.items()})
    return sent(reply)


def head_with(*, tree_root: str = "", extra: str = "") -> tuple[str, bytes]:
    """The first request of an honest reply, its object tree changed."""
    head = PushMessagesRequest.FromString(honest()[0][1])
    tree = head.message_object_trees[0]
    tree.object_id = tree_root or tree.object_id
    if extra:
        tree.children[0].children.add(object_id=extra)
    return PUSH, head.SerializeToString(deterministic=True)


def test_a_reply_that_was_cut_off_after_its_head_is_explained() -> None:
    assert unexplained(honest()[:1], [FRAME]) == []


def test_what_the_supernode_says_when_the_worker_is_gone_is_on_the_list() -> None:
    crash = Message(Error(code=8, reason="ClientApp stopped responding."), reply_to=asked())
    assert unexplained(sent(crash), []) == []


def test_another_text_of_an_error_is_found() -> None:
    crash = Message(Error(code=2, reason="no such file: HONG^GILDONG.dcm"), reply_to=asked())
    assert len(unexplained(sent(crash), [])) == 2


def test_an_honest_reply_is_explained_to_the_last_byte() -> None:
    assert unexplained(honest(), [FRAME]) == []


def test_the_pieces_of_an_honest_reply_are_those_of_its_frame() -> None:
    captured = [classify(*request) for request in honest()]
    assert {one.piece for one in captured if one.kind is Kind.PIECE} == set(pieces_of(FRAME))
    assert [len(piece) for piece in pieces_of(FRAME)] == [FRAME_PIECE_BYTES, len(FRAME) - FRAME_PIECE_BYTES]


ARRAY = Array(dtype="uint8", shape=(3,), stype="intramuros.frame", data=b"abc")
LEAKS: dict[str, Callable[[], list[tuple[str, bytes]]]] = {
    "a frame in no ledger": lambda: sent(reply_to(asked(), FRAME + b"!")),
    "a second array": lambda: with_content(RecordDict({"wire": ArrayRecord({"frame": ARRAY, "extra": ARRAY})})),
    "a metric": lambda: with_content(
        RecordDict({**content_of(FRAME), "metrics": ConfigRecord({"name": "HONG^GILDONG"})})
    ),
    "a name of an array": lambda: with_content(RecordDict({"wire": ArrayRecord({"HONG^GILDONG": ARRAY})})),
    "a serialisation type": lambda: with_content(
        RecordDict({"wire": ArrayRecord({"frame": Array(dtype="uint8", shape=(3,), stype="HONG", data=b"abc")})})
    ),
    "a group": lambda: with_metadata(group_id="HONG^GILDONG"),
    "a message type": lambda: with_metadata(message_type="query.HONG"),
    "a fraction of a second": lambda: with_metadata(created_at=1795315364.190812),
    "an id of another question": lambda: with_metadata(reply_to_message_id="HONG^GILDONG"),
    "an object not named by its digest": lambda: [pushed(b"ArrayChunk  3\x00abc", object_id="ab" * 32)],
    "a piece of no frame": lambda: [pushed(b"ArrayChunk  3\x00abc")],
    "an object of another kind": lambda: [pushed(b"ConfigRecord  2\x00{}")],
    "bytes after the body": lambda: [pushed(b"ArrayChunk  3\x00abcHONG")],
    "an unknown field": lambda: [
        ("/v1/fleet/pull-messages", PullMessagesRequest(node=NODE).SerializeToString() + b"\xfa\x01\x04HONG")
    ],
    "names of messages": lambda: [
        ("/v1/fleet/pull-messages", PullMessagesRequest(node=NODE, message_ids=["HONG"]).SerializeToString())
    ],
    "another path": lambda: [("/v1/fleet/register-node", b"")],
    "a path that is not Flower's": lambda: [("/v1/fleet/HONG", b"")],
    "a body that is no message": lambda: [("/v1/fleet/get-run", b"HONG^GILDONG")],
    "a message not named by its digest": lambda: [head_with(tree_root="cd" * 32)],
    "an object beside the frame": lambda: [head_with(extra="cd" * 32)],
}


@pytest.mark.parametrize("leak", LEAKS, ids=str)
def test_a_leak_is_found(leak: str) -> None:
    assert unexplained(LEAKS[leak](), [FRAME]) != []


def test_an_envelope_padded_with_spaces_is_found() -> None:
    body = json.dumps({"frame": "ab" * 32}).encode() + b" "
    content = b"ArrayRecord " + b"ab" * 32 + b" %d\x00" % len(body) + body
    assert classify(*pushed(content)).kind is Kind.UNEXPLAINED


@pytest.mark.parametrize(
    "header", [("x-patient", "HONG"), ("user-agent", "python-httpx/0.28.1 HONG"), ("cookie", "a=b")]
)
def test_a_header_off_the_list_is_found(header: tuple[str, str]) -> None:
    assert unknown_headers([("accept", "application/protobuf"), header]) == [": ".join(header)]


def test_every_path_of_the_list_belongs_to_the_fleet_and_has_a_bound() -> None:
    assert all(row.path.startswith("/v1/fleet/") and row.body_bytes_max > 0 for row in FLEET_REQUESTS)
