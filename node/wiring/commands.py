"""`intramuros node …`: what hospital IT types. Each command opens the place, calls one flow, and says what happened."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from node.flows.act import Act
from node.flows.people import add_person, login_code
from node.ground.audit import Actor, ActorKind
from node.ground.config import NodeConfig, new_config
from node.ground.ids import new_id, new_secret
from node.ground.texts import Language
from node.readers.errors import NameUnknown
from node.readers.person import NewPerson
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from node.wiring.beginning import make_home
from node.wiring.place import Place, open_place
from node.wiring.terminal import REFUSED, refusals, say, show

HomeOption = Annotated[Path, typer.Option("--home", envvar="INTRAMUROS_NODE_HOME", help="The node's home directory.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON value for a script.")]
_CONFIG = NodeConfig(name="default")

app = typer.Typer(
    name="intramuros node",
    help="A hospital's node: images stay here, clinicians read here, and what leaves passes one gate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
person = typer.Typer(help="The people who sign in at this node.", no_args_is_help=True)
ledger = typer.Typer(help="The ledger of what left this hospital.", no_args_is_help=True)
app.add_typer(person, name="person")
app.add_typer(ledger, name="ledger")


def by_it(place: Place) -> Act:
    """An act of whoever sits at this node's shell."""
    return Act(Actor(ActorKind.NODE, "shell"), place.clock.now())


@app.command("init")
def init(
    home: HomeOption,
    name: Annotated[str, typer.Option(help="The hospital's name, as its own staff will see it.")],
    language: Annotated[Language, typer.Option(help="Language of messages and of new people.")] = _CONFIG.language,
    ae_title: Annotated[str, typer.Option(help="AE title under which images are received.")] = _CONFIG.dicom.ae_title,
    dicom_port: Annotated[int, typer.Option(help="DICOM port.")] = _CONFIG.dicom.port,
    dicom_host: Annotated[str, typer.Option(help="Address the DICOM port listens on.")] = _CONFIG.dicom.host,
    peer: Annotated[list[str], typer.Option(help="A sender: AETITLE or AETITLE@ADDRESS. May be given often.")] = [],
    web_port: Annotated[int, typer.Option(help="Port of the page.")] = _CONFIG.web.port,
    supernode_port: Annotated[int, typer.Option(help="Loopback port of the SuperNode.")] = _CONFIG.wall.supernode_port,
    inbox_poll_seconds: Annotated[
        float, typer.Option(help="How often the coordinator is asked for news.")
    ] = _CONFIG.wall.inbox_poll_seconds,
    as_json: JsonOption = False,
) -> None:
    """Make a node: keys, configuration, empty databases. What exists is never overwritten."""
    peers = tuple(map(_peer, peer))
    settings = {
        "name": name,
        "language": language,
        "dicom": {"ae_title": ae_title, "host": dicom_host, "port": dicom_port, "peers": peers},
        "web": {"port": web_port},
        "wall": {"supernode_port": supernode_port, "inbox_poll_seconds": inbox_poll_seconds},
    }
    with refusals():
        _show_made(make_home(home, new_config(settings)), as_json=as_json)


def _show_made(place: Place, *, as_json: bool) -> None:
    fingerprint = place.keyring.identity().public.fingerprint
    show(
        {"home": str(place.home.path), "fingerprint": fingerprint},
        say("made", hospital=place.config.name, home=place.home.path),
        say("own_fingerprint", fingerprint=fingerprint),
        say("made_next"),
        as_json=as_json,
    )


