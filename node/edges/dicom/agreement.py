"""What an association that is plain storage is agreed to: a transfer syntax for every context, and the answer's bytes.

pynetdicom reads the request, decides the contexts and writes the answer; only what runs on the association afterwards
is ours (`store_association`). Whatever asks for more than storage and verification, or for who it is to be proven, is
none of ours and goes to pynetdicom whole. Source: PS3.8 sections 9.3.2 and 9.3.3; PS3.7 annex D.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydicom.uid import UID
from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    MaximumLengthNotification,
    UserIdentityNegotiation,
)
from pynetdicom.presentation import PresentationContext, negotiate_unrestricted

from node.edges.dicom.sockets import MAX_PDU_BYTES
from node.edges.dicom.syntaxes import preferred
from node.intake.part10 import IMPLEMENTATION

_VERIFICATION: Final = "1.2.840.10008.1.1"
_APPLICATION_CONTEXT: Final = "1.2.840.10008.3.1.1.1"
_ACCEPTED: Final = 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was agreed with one peer."""

    calling: str
    syntaxes: Mapping[int, str]
    """The transfer syntax of every presentation context by its number."""
    answer: bytes
    """The A-ASSOCIATE-AC."""


def agreement(opened: bytes) -> Agreement | None:
    """The agreement with a peer that asks for storage and verification only; None for any other."""
    try:
        return _agreed(opened)
    except Exception:  # noqa: BLE001 - bytes that pynetdicom cannot read here it refuses itself, as an association
        return None


def _agreed(opened: bytes) -> Agreement | None:
    asked = A_ASSOCIATE_RQ()
    asked.decode(opened)
    request = asked.to_primitive()
    contexts = request.presentation_context_definition_list
    if any(isinstance(item, UserIdentityNegotiation) for item in request.user_information):
        return None
    for context in contexts:
        context.transfer_syntax = [preferred(context.transfer_syntax)]
    results, _ = negotiate_unrestricted(contexts, [build_context(_VERIFICATION)])
    if not results or any(context.result != _ACCEPTED for context in results):
        return None
    return Agreement(
        calling=request.calling_ae_title.strip(),
        syntaxes={int(context.context_id or 0): str(context.transfer_syntax[0]) for context in results},
        answer=_answer(request, results),
    )


def _answer(request: A_ASSOCIATE, results: Sequence[PresentationContext]) -> bytes:
    longest, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    longest.maximum_length_received = MAX_PDU_BYTES - 6
    implementation.implementation_class_uid = UID(IMPLEMENTATION)
    accepted = A_ASSOCIATE()
    accepted.application_context_name = UID(_APPLICATION_CONTEXT)
    accepted.calling_ae_title, accepted.called_ae_title = request.calling_ae_title, request.called_ae_title
    accepted.result, accepted.result_source = 0x00, 0x01
    accepted.presentation_context_definition_results_list = list(results)
    accepted.user_information = [longest, implementation]
    answer = A_ASSOCIATE_AC()
    answer.from_primitive(accepted)
    return bytes(answer.encode())
