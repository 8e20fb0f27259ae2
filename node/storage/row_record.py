"""What makes an image's row, behind the image's sealed bytes in the same file: one sync makes both durable.

A file that came over the network holds its sealed bytes, the record, and 32 bytes that say where the record lies; one
without such an ending is sealed bytes alone. Nothing in a record tells more than the index does: digests are keyed and
the identity is sealed.
"""

from __future__ import annotations

import json
import struct
import zlib
from datetime import datetime
from typing import Any, Final

from node.ground.audit import Actor, ActorKind, AuditEvent
from node.intake.received import NewReceived

_ENDING: Final = struct.Struct("<QII16s")
_MARK: Final = b"IMROW1\n" + bytes.fromhex("9b1f6c02a7e35dd814")
"""Sixteen bytes that no authentication tag, the last bytes of a file without a record, ever is by chance."""


def ending(sealed_bytes: int, new: NewReceived) -> bytes:
    """What stands behind so many sealed bytes."""
    record = _record(new)
    return record + _ENDING.pack(sealed_bytes, len(record), zlib.crc32(record), _MARK)


def sealed_part(contents: bytes) -> bytes:
    """The sealed bytes of a file, with or without a record behind them."""
    found = _found(contents)
    return contents if found is None else contents[: found[0]]


def recorded(contents: bytes) -> NewReceived | None:
    """The row to be that a file holds; None where the file has none or was cut off."""
    found = _found(contents)
    return None if found is None else _new(json.loads(found[1]))


def _found(contents: bytes) -> tuple[int, bytes] | None:
    """Where the sealed bytes end, and the record."""
    if len(contents) < _ENDING.size:
        return None
    sealed_bytes, length, check, mark = _ENDING.unpack_from(contents, len(contents) - _ENDING.size)
    record = contents[sealed_bytes : len(contents) - _ENDING.size]
    if mark != _MARK or len(record) != length or zlib.crc32(record) != check:
        return None
    return sealed_bytes, record


def _record(new: NewReceived) -> bytes:
    event = new.event
    return json.dumps(
        {
            "id": new.received_id,
            "instance": new.instance_lookup,
            "content": new.content_digest,
            "bytes": new.byte_count,
            "identity": new.sealed_identity.hex(),
            "broken": new.broken,
            "at": event.at.isoformat(),
            "actor": [event.actor.kind.value, event.actor.actor_id],
            "act": [event.action, event.subject, event.reason],
        }
    ).encode()


def _new(held: dict[str, Any]) -> NewReceived:  # `Any`: what JSON holds, written by `_record` and checked by its sum
    kind, actor_id = held["actor"]
    action, subject, reason = held["act"]
    actor = Actor(ActorKind(kind), actor_id)
    return NewReceived(
        received_id=held["id"],
        instance_lookup=held["instance"],
        content_digest=held["content"],
        byte_count=held["bytes"],
        sealed_identity=bytes.fromhex(held["identity"]),
        broken=held["broken"],
        event=AuditEvent(datetime.fromisoformat(held["at"]), actor, action, subject, reason),
    )
