"""An instruction opened: sealed by the coordinator, of the type its message announces, canonical, bounded in size."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from node.release.asked import Asked, asked_by, asked_by_step
from node.release.refusals import MessageNotUnderstood
from node.release.secure.member import Asked as Step
from node.release.secure.state import Act
from protocols.encoding import decode, kind_of
from protocols.errors import FrameRefused, SignatureRefused
from protocols.instructions import EvaluateInstruction, TrainInstruction
from protocols.masking import AdvertInstruction, MaskInstruction, ShareInstruction, SurvivorInstruction
from protocols.signing import PublicIdentity, Purpose, unseal

INSTRUCTION_BYTES_MAX = 256 * 1_048_576

Told = (
    TrainInstruction
    | EvaluateInstruction
    | AdvertInstruction
    | ShareInstruction
    | MaskInstruction
    | SurvivorInstruction
)

_TYPES: Mapping[str, Mapping[str, type[Told]]] = MappingProxyType(
    {
        message_type: MappingProxyType({one.kind: one for one in types})
        for message_type, types in {
            "train": (TrainInstruction, MaskInstruction),
            "evaluate": (EvaluateInstruction,),
            "query": (AdvertInstruction, ShareInstruction, SurvivorInstruction),
        }.items()
    }
)
"""What may be told under each of Flower's message types, by kind."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """What the coordinator asks for, and the bytes of the model or the opened sum."""

    asked: Asked
    blob: bytes
    step: Step | None = None
    """The step of a secure round, where it is one."""


def read_instruction(message_type: str, sealed: bytes, coordinator: PublicIdentity) -> Instruction:
    """The instruction of a sealed frame.

    Raises:
        MessageNotUnderstood: another signer or purpose, another type than announced, or bytes that are no frame.
    """
    try:
        frame = unseal(sealed, coordinator, Purpose.INSTRUCTION)
        expected = _TYPES.get(message_type, {}).get(kind_of(frame))
        if expected is None:
            raise MessageNotUnderstood("no such instruction under this message type")
        message, blob = decode(frame, expected, max_bytes=INSTRUCTION_BYTES_MAX)
    except (SignatureRefused, FrameRefused) as reason:
        raise MessageNotUnderstood(str(reason)) from None
    if isinstance(message, TrainInstruction | EvaluateInstruction):
        return Instruction(asked_by(message), blob)
    step = Step(hashlib.sha256(frame).hexdigest(), message)
    if blob and step.act is not Act.MASK and getattr(message, "opened", None) is None:
        raise MessageNotUnderstood("a step without a model or a sum carries no bytes")
    return Instruction(asked_by_step(message), blob, step)
