"""The federation engine as the jobs process knows it: the SuperLink behind its Control API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from coordinator.edges.federation import flower_internals
from coordinator.edges.federation.control import Control, TransportKeyRefused
from coordinator.edges.federation.flower_internals import ControlDown, ControlRefused, RunUnknown
from coordinator.flows.reconcile import EngineDown

_UNREGISTERED = "unregistered"


@dataclass(frozen=True, slots=True)
class ControlEngine:
    """Members and runs of one SuperLink. Every method raises EngineDown."""

    control: Control

    def register(self, transport_pem: str, name: str) -> int:
        """The number under which this transport key may connect; a name that is registered keeps its number."""
        with _translated():
            registered = self._number_of(name)
            return registered or self.control.register_node(transport_pem.encode(), name=name)

    def unregister(self, node_id: int) -> None:
        """The key opens nothing any more."""
        with _translated():
            self.control.unregister_node(node_id)

    def start(self, plan_id: str, start: int) -> int:
        """The SuperLink's number of a new ServerApp for the live run of this plan."""
        with _translated():
            return self.control.start_run({"plan-id": plan_id, "attempt": start})

    def has_ended(self, engine_run: int) -> bool:
        """Whether that ServerApp is gone; a run the SuperLink does not know is."""
        with _translated():
            try:
                return self.control.run_state(engine_run).ended
            except RunUnknown:
                return True

    def _number_of(self, name: str) -> int | None:
        with flower_internals.control_line(self.control.address, self.control.root_certificate.read_bytes()) as line:
            held = [node for node in flower_internals.nodes(line) if node.name == name]
        return next((node.node_id for node in held if node.status != _UNREGISTERED), None)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ControlDown, ControlRefused, TransportKeyRefused) as error:
        raise EngineDown(str(error)) from None
