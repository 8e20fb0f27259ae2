"""Whether an address can be listened on, and the two refusals where it cannot."""

from __future__ import annotations

import errno
import socket

from node.ground.told import Told


class PortTaken(Told):
    """Another program listens on a port the node needs."""

    text_key = "ground.port_taken"


class AddressUnusable(Told):
    """The configured address does not belong to this machine, or the port needs more rights."""

    text_key = "ground.address_unusable"


def not_listening(error: OSError, *, host: str, port: int, setting: str) -> Told:
    """The refusal that says why the address could not be listened on; `setting` chooses the port."""
    if error.errno == errno.EADDRINUSE:
        return PortTaken(host=host, port=port, setting=setting)
    return AddressUnusable(host=host, port=port, setting=setting)


def check_port_free(host: str, port: int, setting: str) -> None:
    """Return when the port can be listened on.

    Raises:
        PortTaken, AddressUnusable: naming the port and the setting that chooses it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise not_listening(error, host=host, port=port, setting=setting) from None
