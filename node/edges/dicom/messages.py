"""DIMSE command sets as bytes: what a peer asks, and what it is answered.

Command sets are always implicit VR little endian, group 0000. Source: PS3.7 sections 6.3, 9.3.1, 9.3.5 and annex E.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

_ELEMENT: Final = struct.Struct("<HHL")
_SHORT: Final = struct.Struct("<H")
_PDU_WITH_ONE_VALUE: Final = struct.Struct(">BBLLBB")
_P_DATA_TF: Final = 0x04
COMMAND, LAST = 0x01, 0x02
"""The bits of a message control header. Source: PS3.8 annex E.2."""
_LENGTH, _CLASS, _FIELD, _MESSAGE, _REPLIES_TO = 0x0000, 0x0002, 0x0100, 0x0110, 0x0120
_DATA_SET, _STATUS, _INSTANCE = 0x0800, 0x0900, 0x1000
_NO_DATA_SET: Final = 0x0101
_RESPONSE: Final = 0x8000


class Asked(IntEnum):
    """The commands that are known on an association of storage."""

    STORE = 0x0001
    ECHO = 0x0030
    CANCEL = 0x0FFF


class MessageBroken(Exception):
    """A command set that does not follow the standard; the association is aborted."""


@dataclass(frozen=True, slots=True)
class Request:
    """One command as its peer sent it."""

    command: int
    message_id: int
    has_data_set: bool
    sop_class_uid: str
    sop_instance_uid: str = field(repr=False)


def request_of(encoded: bytes) -> Request:
    """The request in a command set. Raises: MessageBroken."""
    elements = _elements(encoded)
    return Request(
        command=_number(elements, _FIELD),
        message_id=_number(elements, _MESSAGE),
        has_data_set=_number(elements, _DATA_SET) != _NO_DATA_SET,
        sop_class_uid=_uid(elements, _CLASS),
        sop_instance_uid=_uid(elements, _INSTANCE),
    )


def response_pdu(context_id: int, request: Request, status: int) -> bytes:
    """The whole P-DATA-TF PDU that answers a request with a status."""
    instance = _element(_INSTANCE, _padded(request.sop_instance_uid)) if request.sop_instance_uid else b""
    elements = b"".join(
        (
            _element(_CLASS, _padded(request.sop_class_uid)),
            _element(_FIELD, _SHORT.pack(request.command | _RESPONSE)),
            _element(_REPLIES_TO, _SHORT.pack(request.message_id)),
            _element(_DATA_SET, _SHORT.pack(_NO_DATA_SET)),
            _element(_STATUS, _SHORT.pack(status)),
            instance,
        )
    )
    command = _element(_LENGTH, struct.pack("<L", len(elements))) + elements
    head = _PDU_WITH_ONE_VALUE.pack(_P_DATA_TF, 0, len(command) + 6, len(command) + 2, context_id, COMMAND | LAST)
    return head + command


def _elements(encoded: bytes) -> dict[int, bytes]:
    elements, at = {}, 0
    while at < len(encoded):
        if at + _ELEMENT.size > len(encoded):
            raise MessageBroken("an element is cut off")
        group, number, length = _ELEMENT.unpack_from(encoded, at)
        at += _ELEMENT.size
        if group or at + length > len(encoded):
            raise MessageBroken("an element is cut off, or no command")
        elements[number] = encoded[at : at + length]
        at += length
    return elements


def _number(elements: dict[int, bytes], number: int) -> int:
    value = elements.get(number, b"")
    if len(value) != _SHORT.size:
        raise MessageBroken("a number is missing")
    return int(_SHORT.unpack(value)[0])


def _uid(elements: dict[int, bytes], number: int) -> str:
    return elements.get(number, b"").decode("latin-1").strip(" \0")


def _element(number: int, value: bytes) -> bytes:
    return _ELEMENT.pack(0, number, len(value)) + value


def _padded(uid: str) -> bytes:
    encoded = uid.encode("latin-1", "replace")
    return encoded + b"\0" * (len(encoded) % 2)
