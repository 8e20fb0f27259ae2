"""Whether a port can be listened on, asked before a child is started that would fail on it."""

from __future__ import annotations

import socket

from node.ground.errors import NodeError


class PortTaken(NodeError):
    """Another program listens on a port the node needs."""

    def __init__(self, host: str, port: int, setting: str) -> None:
        super().__init__(f"port {port} on {host} is taken; free it or set another `{setting}` in node.toml")
        self.port = port
        self.setting = setting


def check_port_free(host: str, port: int, setting: str) -> None:
    """Return when the port can be listened on.

    Raises:
        PortTaken: naming the port and the setting that chooses it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortTaken(host, port, setting) from None