@person.command("add")
def add(
    home: HomeOption,
    name: Annotated[str, typer.Option(help="The name the person signs in with.")],
    role: Annotated[list[Role], typer.Option(help="What the person may do. May be given often.")],
    department: Annotated[str | None, typer.Option(help="Code of the person's specialty.")] = None,
    verified: Annotated[bool, typer.Option(help="IT has seen the specialist licence.")] = False,
    language: Annotated[Language | None, typer.Option(help="Language; default: the node's.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Add a person and print a one-time log-in code; there are no default passwords."""
    with refusals():
        place = open_place(home)
        ward = WardStore(place.engine(Database.WARD))
        chosen = language or place.config.language
        new = NewPerson(name, frozenset(role), department, chosen, licence_verified=verified)
        added = add_person(ward, new, by_it(place), person_id=new_id())
        made = login_code(ward, added.person_id, by_it(place), code=new_secret())
        show(
            {"person_id": added.person_id, "code": made.code, "expires_at": made.expires_at.isoformat()},
            say("login_code", name=name, until=f"{made.expires_at:%Y-%m-%d %H:%M} UTC"),
            made.code,
            as_json=as_json,
        )


@person.command("code")
def code(
    home: HomeOption,
    name: Annotated[str, typer.Option(help="The name the person signs in with.")],
    as_json: JsonOption = False,
) -> None:
    """Print a new one-time log-in code for a person; an earlier one no longer works."""
    with refusals():
        place = open_place(home)
        ward = WardStore(place.engine(Database.WARD))
        with ward.reading() as work:
            found = work.people.by_name(name)
        if found is None:
            raise NameUnknown
        made = login_code(ward, found.person_id, by_it(place), code=new_secret())
        show({"person_id": found.person_id, "code": made.code}, made.code, as_json=as_json)


@app.command("import")
def import_files(
    home: HomeOption,
    path: Annotated[Path, typer.Argument(help="A DICOM file, or a folder of them.")],
    as_json: JsonOption = False,
) -> None:
    """Receive every DICOM file under a path, as if a modality had sent it."""
    from node.wiring.images import import_path

    with refusals():
        place = open_place(home)
        counts = None
        for counts in import_path(place, path):
            if sys.stderr.isatty():
                so_far = say("import_so_far", files=counts.files, received=counts.received)
                typer.echo(f"\r{so_far}", nl=False, err=True)
        found = {} if counts is None else asdict(counts)
        lines = [say(f"import_{name}", count=count) for name, count in found.items() if count]
        show(found, *lines, as_json=as_json)


@app.command("join")
def join(
    invitation: Annotated[
        str, typer.Argument(help="The line the coordinator's operator gave, or a file that holds it.")
    ],
    home: HomeOption,
    expect_fingerprint: Annotated[
        str | None, typer.Option(help="The coordinator's fingerprint, as its operator read it out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Ask to join a federation with a one-time invitation. Both fingerprints are printed, to be compared by voice."""
    from node.wiring.joining import join_federation

    with refusals():
        place = open_place(home)
        joined = join_federation(place, _line_or_file(invitation), expect_fingerprint=expect_fingerprint)
        show(
            asdict(joined),
            say("joined", hospital=joined.site_name, coordinator=joined.coordinator_name),
            say(f"joined_{joined.state.value}"),
            say("own_fingerprint", fingerprint=joined.own_fingerprint),
            say("coordinator_fingerprint", fingerprint=joined.coordinator_fingerprint),
            as_json=as_json,
        )


@ledger.command("verify")
def verify(
    file: Annotated[Path | None, typer.Argument(help="An exported ledger; default: this node's own.")] = None,
    home: Annotated[Path | None, typer.Option("--home", envvar="INTRAMUROS_NODE_HOME")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check every link of the ledger, and of this node's own the bytes behind every entry; what is wrong is named."""
    from node.wiring.joining import LedgerNotNamed, verify_ledger, verify_ledger_file

    with refusals():
        if file is not None:
            count = verify_ledger_file(file)
            show({"entries": count, "verified": True}, say("ledger_holds", count=count), as_json=as_json)
        elif home is not None:
            proof = verify_ledger(open_place(home))
            told = say("ledger_holds", count=proof.entries), say("bytes_hold", here=proof.here, emptied=proof.emptied)
            show(asdict(proof) | {"verified": True}, *told, as_json=as_json)
        else:
            raise LedgerNotNamed


@app.command("status")
def status(home: HomeOption, as_json: JsonOption = False) -> None:
    """Which processes of this node run."""
    with refusals():
        path = open_place(home).home.run / "state.json"
        state = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"pid": None, "children": {}}
        lines = [
            say("child_runs" if child["pid"] else "child_stands", **child, name=f"{name:<10}")
            for name, child in state["children"].items()
        ]
        show(state, *(lines or [say("not_running")]), as_json=as_json)
        if state["pid"] is None:
            sys.exit(REFUSED)


def _peer(text: str) -> dict[str, str]:
    title, _, address = text.partition("@")
    return {"ae_title": title, "address": address or "127.0.0.1"}


def _line_or_file(text: str) -> str:
    path = Path(text)
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else text
    except (OSError, ValueError):  # a line too long to be a file's name, or no text: as a line it is refused
        return text
