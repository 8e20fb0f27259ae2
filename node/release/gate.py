"""The gate: a message in, the exact sealed bytes out, or a refusal that names the check.

The gate decides by the exact type; a subclass is another type. It signs, because nothing that did not pass may carry
the hospital's seal. It stores nothing and sends nothing (`node.flows.send` does).
"""

from __future__ import annotations

from dataclasses import dataclass

from node.release.promise import Outgoing, Promise
from node.release.refusals import GateRefused
from node.release.table import GATE_TABLE, Row
from protocols.encoding import encode
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
    for check in row.checks:
        check(outgoing, promise)
    frame = encode(outgoing.message, outgoing.blob)
    if len(frame) > row.max_bytes:
        raise GateRefused("size", f"{len(frame)} bytes, {row.max_bytes} may leave")
    return Passed(sealed=seal(frame, identity, row.purpose), kind=outgoing.message.kind, row=row)
