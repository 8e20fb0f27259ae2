"""The desk's part about other hospitals' keys: its refusals become codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from node.flows.act import act_of
from node.flows.desk import DeskProblem, DeskRefused
from node.flows.peer_views import ComparisonForm, ComparisonView, HeardForm, PeersView, PeerView
from node.flows.peers import Peers, compare, revoke, see, sign
from node.release.peers import PeerRefused
from protocols.roster import RosterRefused

ROSTER_FAULT = "roster-refused"
"""The detail where it is the roster held here that does not hold."""


class InnerPeerDesk:
    """Implements `PeerDesk`. Without a membership it refuses everything."""

    def __init__(self, peers: Peers | None) -> None:
        self._peers = peers

    def peers(self) -> PeersView:
        """Every member of the roster. Raises: DeskRefused."""
        with _as_codes():
            return see(self._joined())

    def compare_peer(self, site_id: str, form: ComparisonForm, *, person_id: str) -> ComparisonView:
        """A comparison is under way; what to read out. Raises: DeskRefused."""
        peers = self._joined()
        with _as_codes():
            return compare(peers, site_id, form.nonce, act_of(person_id, peers.clock.now()))

    def sign_peer(self, site_id: str, form: HeardForm, *, person_id: str) -> PeerView:
        """The member whose key this hospital vouches for from now on. Raises: DeskRefused."""
        peers = self._joined()
        with _as_codes():
            return sign(peers, site_id, form.heard, act_of(person_id, peers.clock.now()))

    def revoke_peer(self, site_id: str, *, person_id: str) -> PeerView:
        """The member whose key this hospital believes no more. Raises: DeskRefused."""
        peers = self._joined()
        with _as_codes():
            return revoke(peers, site_id, act_of(person_id, peers.clock.now()))

    def _joined(self) -> Peers:
        if self._peers is None:
            raise DeskRefused(DeskProblem.NOT_JOINED)
        return self._peers


@contextmanager
def _as_codes() -> Iterator[None]:
    try:
        yield
    except PeerRefused as refusal:
        raise DeskRefused(DeskProblem.PEER_REFUSED, refusal.fault.value) from None
    except RosterRefused:
        raise DeskRefused(DeskProblem.PEER_REFUSED, ROSTER_FAULT) from None
