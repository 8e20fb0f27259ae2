"""The receive process' DICOM server: binds the port, answers C-ECHO and C-STORE, ends cleanly.

pynetdicom's own log stays off: it prints UIDs, AE titles and parts of data sets.
"""

from __future__ import annotations

import logging
import threading
from typing import Final
from weakref import WeakKeyDictionary

from pynetdicom import AE, _config, evt
from pynetdicom.association import Association
from pynetdicom.events import Event, EventHandlerType
from pynetdicom.pdu import P_DATA_TF
from pynetdicom.pdu_primitives import A_ASSOCIATE

from node.edges.dicom.peers import PeerRules
from node.edges.dicom.sockets import MAX_PDU_BYTES, PeerConnection, PeerServer
from node.edges.dicom.storing import Status, answer
from node.flows.receive import Receiving
from node.ground.config import MEBIBYTE, Dicom
from node.ground.listening import not_listening
from node.ground.logs import log

_VERIFICATION: Final = "1.2.840.10008.1.1"
_ACSE_SECONDS, _DIMSE_SECONDS, _IDLE_SECONDS = 30.0, 60.0, 300.0
_STOP_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.1
_LAST_FRAGMENT: Final = 0x02
_COMMAND: Final = 0x01


class ReceiveServer:
    """The DICOM server of one node; instances go to `receiving`."""

    def __init__(self, config: Dicom, receiving: Receiving) -> None:
        self._config = config
        self._rules = PeerRules(config.ae_title, config.peers)
        self._receiving = receiving
        self._server: PeerServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1]) if self._server else self._config.port

    def start(self) -> None:
        """Peers can connect.

        Raises:
            PortTaken: another program listens there.
            AddressUnusable: the address is not this machine's, or the port needs more rights.
        """
        _quiet()
        entity = self._entity()
        try:
            server = PeerServer(
                entity,
                (self._config.host, self._config.port),
                entity.ae_title,
                entity.supported_contexts,
                evt_handlers=self._events(),
                request_handler=PeerConnection,
            )
        except OSError as error:
            host, port = self._config.host, self._config.port
            raise not_listening(error, host=host, port=port, setting="dicom.port") from None
        entity._servers.append(server)  # noqa: SLF001 - as AE.start_server does: the shutdown takes it out again
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), name="dicom", daemon=True)
        self._thread.start()
        log().info("dicom port open", port=self.port, host=self._config.host)

    def stop(self) -> None:
        """No peer can connect and associations are ended; what had no answer yet is sent again by its sender."""
        if self._server is None or self._thread is None:
            return
        associations = self._server.active_associations
        self._server.shutdown()
        for association in associations:
            association.abort()
            association.join(_STOP_SECONDS)
        self._thread.join(_STOP_SECONDS)
        self._server = None

    def _entity(self) -> AE:
        entity = AE(self._config.ae_title)
        entity.add_supported_context(_VERIFICATION)
        entity.maximum_pdu_size = MAX_PDU_BYTES - 6
        entity.maximum_associations = self._config.max_associations
        entity.acse_timeout, entity.dimse_timeout, entity.network_timeout = _ACSE_SECONDS, _DIMSE_SECONDS, _IDLE_SECONDS
        return entity

    def _events(self) -> list[EventHandlerType]:
        return [
            (evt.EVT_REQUESTED, self._admit_or_reject),
            (evt.EVT_PDU_RECV, _Weighing(2 * self._config.max_instance_mib * MEBIBYTE)),
            (evt.EVT_C_ECHO, lambda _event: int(Status.SUCCESS)),
            (evt.EVT_C_STORE, lambda event: answer(event, self._receiving)),
        ]

    def _admit_or_reject(self, event: Event) -> None:
        """Peers that are not welcome are rejected. pynetdicom swallows what is raised here, so nothing may be."""
        association, address = event.assoc, event.assoc.requestor.address
        request = association.requestor.primitive
        if not isinstance(request, A_ASSOCIATE):
            association.is_aborted = True
            association.kill()
            return
        called, calling = request.called_ae_title, request.calling_ae_title
        rejection = self._rules.rejection(called=called, calling=calling, address=address)
        if rejection is not None:
            log().warning("association rejected", reason=rejection.name.lower(), host=address)
            association.acse.send_reject(*rejection.value)
            association.kill()


class _Weighing:
    """Ends an association whose instance outgrows the bound before it is whole, so that memory is bounded too."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._weights: WeakKeyDictionary[Association, int] = WeakKeyDictionary()

    def __call__(self, event: Event) -> None:
        """The bytes of the instance under way are counted on its association."""
        if not isinstance(event.pdu, P_DATA_TF):
            return
        association = event.assoc
        weight = self._weights.get(association, 0)
        for item in event.pdu.presentation_data_value_items:
            fragment = item.presentation_data_value or b"\0"
            done = fragment[0] & _LAST_FRAGMENT and not fragment[0] & _COMMAND
            weight = 0 if done else weight + len(fragment)
        self._weights[association] = weight
        if weight > self._max_bytes:
            log().warning("association aborted", reason="instance_too_large")
            association.abort()


def _quiet() -> None:
    """pynetdicom accepts every storage class and says nothing. These are its settings for the whole process."""
    _config.UNRESTRICTED_STORAGE_SERVICE = True
    _config.LOG_HANDLER_LEVEL = "none"
    logging.getLogger("pynetdicom").setLevel(logging.CRITICAL + 1)
