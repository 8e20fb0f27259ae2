"""Who may send: AE title and address, as configured. No configured peer means nobody."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from enum import Enum
from typing import Final

from node.ground.config import DicomPeer
from node.intake.errors import PeerAddressInvalid

ANY_TITLE: Final = "*"


class Rejection(Enum):
    """Why an association is rejected: result, source, reason. Source: PS3.8 table 9-21."""

    CALLING_AE_TITLE = (1, 1, 3)
    CALLED_AE_TITLE = (1, 1, 7)


class PeerRules:
    """The rules of one node.

    Raises:
        PeerAddressInvalid: an address is neither an IP address nor a network like `10.1.0.0/16`.
    """

    def __init__(self, ae_title: str, peers: Sequence[DicomPeer]) -> None:
        self._ae_title = ae_title
        self._peers = [(peer.ae_title.strip(), _network(peer.address)) for peer in peers]

    def rejection(self, *, called: str, calling: str, address: str) -> Rejection | None:
        """Why this association is rejected, or None when it is welcome."""
        if called.strip() != self._ae_title:
            return Rejection.CALLED_AE_TITLE
        try:
            source = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
        except ValueError:
            return Rejection.CALLING_AE_TITLE
        if isinstance(source, ipaddress.IPv6Address) and source.ipv4_mapped:
            source = source.ipv4_mapped
        welcome = any(title in {ANY_TITLE, calling.strip()} and source in network for title, network in self._peers)
        return None if welcome else Rejection.CALLING_AE_TITLE


def _network(address: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(address, strict=False)
    except ValueError:
        raise PeerAddressInvalid(address=address) from None
