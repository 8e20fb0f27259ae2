"""Canonical bytes with a version: one value has one encoding, and only known versions are read.

A frame is `MAGIC`, the header length as 32 bit big endian, the canonical JSON header `{"body", "kind", "version"}`, and
a blob of raw bytes (tensors) that may be empty. Not done here: signatures (`protocols.signing`), transport.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
)
from pydantic import ValidationError as PydanticRefused

from protocols.errors import FrameRefused

MAGIC = b"IMUR1\n"
MAX_HEADER_BYTES = 1_048_576
MAX_FRAME_BYTES = 512 * 1_048_576


class Wire(BaseModel):
    """A value that may travel between a node and the coordinator."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

    kind: ClassVar[str]
    version: ClassVar[int]
    reads: ClassVar[tuple[int, ...]] = ()
    """Older versions this type still reads, besides its own (the previous release's)."""


class Part(BaseModel):
    """A piece of a wire value that never travels alone."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


W = TypeVar("W", bound=Wire)


def _from_base64(value: object) -> object:
    if isinstance(value, str):
        return base64.b64decode(value, validate=True)
    return value


def _in_utc(value: datetime) -> datetime:
    if value.utcoffset() != timedelta(0):
        raise ValueError("a moment that is not in UTC")
    return value


Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in lower-case hexadecimal."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Base64 = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    PlainSerializer(lambda value: base64.b64encode(value).decode("ascii"), when_used="json"),
]
Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment in UTC; another offset is another spelling of the same moment and is refused."""


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """The one encoding of a JSON object: keys sorted, no spaces, UTF-8, no NaN. Source: RFC 8785, in the part used."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def encode(message: Wire, blob: bytes = b"") -> bytes:
    """The frame of a value and its blob; equal values give equal bytes."""
    body = message.model_dump(mode="json")
    header = canonical_json({"body": body, "kind": message.kind, "version": message.version})
    return MAGIC + struct.pack(">I", len(header)) + header + blob


def kind_of(frame: bytes) -> str:
    """The kind a frame claims to be, for choosing the type to decode it as.

    Raises:
        FrameRefused: the bytes are no frame.
    """
    header, _ = _split(frame, MAX_FRAME_BYTES)
    return str(header["kind"])


def decode(frame: bytes, expected: type[W], *, max_bytes: int = MAX_FRAME_BYTES) -> tuple[W, bytes]:
    """The value and blob of a frame of the expected type.

    Raises:
        FrameRefused: too large, not a frame, another kind, an unknown version, a field too many, too few or out of
            bounds, or bytes that are not the canonical encoding of the value they hold.
    """
    header, blob = _split(frame, max_bytes)
    known = (expected.version, *expected.reads)
    if header["kind"] != expected.kind or header["version"] not in known:
        raise FrameRefused(f"expected {expected.kind} version {known}")
    try:
        message = expected.model_validate_json(canonical_json(header["body"]))
    except PydanticRefused as refusal:
        raise FrameRefused(f"{expected.kind}: {refusal.error_count()} field(s) refused") from None
    if header["version"] == expected.version and encode(message, blob) != frame:
        raise FrameRefused(f"{expected.kind}: not the canonical encoding of its value")
    return message, blob


def _split(frame: bytes, max_bytes: int) -> tuple[dict[str, Any], bytes]:
    start = len(MAGIC) + 4
    if len(frame) > max_bytes or len(frame) < start or not frame.startswith(MAGIC):
        raise FrameRefused("not a frame, or larger than allowed")
    (length,) = struct.unpack(">I", frame[len(MAGIC) : start])
    if length > MAX_HEADER_BYTES or start + length > len(frame):
        raise FrameRefused("header length out of bounds")
    raw = frame[start : start + length]
    try:
        header = json.loads(raw)
        canonical = canonical_json(header)
    except (ValueError, TypeError, RecursionError, AttributeError):
        raise FrameRefused("header is not JSON") from None
    if not isinstance(header, dict) or set(header) != {"body", "kind", "version"} or canonical != raw:
        raise FrameRefused("header is not canonical")
    return header, frame[start + length :]
