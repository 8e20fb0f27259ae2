"""What a call at the wall's socket is made of, and the calls about other hospitals' keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter

from node.flows.desk import WallDesk
from node.flows.peer_views import ComparisonForm, ComparisonView, HeardForm, PeersView, PeerView


class Arguments(BaseModel):
    """The strict arguments of one call."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Arguments):
    """A call without arguments."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the closed list."""

    arguments: type[Arguments]
    run: Callable[[WallDesk, Any], object]
    result: TypeAdapter[Any]


class ComparePeer(Arguments):
    """With whom, the nonce heard, if any, and by whom."""

    site_id: str
    form: ComparisonForm
    person_id: str


class SignPeer(Arguments):
    """Whose key, what was heard, by whom."""

    site_id: str
    form: HeardForm
    person_id: str


class RevokePeer(Arguments):
    """Whose key, by whom."""

    site_id: str
    person_id: str


PEER_CALLS: Mapping[str, Call] = MappingProxyType(
    {
        "peers": Call(Nothing, lambda desk, _: desk.peer_desk.peers(), TypeAdapter(PeersView)),
        "compare_peer": Call(
            ComparePeer,
            lambda desk, said: desk.peer_desk.compare_peer(said.site_id, said.form, person_id=said.person_id),
            TypeAdapter(ComparisonView),
        ),
        "sign_peer": Call(
            SignPeer,
            lambda desk, said: desk.peer_desk.sign_peer(said.site_id, said.form, person_id=said.person_id),
            TypeAdapter(PeerView),
        ),
        "revoke_peer": Call(
            RevokePeer,
            lambda desk, said: desk.peer_desk.revoke_peer(said.site_id, person_id=said.person_id),
            TypeAdapter(PeerView),
        ),
    }
)


class PeerClient:
    """Implements `PeerDesk` from another process of the node; `ask` puts one call."""

    def __init__(self, ask: Callable[[str, Arguments], Any]) -> None:
        self._ask = ask

    def peers(self) -> PeersView:
        """Every member of the roster. Raises: DeskRefused."""
        view: PeersView = self._ask("peers", Nothing())
        return view

    def compare_peer(self, site_id: str, form: ComparisonForm, *, person_id: str) -> ComparisonView:
        """A comparison is under way; what to read out. Raises: DeskRefused."""
        said = ComparePeer(site_id=site_id, form=form, person_id=person_id)
        view: ComparisonView = self._ask("compare_peer", said)
        return view

    def sign_peer(self, site_id: str, form: HeardForm, *, person_id: str) -> PeerView:
        """The member whose key this hospital vouches for from now on. Raises: DeskRefused."""
        view: PeerView = self._ask("sign_peer", SignPeer(site_id=site_id, form=form, person_id=person_id))
        return view

    def revoke_peer(self, site_id: str, *, person_id: str) -> PeerView:
        """The member whose key this hospital believes no more. Raises: DeskRefused."""
        view: PeerView = self._ask("revoke_peer", RevokePeer(site_id=site_id, person_id=person_id))
        return view
