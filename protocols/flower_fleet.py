"""The closed list of what Flower's own process adds to what a node sends, and how a frame rides in a Flower message.

A SuperNode sends to `/v1/fleet/` only the requests below. None has room for content: every field is an identifier the
coordinator gave, a number, or one of a few words. What a node truly sends are frames, cut in pieces of at most
`FRAME_PIECE_BYTES`, each the content of one pushed object. Anything else on the line is unexplained.

Field paths are those of Flower's protobuf messages; `[]` marks a repeated field, `...` any depth of the object tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

FLOWER_VERSION: Final = "1.41.0"
QUIET_ENVIRONMENT: Final[Mapping[str, str]] = {
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""What every process that imports Flower is started with, so that it talks to nobody but its own peer."""

MESSAGE_TYPES: Final = ("train", "evaluate", "query")
"""Flower's words: `query` is for the steps of a secure round that need no model."""
FRAME_RECORD: Final = "wire"
FRAME_KEY: Final = "frame"
FRAME_DTYPE: Final = "uint8"
FRAME_STYPE: Final = "intramuros.frame"
FRAME_PIECE_BYTES: Final = 5 * 1_048_576

_ID: Final = r"[0-9]{1,20}"
_OBJECT: Final = r"[0-9a-f]{64}"
_SESSION: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SECONDS: Final = r"[0-9]{1,10}\.[0-9]{1,20}|[0-9](\.[0-9]{1,20})?e-[0-9]{2}"


@dataclass(frozen=True, slots=True)
class FleetField:
    """One field: the pattern its text form matches in full, and how often it comes at least and at most."""

    path: str
    pattern: str
    at_most: int = 1
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class FleetRequest:
    """One request of the list: where it goes, its protobuf message, its fields, and the bound on its body."""

    path: str
    message: str
    fields: tuple[FleetField, ...]
    body_bytes_max: int


@dataclass(frozen=True, slots=True)
class FleetHeader:
    """One HTTP header of the list, with the pattern its value matches in full."""

    name: str
    pattern: str


_NODE: Final = FleetField("node.node_id", _ID)
_RUN: Final = FleetField("run_id", _ID)
_METADATA: Final = "messages_list[].metadata"
_REPLY: Final = (
    _NODE,
    FleetField(f"{_METADATA}.run_id", _ID),
    FleetField(f"{_METADATA}.message_id", _OBJECT),
    FleetField(f"{_METADATA}.src_node_id", _ID),
    FleetField(f"{_METADATA}.dst_node_id", r"1"),
    FleetField(f"{_METADATA}.reply_to_message_id", _OBJECT),
    FleetField(f"{_METADATA}.message_type", "|".join(MESSAGE_TYPES)),
    FleetField("clientapp_runtime_list[]", _SECONDS),
)

