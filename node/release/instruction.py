"""An instruction opened: sealed by the coordinator, of the type its message announces, canonical, bounded in size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from node.release.asked import Asked, asked_by
from node.release.refusals import MessageNotUnderstood
from protocols.encoding import decode
from protocols.errors import FrameRefused, SignatureRefused
from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.signing import PublicIdentity, Purpose, unseal

INSTRUCTION_BYTES_MAX = 256 * 1_048_576

_TYPES: Mapping[str, type[TrainInstruction] | type[EvaluateInstruction]] = MappingProxyType(
    {"train": TrainInstruction, "evaluate": EvaluateInstruction}
)


@dataclass(frozen=True, slots=True)
class Instruction:
    """What the coordinator asks for, and the model's bytes."""

    asked: Asked
    blob: bytes


def read_instruction(message_type: str, sealed: bytes, coordinator: PublicIdentity) -> Instruction:
    """The instruction of a sealed frame.

    Raises:
        MessageNotUnderstood: another signer or purpose, another type than announced, or bytes that are no frame.
    """
    expected = _TYPES.get(message_type)
    if expected is None:
        raise MessageNotUnderstood("no such message type")
    try:
        frame = unseal(sealed, coordinator, Purpose.INSTRUCTION)
        message, blob = decode(frame, expected, max_bytes=INSTRUCTION_BYTES_MAX)
    except (SignatureRefused, FrameRefused) as reason:
        raise MessageNotUnderstood(str(reason)) from None
    return Instruction(asked_by(message), blob)
