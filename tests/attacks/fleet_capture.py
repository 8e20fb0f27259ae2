"""Accounts for every byte a SuperNode sent to the front: a piece of a ledgered frame, or a line of the closed list.

`classify` looks at one request alone; `unexplained` looks at a whole capture with the frames the ledgers hold. A
request body is captured where TLS ends. Nothing is skipped: a field, a header or an object that no rule names is
reported.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from flwr.proto.fleet_pb2 import PushMessagesRequest
from flwr.proto.message_pb2 import Message as ProtoMessage
from flwr.proto.message_pb2 import Metadata, PushObjectRequest
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects
from flwr.supercore.protobuf.translation import PROTOBUF_REQUEST_TYPES
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet  # type: ignore[import-not-found]  # absent from its stubs

from node.edges.federation.flower_internals import content_of
from protocols.flower_fleet import (
    FLEET_HEADERS,
    FLEET_REQUESTS,
    FRAME_ENVELOPES,
    FRAME_PIECE_BYTES,
    FleetField,
    FleetRequest,
)

_HEADERS = {row.name: row.pattern for row in FLEET_HEADERS}
_PUSHED_HEAD = re.compile(
    rb"(ArrayChunk|Array|ArrayRecord|RecordDict|Message) ([0-9a-f,]*) ([0-9]{1,8})\x00", re.DOTALL
)
_OBJECT_ID = re.compile(r"[0-9a-f]{64}")


class Kind(StrEnum):
    """What a captured request turned out to be."""

    CONTROL = "control"
    PIECE = "piece of a frame"
    ENVELOPE = "envelope of a frame"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Captured:
    """One request: what it is, why it is unexplained if so, and for a piece its raw bytes."""

    path: str
    kind: Kind
    reason: str = ""
    piece: bytes = b""
    object_id: str = ""
    content: bytes = b""
    named: tuple[str, ...] = field(default=())
    """Object identifiers the request names beside its own; they must belong to frames as well."""


def classify(path: str, body: bytes) -> Captured:
    """What one request is, by the closed list alone."""
    rows = [row for row in FLEET_REQUESTS if row.path == path]
    if not rows:
        return Captured(path, Kind.UNEXPLAINED, "path is not on the list")
    request = PROTOBUF_REQUEST_TYPES[("POST", path)]()
    try:
        request.ParseFromString(body)
    except DecodeError:
        return Captured(path, Kind.UNEXPLAINED, "body is not a protobuf message")
    if request.SerializeToString(deterministic=True) != body:
        return Captured(path, Kind.UNEXPLAINED, "body is not the one encoding of its fields")
    values = list(_leaves(request))
    reasons = [_against(row, request, values) for row in rows]
    if all(reasons):
        return Captured(path, Kind.UNEXPLAINED, reasons[0])
    if isinstance(request, PushObjectRequest):
        return _pushed(path, request)
    if isinstance(request, PushMessagesRequest):
        return _announced(path, request, values)
    return Captured(path, Kind.CONTROL)


def unknown_headers(headers: Iterable[tuple[str, str]]) -> list[str]:
    """The headers that no line of the closed list covers, each with its value."""
    return [
        f"{name}: {value}"
        for name, value in headers
        if not re.fullmatch(_HEADERS.get(name.lower(), "(?!)"), value, re.ASCII)
    ]


def pieces_of(frame: bytes) -> tuple[bytes, ...]:
    """The pieces a frame is cut into, in order."""
    return tuple(frame[start : start + FRAME_PIECE_BYTES] for start in range(0, len(frame), FRAME_PIECE_BYTES))


def unexplained(requests: Sequence[tuple[str, bytes]], frames: Iterable[bytes]) -> list[str]:
    """One sentence for each request that is neither on the closed list nor, byte for byte, part of a ledgered frame."""
    known = {identifier: content for frame in frames for identifier, content in _objects_of(frame).items()}
    captured = [classify(path, body) for path, body in requests]
    return [sentence for one in captured if (sentence := _complaint(one, known))]


def _complaint(one: Captured, known: dict[str, bytes]) -> str:
    if one.kind is Kind.UNEXPLAINED:
        return f"{one.path}: {one.reason}"
    is_message = one.content.startswith(b"Message ")
    if one.content and not is_message and known.get(one.object_id) != one.content:
        return f"{one.path}: {one.kind.value} that belongs to no ledgered frame"
    strangers = [named for named in one.named if named not in known]
    return f"{one.path}: names {len(strangers)} objects of no ledgered frame" if strangers else ""


def _objects_of(frame: bytes) -> dict[str, bytes]:
    return {identifier: held.deflate() for identifier, held in get_all_nested_objects(content_of(frame)).items()}


def _announced(path: str, request: PushMessagesRequest, values: Sequence[tuple[str, str]]) -> Captured:
    """A push names its message by the digest of its own metadata, and beside it only the objects of a frame."""
    if len(request.messages_list) != 1 or len(request.message_object_trees) != 1:
        return Captured(path, Kind.UNEXPLAINED, "not exactly one message")
    message, tree = request.messages_list[0], request.message_object_trees[0]
    metadata, error = Metadata(), message.error if message.HasField("error") else None
    metadata.CopyFrom(message.metadata)
    metadata.message_id = ""
    body = ProtoMessage(metadata=metadata, error=error).SerializeToString(deterministic=True)
    children = ",".join(child.object_id for child in tree.children)
    root = hashlib.sha256(f"Message {children} {len(body)}\0".encode() + body).hexdigest()
    if {tree.object_id, message.metadata.message_id} != {root}:
        return Captured(path, Kind.UNEXPLAINED, "message is not named by its digest")
    named = [value for name, value in values if name.startswith("message_object_trees")]
    return Captured(path, Kind.CONTROL, named=tuple(value for value in named if value != root))


def _pushed(path: str, request: PushObjectRequest) -> Captured:
    content, object_id = request.object_content, request.object_id
    head = _PUSHED_HEAD.match(content)
    if head is None or hashlib.sha256(content).hexdigest() != object_id:
        return Captured(path, Kind.UNEXPLAINED, "object is not named by its digest or has no known head")
    kind, children, length = head[1].decode(), head[2].decode(), int(head[3])
    body, named = content[head.end() :], tuple(children.split(",")) if children else ()
    if len(body) != length or not all(_OBJECT_ID.fullmatch(child) for child in named):
        return Captured(path, Kind.UNEXPLAINED, "object head does not fit its body")
    if kind == "ArrayChunk" and not named:
        return Captured(path, Kind.PIECE, piece=body, object_id=object_id, content=content)
    reason = _message_body(body) if kind == "Message" else _envelope_body(kind, body)
    if reason:
        return Captured(path, Kind.UNEXPLAINED, reason)
    return Captured(path, Kind.ENVELOPE, object_id=object_id, content=content, named=named)


def _envelope_body(kind: str, body: bytes) -> str:
    pattern = FRAME_ENVELOPES.get(kind, "(?!)")
    return "" if re.fullmatch(pattern.encode(), body) else f"{kind} holds more than its frame"


def _message_body(body: bytes) -> str:
    message = ProtoMessage()
    try:
        message.ParseFromString(body)
    except DecodeError:
        return "message object is not a protobuf message"
    if message.SerializeToString(deterministic=True) != body:
        return "message object is not the one encoding of its fields"
    values = [(f"messages_list[].{name}", value) for name, value in _leaves(message)]
    reasons = [_among(row.fields, values) for row in FLEET_REQUESTS if row.path.endswith("/push-messages")]
    return reasons[0] if all(reasons) else ""


def _against(row: FleetRequest, request: Message, values: Sequence[tuple[str, str]]) -> str:
    """Why the request is not of this row, or nothing."""
    if request.DESCRIPTOR.full_name != row.message:
        return "the list names another message"
    if request.ByteSize() > row.body_bytes_max:
        return "body is longer than the list allows"
    return _among(row.fields, values)


def _among(fields: Iterable[FleetField], values: Sequence[tuple[str, str]]) -> str:
    """Why these values are not of these fields, or nothing."""
    allowed: dict[str, FleetField] = {known.path: known for known in fields}
    for name, value in values:
        known = allowed.get(name)
        if known is None:
            return f"field {name} is not on the list"
        if not re.fullmatch(known.pattern, value, re.ASCII | re.DOTALL):
            return f"field {name} has a value the list does not allow"
    counted = Counter(name for name, _ in values)
    odd = (name for name, known in allowed.items() if not known.at_least <= counted[name] <= known.at_most)
    return next((f"field {name} comes {counted[name]} times" for name in odd), "")


def _leaves(message: Message, at: str = "") -> Iterator[tuple[str, str]]:
    """Every set field as (path, text); unknown fields come as fields of that name."""
    for unknown in UnknownFieldSet(message):
        yield f"{at}unknown {unknown.field_number}", ""
    for descriptor, value in message.ListFields():
        yield from _leaf(descriptor, value, at)


def _leaf(descriptor: FieldDescriptor, value: object, at: str) -> Iterator[tuple[str, str]]:
    name, held = f"{at}{descriptor.name}", value if descriptor.is_repeated else [value]
    if descriptor.is_repeated:
        name = at if at.endswith("...") and descriptor.name == "children" else f"{name}[]"
    assert isinstance(held, Iterable)
    for one in held:
        if not isinstance(one, Message):
            yield name, one.hex() if isinstance(one, bytes) and descriptor.name != "object_content" else _text(one)
        elif descriptor.message_type.name == "ObjectTree":
            yield from _leaves(one, name if name.endswith("...") else f"{name}...")
        else:
            yield from _leaves(one, f"{name}.")


def _text(value: object) -> str:
    return "" if isinstance(value, bytes) else str(value)
