"""`intramuros node peers …`: other hospitals' keys, compared by two people on the telephone.

Who begins reads out the nonce and four words; the other types the nonce and reads out four other words. Each types the
words heard, and the node signs when they are the ones it expects.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from node.ground.told import Phrase, Told
from node.wiring.commands import HomeOption, JsonOption, by_it
from node.wiring.place import Place, open_place
from node.wiring.terminal import refusals, say, show

if TYPE_CHECKING:
    from node.flows.peers import Peers

HospitalArgument = Annotated[str, typer.Argument(help="The other hospital's name or identifier in the roster.")]

peers = typer.Typer(help="Other hospitals' keys, compared by telephone.", no_args_is_help=True)


class PeersRefused(Told):
    """Nothing was compared, signed or taken back."""

    text_key = "terminal.peers_refused"


@peers.command("list")
def list_all(home: HomeOption, as_json: JsonOption = False) -> None:
    """The hospitals of the roster, and what this one makes of their keys."""
    from node.flows.peers import see

    with refusals(), _sentences():
        view = see(_peers(open_place(home)))
        lines = [
            say("peers_line", name=one.site_name, fingerprint=one.fingerprint, belief=say(f"peers_{one.belief.value}"))
            for one in view.members
        ]
        told = [say("peers_roster", number=view.number), *lines] if view.number else [say("peers_none")]
        show(view.model_dump(mode="json"), *told, as_json=as_json)


@peers.command("compare")
def compare(
    hospital: HospitalArgument,
    home: HomeOption,
    nonce: Annotated[str | None, typer.Option(help="The four words the other hospital began with, as heard.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Begin a comparison, or take part in one: prints what to read out."""
    from node.flows.peers import compare as comparing

    with refusals(), _sentences():
        place = open_place(home)
        view = comparing(_peers(place), hospital, nonce, by_it(place))
        begins = [say("peers_nonce", name=view.site_name, words=view.nonce)] if view.began else []
        next_line = say("peers_then_signs", name=view.site_name)
        show(view.model_dump(mode="json"), *begins, say("peers_say", words=view.say), next_line, as_json=as_json)


@peers.command("sign")
def sign(
    hospital: HospitalArgument,
    home: HomeOption,
    heard: Annotated[str | None, typer.Option(help="The four words the other hospital read out.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Sign the other hospital's key, once the words heard are the right ones."""
    from node.flows.peers import sign as signing

    with refusals(), _sentences():
        place = open_place(home)
        words = heard if heard is not None else typer.prompt(say("peers_ask"), err=True)
        view = signing(_peers(place), hospital, words, by_it(place))
        show(view.model_dump(mode="json"), say("peers_signed", name=view.site_name), as_json=as_json)


@peers.command("revoke")
def revoke(hospital: HospitalArgument, home: HomeOption, as_json: JsonOption = False) -> None:
    """Take this hospital's word on a key back: from now on it believes the key no more."""
    from node.flows.peers import revoke as revoking

    with refusals(), _sentences():
        place = open_place(home)
        view = revoking(_peers(place), hospital, by_it(place))
        show(view.model_dump(mode="json"), say("peers_was_revoked", name=view.site_name), as_json=as_json)


def _peers(place: Place) -> Peers:
    from node.ground.membership import read_membership
    from node.storage.engine import Database
    from node.storage.wall_peers import WallPeers
    from node.wiring.wall_sites import own_site, peers_of

    membership = read_membership(place.home.membership)
    kept = WallPeers(place.engine(Database.WALL), membership.coordinator)
    return peers_of(place, own_site(place, membership), kept)


@contextmanager
def _sentences() -> Iterator[None]:
    from node.release.peers import PeerRefused
    from protocols.roster import RosterRefused

    try:
        yield
    except PeerRefused as refusal:
        fault = refusal.fault.value.replace("-", "_")
        raise PeersRefused(reason=Phrase(f"terminal.peers_fault_{fault}")) from None
    except RosterRefused:
        raise PeersRefused(reason=Phrase("terminal.peers_fault_roster")) from None
