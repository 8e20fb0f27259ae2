"""What a C-STORE is answered: success for what is durable, and for anything else whether to send it again.

Source: PS3.4 table B.2-1 for the statuses. A700 makes a PACS try again later; C000 makes it stop.
"""

from __future__ import annotations

from enum import IntEnum

from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.events import Event

from node.flows.receive import Receiving
from node.ground.audit import Actor, ActorKind
from node.ground.logs import log
from node.intake.errors import InstanceTooLarge, StoreFailed, StoreFull
from node.intake.received import Instance


class Status(IntEnum):
    """The answers this node gives to a C-STORE."""

    SUCCESS = 0x0000
    UNRECOGNIZED_OPERATION = 0x0211
    OUT_OF_RESOURCES = 0xA700
    CANNOT_UNDERSTAND = 0xC000


def refusal(error: Exception) -> Status:
    """The status for what went wrong, and its line in the log; whatever it was, the sender must learn of it."""
    if isinstance(error, InstanceTooLarge):
        log().warning("instance refused", status=f"{Status.CANNOT_UNDERSTAND:04X}", reason="instance_too_large")
        return Status.CANNOT_UNDERSTAND
    write = log().warning if isinstance(error, StoreFull | StoreFailed) else log().error
    write("instance refused", status=f"{Status.OUT_OF_RESOURCES:04X}", error_type=type(error).__name__)
    return Status.OUT_OF_RESOURCES


def answer(event: Event, receiving: Receiving, *, sender: str | None = None) -> int:
    """The status of one C-STORE that pynetdicom received; `sender` names a peer that we asked for it."""
    try:
        who = event.assoc.requestor.ae_title.strip() if sender is None else sender
        receiving.receive(_instance(event), Actor(ActorKind.PEER, who))
    except Exception as error:  # noqa: BLE001 - whatever it was, the sender must keep the instance and try again
        return refusal(error)
    return Status.SUCCESS


def _instance(event: Event) -> Instance:
    request = event.request
    if not isinstance(request, C_STORE):
        raise TypeError("not a C-STORE")
    return Instance(
        sop_class_uid=str(request.AffectedSOPClassUID or ""),
        sop_instance_uid=str(request.AffectedSOPInstanceUID or ""),
        transfer_syntax_uid=str(event.context.transfer_syntax),
        data_set=event.encoded_dataset(include_meta=False),
    )
