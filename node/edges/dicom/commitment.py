"""Storage commitment on the wire: an N-ACTION heard, an N-EVENT-REPORT said, on the same association or a new one.

A request is read only from a peer whose copies this node keeps, up to a bound. A peer with a port of its own in the
configuration is called back; any other hears the report on the association that asked, for as long as that stands.
Source: PS3.4 annex J; PS3.7 sections 10.1.1 and 10.1.4, statuses in annex C.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from time import sleep
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pynetdicom import AE, build_context, build_role
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import N_ACTION
from pynetdicom.events import Event

from node.edges.dicom.peers import Caller
from node.edges.dicom.rejection import rejection
from node.edges.dicom.sockets import MAX_PDU_BYTES
from node.edges.dicom.tls import context
from node.flows.commit import Commitment, CommitParts, ReportNotTaken, give_up, report, take
from node.ground.config import Dicom, DicomPeer
from node.ground.logs import log
from node.intake.commitment import (
    MAX_INSTANCES,
    MODEL,
    WELL_KNOWN_INSTANCE,
    CommitmentReason,
    CommitmentRequest,
    Judged,
    Referenced,
)

_REQUEST_COMMITMENT: Final = 1
_LONGEST_REQUEST_BYTES: Final = 4 * 1024 * 1024
_CONNECT_SECONDS, _ANSWER_SECONDS = 30.0, 120.0
_ROWS_FOLLOW_SECONDS: Final = 2.0
_ALL_COMMITTED, _SOME_FAILED = 1, 2
_UID: Final = re.compile(r"[0-9.]{1,64}")


class ActionStatus(IntEnum):
    """The answers this node gives to an N-ACTION."""

    SUCCESS = 0x0000
    PROCESSING_FAILURE = 0x0110
    NO_SUCH_INSTANCE = 0x0112
    INVALID_ARGUMENT = 0x0115
    NO_SUCH_ACTION = 0x0123
    NOT_AUTHORIZED = 0x0124
    RESOURCE_LIMITATION = 0x0213


_ANSWERS: Final = {
    CommitmentReason.NOT_AN_ARCHIVE: ActionStatus.NOT_AUTHORIZED,
    CommitmentReason.RETENTION_ENDS: ActionStatus.NOT_AUTHORIZED,
    CommitmentReason.REQUEST_UNREADABLE: ActionStatus.INVALID_ARGUMENT,
    CommitmentReason.TOO_MANY_PENDING: ActionStatus.RESOURCE_LIMITATION,
}


class CommitmentProvider:
    """Answers N-ACTION of a server's peers."""

    def __init__(self, parts: CommitParts, rule_for: Callable[[Caller], object]) -> None:
        self._parts = parts
        self._rule_for = rule_for

    def answer(self, event: Event, *, encrypted: bool) -> tuple[int, Dataset | None]:
        """The status of one N-ACTION; success says that the request is durable."""
        try:
            return int(self._answered(event, encrypted=encrypted)), None
        except Exception as error:  # noqa: BLE001 - whatever it was, the peer must keep its copies and ask again
            log().warning("storage commitment failed", error_type=type(error).__name__)
            return int(ActionStatus.PROCESSING_FAILURE), None

    def _answered(self, event: Event, *, encrypted: bool) -> ActionStatus:
        asked, association = event.request, event.assoc
        if not isinstance(asked, N_ACTION) or str(asked.RequestedSOPInstanceUID) != WELL_KNOWN_INSTANCE:
            return ActionStatus.NO_SUCH_INSTANCE
        if asked.ActionTypeID != _REQUEST_COMMITMENT:
            return ActionStatus.NO_SUCH_ACTION
        peer, asking = association.requestor.ae_title.strip(), association.requestor.primitive
        called = "" if asking is None else asking.called_ae_title.strip()
        rule = self._rule_for(Caller(peer, called, str(association.requestor.address), encrypted))
        archive = isinstance(rule, DicomPeer) and rule.archive
        called_back = isinstance(rule, DicomPeer) and rule.report_port is not None
        request = _request(event, asked) if archive and self._parts.without_end else None
        kept = take(self._parts, peer, request, archive=archive, by_jobs=called_back)
        if isinstance(kept, CommitmentReason):
            return _ANSWERS.get(kept, ActionStatus.PROCESSING_FAILURE)
        if not called_back:
            line = _SameAssociation(association)
            threading.Thread(target=self._report_here, args=(kept, line), name="commitment", daemon=True).start()
        return ActionStatus.SUCCESS

    def _report_here(self, kept: Commitment, line: _SameAssociation) -> None:
        """The report went out on the association that asked, or is given up: there is no other way to this peer."""
        sleep(_ROWS_FOLLOW_SECONDS)
        try:
            report(self._parts, kept, line)
        except Exception as error:  # noqa: BLE001 - a thread's end that nobody sees must leave its trace on the page
            log().warning("commitment report not taken", error_type=type(error).__name__)
            give_up(self._parts, kept.commitment_id)


