"""The receive process' DICOM server: binds the port, answers C-ECHO and C-STORE, ends cleanly.

pynetdicom's own log stays off: it prints UIDs, AE titles and parts of data sets.
"""

from __future__ import annotations

import logging
import threading
from functools import partial
from time import monotonic, sleep
from typing import Final
from weakref import WeakKeyDictionary

from pynetdicom import AE, _config, ae, evt
from pynetdicom.association import Association
from pynetdicom.events import Event, EventHandlerType
from pynetdicom.pdu import P_DATA_TF
from pynetdicom.pdu_primitives import A_ASSOCIATE

from node.edges.dicom.commitment import CommitmentProvider
from node.edges.dicom.connections import PeerConnection, PeerServer
from node.edges.dicom.peers import PeerRules
from node.edges.dicom.rows import RowsFollow
from node.edges.dicom.slots import Slots
from node.edges.dicom.sockets import MAX_PDU_BYTES, BoundedSocket
from node.edges.dicom.store_association import LEAST_BYTES_A_SECOND
from node.edges.dicom.storing import Status, answer
from node.edges.dicom.syntaxes import preferred
from node.edges.dicom.tls import EncryptedConnection, TlsDoor
from node.flows.commit import CommitParts
from node.flows.receive import Receiving
from node.ground.config import MEBIBYTE, Dicom
from node.ground.listening import not_listening
from node.ground.logs import log
from node.intake.commitment import MODEL

_VERIFICATION: Final = "1.2.840.10008.1.1"
_ACSE_SECONDS, _DIMSE_SECONDS, _IDLE_SECONDS = 30.0, 60.0, 300.0
_STOP_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.1
_LAST_FRAGMENT: Final = 0x02


class ReceiveServer:
    """The DICOM server of one node on one port, behind a door of TLS or in the clear; instances go to `receiving`."""

    def __init__(
        self, config: Dicom, receiving: Receiving, door: TlsDoor | None = None, commit: CommitParts | None = None
    ) -> None:
        self._config = config
        self._door = door
        self._listens = config.tls.port if door and config.tls else config.port
        self._rules = PeerRules(config.ae_title, config.peers)
        self._receiving = receiving
        self._commitment = None if commit is None else CommitmentProvider(commit, self._rules.rule_for)
        self._server: PeerServer | None = None
        self._thread: threading.Thread | None = None
        self._longest_bytes = 2 * config.max_instance_mib * MEBIBYTE
        self._rows = RowsFollow(receiving.accepting)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1]) if self._server else self._listens

    def start(self) -> None:
        """Peers can connect.

        Raises:
            PortTaken: another program listens there.
            AddressUnusable: the address is not this machine's, or the port needs more rights.
        """
        quiet()
        entity = self._entity()
        try:
            server = PeerServer(
                entity,
                (self._config.host, self._listens),
                entity.ae_title,
                entity.supported_contexts,
                evt_handlers=self._events(),
                request_handler=partial(EncryptedConnection, self._door) if self._door else PeerConnection,
            )
        except OSError as error:
            host, setting = self._config.host, "dicom.tls.port" if self._door else "dicom.port"
            raise not_listening(error, host=host, port=self._listens, setting=setting) from None
        server.rules, server.slots = self._rules, self._slots()
        server.accepting, server.longest_bytes = self._receiving.accepting, self._longest_bytes
        entity._servers.append(server)  # noqa: SLF001 - as AE.start_server does: the shutdown takes it out again
        self._server = server
        self._rows.start()
        self._thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), name="dicom", daemon=True)
        self._thread.start()
        log().info("dicom port open", port=self.port, host=self._config.host)

    def stop(self) -> None:
        """No peer can connect and associations are ended; what had no answer yet is sent again by its sender."""
        if self._server is None or self._thread is None:
            return
        self._server.slots.close()
        self._server.shutdown()
        for store in list(self._server.stores):
            store.end()
        associations = self._server.active_associations
        for association in associations:
            association.abort()
            association.join(_STOP_SECONDS)
        self._thread.join(_STOP_SECONDS)
        end = monotonic() + _STOP_SECONDS
        while self._server.stores and monotonic() < end:
            sleep(_POLL_SECONDS)
        self._rows.stop()
        self._server = None

    def _entity(self) -> AE:
        entity = AE(self._config.ae_title)
        entity.add_supported_context(_VERIFICATION)
        if self._commitment is not None:
            entity.add_supported_context(MODEL)
        entity.maximum_pdu_size = MAX_PDU_BYTES - 6
        entity.maximum_associations = 2 * self._config.max_associations  # the slots decide; this never binds
        entity.acse_timeout, entity.dimse_timeout, entity.network_timeout = _ACSE_SECONDS, _DIMSE_SECONDS, _IDLE_SECONDS
        return entity

    def _slots(self) -> Slots:
        return Slots(
            self._config.max_associations,
            waiting=self._config.waiting_associations,
            longest_wait_seconds=self._config.waiting_seconds,
        )

    def _events(self) -> list[EventHandlerType]:
        events: list[EventHandlerType] = [
            (evt.EVT_REQUESTED, _prefer_compressed),
            (evt.EVT_PDU_RECV, _Weighing(self._longest_bytes)),
            (evt.EVT_C_ECHO, lambda _event: int(Status.SUCCESS)),
            (evt.EVT_C_STORE, lambda event: answer(event, self._receiving)),
        ]
        commitment, encrypted = self._commitment, self._door is not None
        if commitment is not None:
            events.append((evt.EVT_N_ACTION, lambda event: commitment.answer(event, encrypted=encrypted)))
        return events


