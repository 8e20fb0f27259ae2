"""`intramuros node …`: what hospital IT types. Each command opens the place, calls one flow, and says what happened."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from node.flows.act import Act
from node.flows.people import add_person, login_code
from node.ground.audit import Actor, ActorKind
from node.ground.config import Dicom, DicomPeer, NodeConfig, Wall, Web
from node.ground.errors import NodeError
from node.ground.ids import new_id, new_secret
from node.ground.texts import Language
from node.intake.errors import IntakeRefused
from node.readers.person import NewPerson
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from node.wiring.beginning import make_home
from node.wiring.place import Place, open_place
from protocols.errors import ProtocolError

REFUSED = 1
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


@contextmanager
def refusals() -> Iterator[None]:
    """What the node refuses is printed as one sentence, with exit code 1."""
    try:
        yield
    except (NodeError, ProtocolError) as refusal:
        typer.echo(f"intramuros node: {refusal}", err=True)
        raise typer.Exit(REFUSED) from None


def show(document: object, *lines: str, as_json: bool) -> None:
    """The document for a script, or the lines for a person, on standard output."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2) if as_json else "\n".join(lines))


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
    with refusals():
        dicom = Dicom(ae_title=ae_title, host=dicom_host, port=dicom_port, peers=tuple(map(_peer, peer)))
        config = NodeConfig(
            name=name,
            language=language,
            dicom=dicom,
            web=Web(port=web_port),
            wall=Wall(supernode_port=supernode_port, inbox_poll_seconds=inbox_poll_seconds),
        )
        _show_made(make_home(home, config), as_json=as_json)


def _show_made(place: Place, *, as_json: bool) -> None:
    fingerprint = place.keyring.identity().public.fingerprint
    show(
        {"home": str(place.home.path), "fingerprint": fingerprint},
        f"A node for {place.config.name} is ready in {place.home.path}.",
        f"Fingerprint of this hospital: {fingerprint}",
        "Next: `intramuros node person add`, then `intramuros node run`.",
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
            f"{name} can sign in once with this code until {made.expires_at:%Y-%m-%d %H:%M} UTC:",
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
            raise NodeError("nobody signs in with this name")
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
        try:
            for counts in import_path(place, path):
                if sys.stderr.isatty():
                    typer.echo(f"\r{counts.files} files, {counts.received} received", nl=False, err=True)
        except IntakeRefused as refusal:
            raise NodeError(refusal.public_text(place.config.language)) from None
        found = {} if counts is None else asdict(counts)
        show(found, *(f"{name}: {count}" for name, count in found.items() if count), as_json=as_json)


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
            f"{joined.site_name} asked {joined.coordinator_name} to join: {joined.state.value}",
            f"Fingerprint of this hospital:   {joined.own_fingerprint}",
            f"Fingerprint of the coordinator: {joined.coordinator_fingerprint}",
            "Read both to the coordinator's operator; the site is admitted once they agree.",
            as_json=as_json,
        )


@ledger.command("verify")
def verify(
    file: Annotated[Path | None, typer.Argument(help="An exported ledger; default: this node's own.")] = None,
    home: Annotated[Path | None, typer.Option("--home", envvar="INTRAMUROS_NODE_HOME")] = None,
    as_json: JsonOption = False,
) -> None:
    """Check every link of the ledger; a broken one is named."""
    from node.wiring.joining import verify_ledger, verify_ledger_file

    with refusals():
        if file is not None:
            count = verify_ledger_file(file)
        elif home is not None:
            count = verify_ledger(open_place(home))
        else:
            raise NodeError("name a ledger file, or the node with --home")
        show({"entries": count, "verified": True}, f"{count} entries: the chain holds", as_json=as_json)


@app.command("status")
def status(home: HomeOption, as_json: JsonOption = False) -> None:
    """Which processes of this node run."""
    with refusals():
        path = open_place(home).home.run / "state.json"
        state = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"pid": None, "children": {}}
        lines = [
            f"{name:<10} {'running, process ' + str(child['pid']) if child['pid'] else 'not running'}"
            f", restarts {child['restarts']}"
            for name, child in state["children"].items()
        ]
        show(state, *(lines or ["this node is not running"]), as_json=as_json)
        if state["pid"] is None:
            sys.exit(REFUSED)


def _peer(text: str) -> DicomPeer:
    title, _, address = text.partition("@")
    return DicomPeer(ae_title=title, address=address or "127.0.0.1")


def _line_or_file(text: str) -> str:
    path = Path(text)
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else text
    except OSError:  # a line too long to be a file's name is the line itself
        return text
