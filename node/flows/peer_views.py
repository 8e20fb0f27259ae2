"""Other hospitals' keys as people see them, and what they type when they compare."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from node.flows.wall_views import View
from node.release.peers import Belief


class PeerView(View):
    """Another hospital of the roster, and what this one makes of its key."""

    site_id: str
    site_name: str
    fingerprint: str
    belief: Belief


class PeersView(View):
    """The roster this node holds; number 0 before it holds any."""

    number: int
    members: list[PeerView]


class ComparisonView(View):
    """What to read out on the telephone: the nonce by who began, and one half of the words by each."""

    site_id: str
    site_name: str
    nonce: str
    say: str
    began: bool


class ComparisonForm(View):
    """The nonce heard from who began; nothing where this hospital begins."""

    nonce: Annotated[str, Field(max_length=120)] | None = None


class HeardForm(View):
    """The words the other hospital read out."""

    heard: Annotated[str, Field(max_length=120)]