class CallingBack:
    """Reports to one peer, each on an association of its own; implements `ReportLine`."""

    def __init__(self, peer: DicomPeer, own: Dicom) -> None:
        self._peer = peer
        self._own = own

    def report(self, transaction_uid: str, judged: Judged) -> None:
        """The peer has taken the report. Raises: ReportNotTaken."""
        line = self._associated()
        try:
            _send(line, transaction_uid, judged)
        finally:
            with suppress(RuntimeError):
                line.release()

    def _associated(self) -> Association:
        peer, tls = self._peer, self._own.tls if self._peer.tls_required else None
        host = peer.report_host or peer.address
        entity = AE(peer.called_ae_title or self._own.ae_title)
        entity.maximum_pdu_size = MAX_PDU_BYTES - 6
        entity.acse_timeout = entity.connection_timeout = _CONNECT_SECONDS
        entity.dimse_timeout = entity.network_timeout = _ANSWER_SECONDS
        try:
            line = entity.associate(
                host,
                peer.report_port or 0,
                [build_context(MODEL)],
                ae_title=peer.ae_title,
                ext_neg=[build_role(MODEL, scp_role=True)],
                tls_args=(context(tls, server=False), host) if tls else None,
            )
        except OSError:
            raise ReportNotTaken("unreachable") from None
        if not line.is_established:
            raise ReportNotTaken("rejected" if rejection(line) else "unreachable")
        return line


class _SameAssociation:
    """Reports on the association that asked."""

    def __init__(self, association: Association) -> None:
        self._association = association

    def report(self, transaction_uid: str, judged: Judged) -> None:
        """The peer has taken the report. Raises: ReportNotTaken."""
        _send(self._association, transaction_uid, judged)


def reporting_lines(own: Dicom) -> dict[str, CallingBack]:
    """The way to every peer that is called back, by its AE title."""
    return {peer.ae_title: CallingBack(peer, own) for peer in own.peers if peer.archive and peer.report_port}


def _send(line: Association, transaction_uid: str, judged: Judged) -> None:
    event_type = _SOME_FAILED if judged.failed else _ALL_COMMITTED
    told = _report(transaction_uid, judged)
    try:
        status, _ = line.send_n_event_report(told, event_type, MODEL, WELL_KNOWN_INSTANCE)
    except (RuntimeError, ValueError):  # pynetdicom: the line is gone, or the peer did not accept the service
        raise ReportNotTaken("not_offered" if line.is_established else "line_broke") from None
    if "Status" not in status:
        raise ReportNotTaken("no_answer")
    if status.Status != ActionStatus.SUCCESS:
        raise ReportNotTaken(f"report_{int(status.Status):04x}")


def _report(transaction_uid: str, judged: Judged) -> Dataset:
    told = Dataset()
    told.TransactionUID = transaction_uid
    if judged.committed:
        told.ReferencedSOPSequence = Items([_item(one) for one in judged.committed])
    if judged.failed:
        told.FailedSOPSequence = Items([_item(one, int(why)) for one, why in judged.failed])
    return told


def _item(one: Referenced, failure: int | None = None) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = one.class_uid, one.instance_uid
    if failure is not None:
        item.FailureReason = failure
    return item


def _request(event: Event, asked: N_ACTION) -> CommitmentRequest | None:
    """What the peer asks; None for more than the bound, for what cannot be read, and for what names nothing."""
    raw = asked.ActionInformation
    if raw is None or len(raw.getbuffer()) > _LONGEST_REQUEST_BYTES:
        return None
    try:
        told = event.action_information
        transaction, items = _uid(told, "TransactionUID"), told.get("ReferencedSOPSequence") or []
        instances = tuple(
            Referenced(_uid(one, "ReferencedSOPClassUID"), _uid(one, "ReferencedSOPInstanceUID")) for one in items
        )
    except Exception:  # noqa: BLE001 - pydicom raises what it likes at bytes that are no data set
        return None
    whole = transaction and all(one.class_uid and one.instance_uid for one in instances)
    return CommitmentRequest(transaction, instances) if whole and 0 < len(instances) <= MAX_INSTANCES else None


def _uid(told: Dataset, keyword: str) -> str:
    """The UID as its bytes say it; pydicom's own reading would log one that is none. Empty for what is none."""
    value = told.get_item(keyword).value if keyword in told else b""
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
    return text.strip(" \0") if _UID.fullmatch(text.strip(" \0")) else ""