FLEET_REQUESTS: Final[tuple[FleetRequest, ...]] = (
    FleetRequest(
        "/v1/fleet/activate-node",
        "flwr.proto.ActivateNodeRequest",
        (FleetField("public_key", r"[0-9a-f]{2,512}"), FleetField("heartbeat_interval", r"30\.0")),
        body_bytes_max=512,
    ),
    FleetRequest(
        "/v1/fleet/deactivate-node",
        "flwr.proto.DeactivateNodeRequest",
        (FleetField("node_id", _ID),),
        body_bytes_max=64,
    ),
    FleetRequest(
        "/v1/fleet/send-node-heartbeat",
        "flwr.proto.SendNodeHeartbeatRequest",
        (_NODE, FleetField("heartbeat_interval", r"30\.0")),
        body_bytes_max=64,
    ),
    FleetRequest("/v1/fleet/pull-messages", "flwr.proto.PullMessagesRequest", (_NODE,), body_bytes_max=64),
    FleetRequest("/v1/fleet/get-run", "flwr.proto.GetRunRequest", (_NODE, _RUN), body_bytes_max=64),
    FleetRequest(
        "/v1/fleet/get-fab",
        "flwr.proto.GetFabRequest",
        (_NODE, _RUN, FleetField("hash_str", _OBJECT)),
        body_bytes_max=160,
    ),
    FleetRequest(
        "/v1/fleet/pull-object",
        "flwr.proto.PullObjectRequest",
        (_NODE, _RUN, FleetField("object_id", _OBJECT)),
        body_bytes_max=160,
    ),
    FleetRequest(
        "/v1/fleet/confirm-message-received",
        "flwr.proto.ConfirmMessageReceivedRequest",
        (_NODE, _RUN, FleetField("message_object_id", _OBJECT)),
        body_bytes_max=160,
    ),
    FleetRequest(
        "/v1/fleet/push-messages",
        "flwr.proto.PushMessagesRequest",
        (
            *_REPLY,
            FleetField(f"{_METADATA}.ttl", r"[0-9]{1,7}\.0"),
            FleetField(f"{_METADATA}.created_at", r"[0-9]{10}\.0"),
            FleetField("message_object_trees[]...object_id", _OBJECT, at_most=4096),
        ),
        body_bytes_max=512 * 1024,
    ),
    FleetRequest(
        "/v1/fleet/push-messages",
        "flwr.proto.PushMessagesRequest",
        (
            *_REPLY,
            FleetField(f"{_METADATA}.ttl", _SECONDS),
            FleetField(f"{_METADATA}.created_at", _SECONDS),
            FleetField("messages_list[].error.code", r"8", at_least=1),
            FleetField("messages_list[].error.reason", r"ClientApp stopped responding\.", at_least=1),
            FleetField("message_object_trees[]...object_id", _OBJECT),
        ),
        body_bytes_max=1024,
    ),
    FleetRequest(
        "/v1/fleet/push-object",
        "flwr.proto.PushObjectRequest",
        (
            _NODE,
            _RUN,
            FleetField("object_id", _OBJECT),
            FleetField("session_id", _SESSION),
            FleetField("object_content", r".*"),
        ),
        body_bytes_max=FRAME_PIECE_BYTES + 1024,
    ),
)
"""A path may have more than one row: a reply is pushed with whole seconds; when a worker is gone, the SuperNode itself
pushes a fixed error. `object_content` of a pushed object is the one field with content: a piece of a frame, or the
fixed envelope round it (see `FRAME_ENVELOPES`)."""

FRAME_ENVELOPES: Final[Mapping[str, str]] = {
    "Array": (
        rf'\{{"dtype": "{FRAME_DTYPE}", "shape": \[[0-9]{{1,12}}\], "stype": "{FRAME_STYPE}", '
        r'"arraychunk_ids": \[[0-9]{1,6}(, [0-9]{1,6})*\]\}'
    ),
    "ArrayRecord": rf'\{{"{FRAME_KEY}": "{_OBJECT}"\}}',
    "RecordDict": rf'\{{"{FRAME_RECORD}": "{_OBJECT}"\}}',
}
"""The body of each envelope object, by its Flower type. A `Message` envelope repeats the metadata of its push."""

FLEET_HEADERS: Final[tuple[FleetHeader, ...]] = (
    FleetHeader("host", r"[A-Za-z0-9.:\[\]-]{1,255}"),
    FleetHeader("accept", r"application/protobuf"),
    FleetHeader("accept-encoding", r"[a-z, ]{0,40}"),
    FleetHeader("connection", r"keep-alive"),
    FleetHeader("user-agent", r"python-httpx/[0-9.]{1,12}"),
    FleetHeader("content-type", r"application/protobuf"),
    FleetHeader("content-length", r"[0-9]{1,8}"),
    FleetHeader("flwr-package-name", r"flwr"),
    FleetHeader("flwr-package-version", r"1\.41\.0"),
    FleetHeader("flwr-component-name", r"SuperNode"),
    FleetHeader("flwr-public-key", r"[A-Za-z0-9+/=]{1,512}"),
    FleetHeader("flwr-signature", r"[A-Za-z0-9+/=]{1,200}"),
    FleetHeader("flwr-timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}\+00:00"),
)
