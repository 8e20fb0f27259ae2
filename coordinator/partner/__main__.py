"""`intramuros partner`: keys, connection, plans, releases. Exit codes: 0 done, 1 not ready, 2 usage, 3 the coordinator
cannot be reached, 4 it refused, 5 the release does not verify, 130 Ctrl-C."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from coordinator.partner.client import PartnerClient
from coordinator.partner.errors import NoAnswer, NotReady, PartnerError
from coordinator.partner.home import PartnerHome, key_text, read_card
from coordinator.partner.plan_file import read_plan_file
from coordinator.partner.release import verify_release, write_release
from coordinator.partner.words import language, say
from protocols.cards import PartnerCard
from protocols.encoding import Wire
from protocols.passports import Passport
from protocols.signing import PublicIdentity

_RELEASED = "released"
_FOLLOW_SECONDS = 2.0
_INTERRUPTED = 130
HOME_VARIABLE = "INTRAMUROS_PARTNER_HOME"


def main() -> int:
    """The command of the command line was carried out; the exit code."""
    arguments = _parser().parse_args()
    try:
        arguments.command(arguments)
    except PartnerError as error:
        print(f"intramuros partner: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _init(arguments: argparse.Namespace) -> None:
    identity = PartnerHome(arguments.home).make_identity()
    key = key_text(identity.public)
    _show(arguments, {"key": key}, say("made", home=arguments.home), key)


def _key(arguments: argparse.Namespace) -> None:
    key = key_text(PartnerHome(arguments.home).identity().public)
    _show(arguments, {"key": key}, key)


def _connect(arguments: argparse.Namespace) -> None:
    home = PartnerHome(arguments.home)
    home.identity()
    card = _altered(read_card(_text_or_file(arguments.card)), arguments)
    home.connect(card)
    fingerprint = PublicIdentity(card.coordinator_key).fingerprint
    _show(
        arguments,
        {"coordinator": card.coordinator_name, "address": card.address, "fingerprint": fingerprint},
        say("connected", name=card.coordinator_name, address=card.address, partner=card.partner_name),
        say("fingerprint", fingerprint=fingerprint),
    )


def _submit(arguments: argparse.Namespace) -> None:
    client = _client(arguments)
    answer = client.submit(read_plan_file(arguments.plan, client.card))
    _show(arguments, answer, say("submitted", plan_id=answer["plan_id"]))


def _status(arguments: argparse.Namespace) -> None:
    client = _client(arguments)
    held = client.status(arguments.plan_id)
    _show_status(arguments, held)
    while arguments.follow and not held["end_reason"] and held["state"] != _RELEASED:
        time.sleep(_FOLLOW_SECONDS)
        try:
            now = client.status(arguments.plan_id)
        except NoAnswer as error:
            print(f"intramuros partner: {error}", file=sys.stderr)
            continue
        if now != held:
            _show_status(arguments, now)
        held = now


def _show_status(arguments: argparse.Namespace, held: dict[str, Any]) -> None:
    title = held["title"][language()]
    lines = [
        say("state", title=title, state=held["state"]),
        say("approvals", approvals=held["approvals"], quorum=held["quorum"]),
        say("rounds", done=held["rounds_done"], planned=held["rounds_planned"]),
    ]
    if held["end_reason"]:
        lines.append(say("end", reason=held["end_reason"]))
    _show(arguments, held, *lines)


def _fetch(arguments: argparse.Namespace) -> None:
    client = _client(arguments)
    release = verify_release(client.release(arguments.plan_id), client.card, arguments.plan_id)
    try:
        write_release(release, arguments.out)
    except OSError as error:
        raise NotReady("folder-unwritable", folder=arguments.out, reason=error.strerror) from None
    passport = release.passport
    _show(arguments, {**passport.model_dump(mode="json"), "verified": True}, *_card_lines(passport, arguments.out))


def _card_lines(passport: Passport, folder: Path) -> list[str]:
    lines = [
        say("fetched", folder=folder),
        say("chosen", round=passport.chosen_round, rounds=len(passport.rounds)),
        say("light", light=passport.attack_light.value, policy=passport.attack_policy.value),
    ]
    chosen = next((record for record in passport.rounds if record.round == passport.chosen_round), None)
    figures = chosen.metrics if chosen else ()
    return lines + [say("figure", name=one.name.value, value=one.value, sites=one.sites) for one in figures]


def _client(arguments: argparse.Namespace) -> PartnerClient:
    home = PartnerHome(arguments.home)
    return PartnerClient(home.card(), home.identity())


def _altered(card: PartnerCard, arguments: argparse.Namespace) -> PartnerCard:
    """The card with the address or authority given beside it."""
    changes = {"address": arguments.address} if arguments.address else {}
    if arguments.authority:
        changes["authority_pem"] = _read(arguments.authority)
    try:
        fields: Wire = card.model_copy(update=changes)
        return PartnerCard.model_validate(fields.model_dump())
    except ValueError:
        raise NotReady("address-invalid") from None


def _text_or_file(given: str) -> str:
    return given if given.startswith("intramuros-card:") else _read(Path(given))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise NotReady("file-unreadable", file=path, reason=error.strerror) from None
    except ValueError:
        raise NotReady("file-no-text", file=path) from None


def _show(arguments: argparse.Namespace, document: Any, *lines: str) -> None:
    indent = None if getattr(arguments, "follow", False) else 2
    print(json.dumps(document, ensure_ascii=False, indent=indent) if arguments.json else "\n".join(lines), flush=True)


def _plan_id(text: str) -> str:
    return str(uuid.UUID(text))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="intramuros partner", description="Submit plans, follow them, fetch models.")
    shared = argparse.ArgumentParser(add_help=False)
    default = os.environ.get(HOME_VARIABLE)
    shared.add_argument("--home", type=Path, default=default, required=default is None, help="your keys and card")
    shared.add_argument("--json", action="store_true", help="print one JSON value for a script")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Any, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[shared], help=text, description=text)
        made.set_defaults(command=command)
        return made

    add("init", _init, "make your key")
    add("key", _key, "print your public key for the coordinator's operator")
    connect = add("connect", _connect, "connect to a coordinator with the card its operator gave you")
    connect.add_argument("--card", required=True, metavar="TEXT|FILE")
    connect.add_argument("--address", metavar="HOST:PORT", help="reach the coordinator here instead")
    connect.add_argument("--authority", type=Path, metavar="FILE", help="believe this authority instead (PEM)")
    add("submit", _submit, "seal and submit a training plan").add_argument("plan", type=Path, metavar="PLAN.json")
    status = add("status", _status, "say where a plan stands")
    status.add_argument("plan_id", type=_plan_id)
    status.add_argument(
        "--follow", action="store_true", help="say it again at every change (--json: a line each), until it has ended"
    )
    fetch = add("fetch", _fetch, "fetch and verify a released model")
    fetch.add_argument("plan_id", type=_plan_id)
    fetch.add_argument("--out", type=Path, required=True, metavar="DIR")
    return parser


if __name__ == "__main__":
    sys.exit(main())
