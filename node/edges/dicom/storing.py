"""One C-STORE translated: the encoded data set and its UIDs to the receive flow, the outcome to a DICOM status.

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
    OUT_OF_RESOURCES = 0xA700
    CANNOT_UNDERSTAND = 0xC000


def answer(event: Event, receiving: Receiving) -> int:
    """The status of one C-STORE: success only for what is durable."""
    try:
        instance, sender = _instance(event), Actor(ActorKind.PEER, event.assoc.requestor.ae_title.strip())
        receiving.receive(instance, sender)
    except InstanceTooLarge:
        log().warning("instance refused", status=f"{Status.CANNOT_UNDERSTAND:04X}", reason="instance_too_large")
        return Status.CANNOT_UNDERSTAND
    except (StoreFull, StoreFailed) as error:
        log().warning("instance refused", status=f"{Status.OUT_OF_RESOURCES:04X}", error_type=type(error).__name__)
        return Status.OUT_OF_RESOURCES
    except Exception as error:  # noqa: BLE001 - whatever it was, the sender must keep the instance and try again
        log().error("instance refused", status=f"{Status.OUT_OF_RESOURCES:04X}", error_type=type(error).__name__)
        return Status.OUT_OF_RESOURCES
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
