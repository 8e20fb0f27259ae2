"""`intramuros node token …`: what workstations and scripts show at DICOMweb instead of a person's session."""

from __future__ import annotations

from typing import Annotated

import typer

from node.flows.tokens import all_tokens, issue_token, revoke_token
from node.ground.ids import new_id, new_secret
from node.readers.roles import Role
from node.readers.token import NewToken, Token
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from node.wiring.commands import HomeOption, JsonOption, by_it
from node.wiring.place import Place, open_place
from node.wiring.terminal import refusals, say, show

token = typer.Typer(help="Tokens that let a workstation or a script use DICOMweb.", no_args_is_help=True)


@token.command("add")
def add(
    home: HomeOption,
    name: Annotated[str, typer.Option(help="What it is for, as the list will show it.")],
    role: Annotated[Role, typer.Option(help="steward: search, retrieve, store; lead: search, retrieve; it: store.")],
    days: Annotated[int, typer.Option(help="How many days it works, 366 at most.")] = 90,
    as_json: JsonOption = False,
) -> None:
    """Make a token and print it once; only its digest is kept."""
    with refusals():
        place = open_place(home)
        new = NewToken(name, role, days)
        issued = issue_token(_ward(place), new, by_it(place), token_id=new_id(), secret=new_secret())
        show(
            {**_told(issued.token), "token": issued.secret},
            say("token_made", name=name, until=f"{issued.token.expires_at:%Y-%m-%d %H:%M} UTC"),
            issued.secret,
            as_json=as_json,
        )


@token.command("list")
def tokens(home: HomeOption, as_json: JsonOption = False) -> None:
    """Show every token there ever was, the newest first, without its secret."""
    with refusals():
        place = open_place(home)
        found = all_tokens(_ward(place))
        now = place.clock.now()
        lines = [
            say(
                "token_works" if one.works(now) else "token_ended",
                id=one.token_id,
                name=one.name,
                role=one.role.value,
                until=f"{one.revoked_at or one.expires_at:%Y-%m-%d}",
            )
            for one in found
        ]
        show({"tokens": [_told(one) for one in found]}, *(lines or [say("token_none")]), as_json=as_json)


@token.command("revoke")
def revoke(
    token_id: Annotated[str, typer.Argument(help="The token's identifier, as the list shows it.")],
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """End a token now: the next request that shows it is refused."""
    with refusals():
        place = open_place(home)
        revoke_token(_ward(place), token_id, by_it(place))
        show({"token_id": token_id, "revoked": True}, say("token_revoked"), as_json=as_json)


def _ward(place: Place) -> WardStore:
    return WardStore(place.engine(Database.WARD))


def _told(one: Token) -> dict[str, str | None]:
    return {
        "token_id": one.token_id,
        "name": one.name,
        "role": one.role.value,
        "made_at": one.made_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "revoked_at": None if one.revoked_at is None else one.revoked_at.isoformat(),
    }
