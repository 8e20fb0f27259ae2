"""`intramuros node …`: what hospital IT types. Each command opens the place, calls one flow, and says what happened."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from node.flows.act import Act
from node.ground.audit import Actor, ActorKind
from node.ground.config import NodeConfig, new_config
from node.ground.texts import Language
from node.wiring.beginning import make_home
from node.wiring.place import Place, open_place
from node.wiring.terminal import REFUSED, refusals, say, show

if TYPE_CHECKING:
    from node.release.root_file import Complete

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
ledger = typer.Typer(help="The ledger of what left this hospital.", no_args_is_help=True)
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


@app.command("import")
def import_files(
    home: HomeOption,
    path: Annotated[Path, typer.Argument(help="A folder, a DICOM file, a DICOMDIR or a zip archive.")],
    as_json: JsonOption = False,
    json_lines: Annotated[
        bool, typer.Option("--json-lines", help="One JSON line for every step, for a script.")
    ] = False,
) -> None:
    """Receive every DICOM file under a path, as if a modality had sent it."""
    from node.wiring.importing import import_path

    with refusals():
        counts = import_path(open_place(home), path, json_lines=json_lines)
        if not json_lines:
            found = asdict(counts)
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
    root: Annotated[list[Path], typer.Option(help="A daily root that the file must hold to. May be given often.")] = [],
    key: Annotated[list[str], typer.Option(help="Key or fingerprint of whose word counts. May be given often.")] = [],
    as_json: JsonOption = False,
) -> None:
    """Check every link of the ledger, and of this node's own the bytes behind every entry; what is wrong is named.

    With daily roots and keys it says up to which entry and time the ledger is complete, and what nobody witnessed.
    """
    from node.wiring.joining import LedgerNotNamed, verify_ledger, verify_ledger_file
    from node.wiring.ledger_roots import verify_own_roots, verify_with_roots

    with refusals():
        if file is not None and (root or key):
            complete = verify_with_roots(file, root, key)
            document = {"entries": complete.entries, "verified": True} | completeness(complete)
            show(document, say("ledger_holds", count=complete.entries), *told_complete(complete), as_json=as_json)
        elif file is not None:
            count = verify_ledger_file(file)
            show({"entries": count, "verified": True}, say("ledger_holds", count=count), as_json=as_json)
        elif home is not None:
            place = open_place(home)
            proof, own = verify_ledger(place), verify_own_roots(place)
            told = say("ledger_holds", count=proof.entries), say("bytes_hold", here=proof.here, emptied=proof.emptied)
            document = asdict(proof) | {"verified": True} | ({} if own is None else completeness(own))
            show(document, *told, *([] if own is None else told_complete(own)), as_json=as_json)
        else:
            raise LedgerNotNamed


@ledger.command("root")
def root_of_day(
    home: HomeOption,
    day: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="UTC; default: latest.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the root of the ledger for a day, to be kept on paper; as JSON it is the file `ledger verify` takes."""
    from node.release.root_file import root_document
    from node.wiring.ledger_roots import coordinator_name, own_root

    with refusals():
        place = open_place(home)
        held = own_root(place, None if day is None else day.date())
        document = root_document(held)
        witnessed = say("root_witnessed", coordinator=coordinator_name(place), witnessed_at=document["witnessed_at"])
        show(
            document,
            say("root_of", hospital=place.config.name, **document),
            say("root_complete", **document),
            say("root_words", **document),
            say("root_digest", **document),
            say("own_fingerprint", fingerprint=place.keyring.identity().public.fingerprint),
            say("root_not_witnessed") if held.witnessed_at is None else witnessed,
            as_json=as_json,
        )


def completeness(complete: Complete) -> dict[str, object]:
    """How far a ledger is complete, for a script."""
    stated = complete.stated
    return {
        "complete_to": stated.root.entries,
        "day": stated.root.day.isoformat(),
        "witnessed_at": None if stated.witnessed_at is None else stated.witnessed_at.isoformat(),
        "not_witnessed": complete.after if stated.witnessed_at is not None else complete.entries,
    }


def told_complete(complete: Complete) -> tuple[str, str]:
    """The same in words."""
    known = completeness(complete)
    how = "complete_own_word" if complete.stated.witnessed_at is None else "complete_witnessed"
    fields = {"number": known["complete_to"], "day": known["day"], "witnessed_at": known["witnessed_at"]}
    return say(how, **fields), say("complete_after", after=complete.after)


@app.command("status")
def status(home: HomeOption, as_json: JsonOption = False) -> None:
    """Which processes of this node run."""
    from node.wiring.scrub_told import scrub_line

    with refusals():
        path_of = open_place(home).home
        path = path_of.run / "state.json"
        state = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"pid": None, "children": {}}
        lines = [
            say("child_runs" if child["pid"] else "child_stands", **child, name=f"{name:<10}")
            for name, child in state["children"].items()
        ]
        lines = lines or [say("not_running")]
        show(state, *lines, *scrub_line(path_of.scrub), as_json=as_json)
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
