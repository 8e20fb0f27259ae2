"""The gate: a message in, the exact sealed bytes out, or a refusal that names the check.

The gate decides by the exact type; a subclass is another type. It signs, because nothing that did not pass may carry
the hospital's seal. It stores nothing and sends nothing (`node.flows.send` does).
"""

from __future__ import annotations

from dataclasses import dataclass

from node.release.promise import Outgoing, Promise
from node.release.refusals import GateRefused
from node.release.table import GATE_TABLE, SEALED_PARTS, GateCheck, Row
from protocols.encoding import Wire, encode
from protocols.signing import Identity, seal


@dataclass(frozen=True, slots=True)
class Passed:
    """Sealed bytes that may leave, and the row they passed by."""

    sealed: bytes
    kind: str
    row: Row


def pass_gate(outgoing: Outgoing, promise: Promise, identity: Identity) -> Passed:
    """The sealed bytes of a message that keeps every rule of its row.

    Raises:
        GateRefused: the type has no row, a check does not hold, or the frame is too large.
    """
    row = GATE_TABLE.get(type(outgoing.message))
    if row is None:
        raise GateRefused("type", f"{type(outgoing.message).__name__} has no row in the gate table")
    frame = _checked(outgoing, promise, row.checks, row.max_bytes)
    return Passed(sealed=seal(frame, identity, row.purpose), kind=outgoing.message.kind, row=row)


def seal_part(message: Wire, promise: Promise, identity: Identity) -> bytes:
    """The sealed bytes of what rides inside another message, which must pass the gate itself; these never leave alone.

    Raises:
        GateRefused: the type is no such part, a check does not hold, or the frame is too large.
    """
    part = SEALED_PARTS.get(type(message))
    if part is None:
        raise GateRefused("type", f"{type(message).__name__} is sealed inside no other message")
    return seal(_checked(Outgoing(message), promise, part.checks, part.max_bytes), identity, part.purpose)


def _checked(outgoing: Outgoing, promise: Promise, rules: tuple[GateCheck, ...], max_bytes: int) -> bytes:
    """The frame of a message that keeps every rule. Raises: GateRefused."""
    for rule in rules:
        rule(outgoing, promise)
    frame = encode(outgoing.message, outgoing.blob)
    if len(frame) > max_bytes:
        raise GateRefused("size", f"{len(frame)} bytes, {max_bytes} may leave")
    return frame
