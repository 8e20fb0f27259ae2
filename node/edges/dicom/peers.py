"""Who may send: AE title, address and the AE title it calls, as configured. No configured peer means nobody.

The first rule in the order of the configuration that fits a peer is the one it is held to. A peer whose rule asks for
TLS is rejected on a connection without.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from node.ground.config import DicomPeer
from node.intake.errors import PeerAddressInvalid

ANY_TITLE: Final = "*"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Rejection(Enum):
    """Why an association is rejected: result, source, reason. Source: PS3.8 table 9-21."""

    TLS_REQUIRED = (1, 1, 1)
    CALLING_AE_TITLE = (1, 1, 3)
    CALLED_AE_TITLE = (1, 1, 7)
    ALL_TAKEN = (2, 3, 2)


@dataclass(frozen=True, slots=True)
class Caller:
    """A peer that asks for an association, as it presents itself and as its connection shows it."""

    calling: str
    called: str
    address: str
    encrypted: bool


class PeerRules:
    """The rules of one node.

    Raises:
        PeerAddressInvalid: an address is neither an IP address nor a network like `10.1.0.0/16`.
    """

    def __init__(self, ae_title: str, peers: Sequence[DicomPeer]) -> None:
        self._ae_title = ae_title
        self._peers = [(peer, _network(peer.address)) for peer in peers]

    def rule_for(self, caller: Caller) -> DicomPeer | Rejection:
        """The rule of a peer that is welcome, or why it is not."""
        called = caller.called.strip()
        if called not in {self._ae_title, *(peer.called_ae_title for peer, _ in self._peers)}:
            return Rejection.CALLED_AE_TITLE
        known = [peer for peer, network in self._peers if _fits(peer, network, caller)]
        if not known:
            return Rejection.CALLING_AE_TITLE
        addressed = [peer for peer in known if called == (peer.called_ae_title or self._ae_title)]
        if not addressed:
            return Rejection.CALLED_AE_TITLE
        rule = addressed[0]
        return Rejection.TLS_REQUIRED if rule.tls_required and not caller.encrypted else rule


def _fits(peer: DicomPeer, network: Network, caller: Caller) -> bool:
    if peer.ae_title.strip() not in {ANY_TITLE, caller.calling.strip()}:
        return False
    try:
        source = ipaddress.ip_address(caller.address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    if isinstance(source, ipaddress.IPv6Address) and source.ipv4_mapped:
        source = source.ipv4_mapped
    return source in network


def _network(address: str) -> Network:
    try:
        return ipaddress.ip_network(address, strict=False)
    except ValueError:
        raise PeerAddressInvalid(address=address) from None
