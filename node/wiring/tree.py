"""The process tree of one node: which children run, and what must be true before the first one starts."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from node.edges.processes.child import ChildSpec
from node.edges.processes.supervisor import Supervisor
from node.ground.listening import check_port_free
from node.wiring.exclusions import replay_exclusions
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
        CertificateUnusable: DICOM over TLS is configured and cannot begin.
        ArchiveFileUnreadable: an archive is configured with a file that cannot be used.
        HomeUnusable: the system does not let this user make its directories.
        SchemaUnknown: a database was written by a newer release.
        ExclusionListDamaged, ExclusionListUnusable: who must not be served is not known.
        AlreadyRunning: this home is supervised already.
    """
    with usable(place.home.path):
        place.home.make()
    _check_ports(place)
    place.migrate()
    replay_exclusions(place)
    Supervisor(place.home.run, place.home.logs, lambda: wanted(place)).run()


def wanted(place: Place) -> Sequence[ChildSpec]:
    """The children this node should have now; the SuperNode once it has joined."""
    names = _ALWAYS + (_WHEN_JOINED if place.home.membership.exists() else ())
    return [_spec(name, place) for name in names]


def _spec(name: str, place: Place) -> ChildSpec:
    argv = (sys.executable, "-P", "-m", "node.wiring.process", name, "--home", str(place.home.path))
    wait = _SUPERNODE_WAIT_SECONDS if name == "supernode" else 1.0
    environment = {"PYTHONUNBUFFERED": "1", **QUIET_ENVIRONMENT}
    # A SuperNode waits without end for the rest of a message; a wall that died will not send it.
    ends_with = "wall" if name == "supernode" else ""
    return ChildSpec(name, argv, environment, restart_after_seconds=wait, ends_with=ends_with)


def _check_ports(place: Place) -> None:
    config = place.config
    check_port_free(config.dicom.host, config.dicom.port, "dicom.port")
    if config.dicom.tls is not None:
        from node.edges.dicom.tls import TlsDoor

        check_port_free(config.dicom.host, config.dicom.tls.port, "dicom.tls.port")
        TlsDoor(config.dicom.tls)
    if config.dicom.web_archives:
        from node.wiring.web_archives import check_archives

        check_archives(config.dicom.web_archives)
    check_port_free(config.web.host, config.web.port, "web.port")
    check_port_free("127.0.0.1", config.wall.supernode_port, "wall.supernode_port")