def _prefer_compressed(event: Event) -> None:
    """Each context offers the one syntax to take. pynetdicom swallows what is raised here, so nothing may be."""
    association, request = event.assoc, event.assoc.requestor.primitive
    if not isinstance(request, A_ASSOCIATE):
        association.is_aborted = True
        association.kill()
        return
    for context in request.presentation_context_definition_list:
        if context.transfer_syntax:
            context.transfer_syntax = [preferred(context.transfer_syntax)]


class _Weighing:
    """Ends an association whose instance outgrows the bound or drips, so that memory and time are bounded."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._under_way: WeakKeyDictionary[Association, tuple[int, float]] = WeakKeyDictionary()

    def __call__(self, event: Event) -> None:
        """The bytes of the instance under way are counted on its association."""
        if not isinstance(event.pdu, P_DATA_TF):
            return
        association = event.assoc
        weight, began = self._under_way.get(association, (0, 0.0))
        for item in event.pdu.presentation_data_value_items:
            fragment = item.presentation_data_value or b"\0"
            began = began if weight else monotonic()
            weight = 0 if fragment[0] & _LAST_FRAGMENT else weight + len(fragment)
        self._under_way[association] = weight, began
        drips = weight > 0 and monotonic() - began > _patience(association) + weight / LEAST_BYTES_A_SECOND
        if weight > self._max_bytes or drips:
            log().warning("association aborted", reason="stalled" if drips else "instance_too_large")
            association.abort()


def _patience(association: Association) -> float:
    """Seconds for which the peer may stall: those of its rule, which its connection has for a timeout."""
    line = association.dul.socket
    timeout = None if line is None or line.socket is None else line.socket.gettimeout()
    return _DIMSE_SECONDS if timeout is None else timeout


def quiet() -> None:
    """pynetdicom accepts every storage class, says nothing, and asks on bounded sockets too: for the whole process."""
    _config.UNRESTRICTED_STORAGE_SERVICE = True
    _config.LOG_HANDLER_LEVEL = "none"
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
    ae.AssociationSocket = BoundedSocket  # type: ignore[attr-defined]  # its own leaves lines open
