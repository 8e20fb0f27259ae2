"""The process tree of one node: which children run, and what must be true before the first one starts."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from node.edges.processes.child import ChildSpec
from node.edges.processes.supervisor import Supervisor
from node.ground.listening import check_port_free
from node.wiring.place import Place, usable
from protocols.flower_fleet import QUIET_ENVIRONMENT

_ALWAYS = ("receive", "web", "jobs", "wall")
_WHEN_JOINED = ("supernode",)
_SUPERNODE_WAIT_SECONDS = 10.0
"""Flower refuses a node that comes back while its last heartbeat still counts."""


def run_tree(place: Place) -> None:
    """The node has run until it was asked to stop; no child is left.

    Raises:
        PortTaken, AddressUnusable: naming the port and its setting.
        HomeUnusable: the system does not let this user make its directories.
        SchemaUnknown: a database was written by a newer release.
        AlreadyRunning: this home is supervised already.
    """
    with usable(place.home.path):
        place.home.make()
    _check_ports(place)
    place.migrate()
    Supervisor(place.home.run, place.home.logs, lambda: wanted(place)).run()


def wanted(place: Place) -> Sequence[ChildSpec]:
    """The children this node should have now; the SuperNode once it has joined."""
    names = _ALWAYS + (_WHEN_JOINED if place.home.membership.exists() else ())
    return [_spec(name, place) for name in names]


def _spec(name: str, place: Place) -> ChildSpec:
    argv = (sys.executable, "-P", "-m", "node", name, "--home", str(place.home.path))
    wait = _SUPERNODE_WAIT_SECONDS if name == "supernode" else 1.0
    environment = {"PYTHONUNBUFFERED": "1", **QUIET_ENVIRONMENT}
    return ChildSpec(name, argv, environment, restart_after_seconds=wait)


def _check_ports(place: Place) -> None:
    config = place.config
    check_port_free(config.dicom.host, config.dicom.port, "dicom.port")
    check_port_free(config.web.host, config.web.port, "web.port")
    check_port_free("127.0.0.1", config.wall.supernode_port, "wall.supernode_port")
