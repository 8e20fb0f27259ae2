"""`intramuros node pull …`: what is fetched from the hospital's PACS, saved once and followed by its counts.

Nothing here names a patient: studies are counted, and those given up have a number. The running node does the work.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from node.flows.pull_ports import DeadStudy, Pull, PullProgress, PullState
from node.ground.audit import AuditEvent
from node.ground.ids import new_id
from node.intake.cohort_query import CohortQuery
from node.intake.errors import PathMissing, PullQueryInvalid, PullSourceUnknown
from node.storage.engine import Database
from node.storage.pull_desk import PullDeskStore
from node.wiring.commands import HomeOption, JsonOption, by_it
from node.wiring.place import Place, open_place
from node.wiring.terminal import refusals, say, show

NameArgument = Annotated[str, typer.Argument(help="The pull's name: small letters, digits and hyphens.")]
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_DAY = ["%Y-%m-%d"]
_TOLD_CODES = frozenset(
    {"unreachable", "rejected", "not_offered", "no_answer", "line_broke", "incomplete", "source_unknown"}
)

pull = typer.Typer(help="Fetch from the hospital's PACS by a saved query.", no_args_is_help=True)


@pull.command("define")
def define(
    name: NameArgument,
    home: HomeOption,
    source: Annotated[str, typer.Option(help="Name of a source in node.toml.")],
    modality: Annotated[list[str], typer.Option(help="Only series of this modality. May be given often.")] = [],
    body_part: Annotated[list[str], typer.Option(help="Only series of this body part. May be given often.")] = [],
    first_day: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="First study date.")] = None,
    last_day: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last study date.")] = None,
    accession_file: Annotated[Path | None, typer.Option(help="A file of accession numbers, one a line.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Save what is to be fetched: by days, by accession numbers, or both. Nothing is asked yet."""
    with refusals():
        place = open_place(home)
        dicom = place.config.dicom
        if source not in {one.name for one in (*dicom.sources, *dicom.web_archives)}:
            raise PullSourceUnknown(source=source)
        if not _NAME.fullmatch(name):
            raise PullQueryInvalid(part="name")
        query = CohortQuery(
            modalities=tuple(code.upper() for code in modality),
            body_parts=tuple(code.upper() for code in body_part),
            first_day=None if first_day is None else first_day.date(),
            last_day=None if last_day is None else last_day.date(),
            accession_numbers=() if accession_file is None else _lines(accession_file),
        )
        saved = Pull(new_id(), name, source, query)
        _desk(place).save(saved, _event(place, saved.pull_id, "pull.saved"))
        show({"name": name, "pull_id": saved.pull_id}, say("pull_saved", name=name), as_json=as_json)


@pull.command("start")
def start(name: NameArgument, home: HomeOption, as_json: JsonOption = False) -> None:
    """Begin a saved pull, go on with a stopped one, or ask again for studies that came since."""
    with refusals():
        place = open_place(home)
        desk = _desk(place)
        pull_id = desk.id_of(name)
        desk.begin(pull_id, _event(place, pull_id, "pull.begun"))
        (progress,) = desk.progress(name)
        show(asdict(progress), say("pull_begun", name=name, source=progress.source), as_json=as_json)


@pull.command("stop")
def stop(name: NameArgument, home: HomeOption, as_json: JsonOption = False) -> None:
    """Begin nothing more of a pull; what was fetched stays."""
    with refusals():
        place = open_place(home)
        desk = _desk(place)
        pull_id = desk.id_of(name)
        desk.stop(pull_id, _event(place, pull_id, "pull.stopped"))
        show({"name": name}, say("pull_stopped", name=name), as_json=as_json)


@pull.command("list")
def list_all(home: HomeOption, as_json: JsonOption = False) -> None:
    """Every saved pull and how it stands."""
    with refusals():
        pulls = _desk(open_place(home)).progress()
        show([_document(one) for one in pulls], *(map(_line, pulls) if pulls else [say("pull_none")]), as_json=as_json)


@pull.command("status")
def status(name: NameArgument, home: HomeOption, as_json: JsonOption = False) -> None:
    """How one pull stands, with every study that was given up and why."""
    with refusals():
        desk = _desk(open_place(home))
        pull_id = desk.id_of(name)
        (progress,), dead = desk.progress(name), desk.dead(pull_id)
        lines = [_line(progress)]
        if progress.code:
            lines.append(say("pull_failed_why", why=_why(progress.code)))
        lines += map(_dead_line, dead)
        show(_document(progress) | {"given_up": [asdict(one) for one in dead]}, *lines, as_json=as_json)


@pull.command("retry")
def retry(name: NameArgument, home: HomeOption, as_json: JsonOption = False) -> None:
    """Let every study that was given up wait again."""
    with refusals():
        place = open_place(home)
        desk = _desk(place)
        pull_id = desk.id_of(name)
        count = desk.try_again(pull_id, _event(place, pull_id, "pull.retried"))
        show({"waiting_again": count}, say("pull_retried", count=count), as_json=as_json)


def _desk(place: Place) -> PullDeskStore:
    from node.wiring.images import intake_ground

    return PullDeskStore(place.engine(Database.INTAKE), intake_ground(place).identities())


def _event(place: Place, pull_id: str, action: str) -> AuditEvent:
    return by_it(place).event(action, f"pull:{pull_id}")


def _lines(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise PathMissing from None
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def _state(progress: PullProgress) -> str:
    done = progress.state is PullState.FETCHING and not progress.waiting
    return "done" if done else progress.state.value


def _document(progress: PullProgress) -> dict[str, object]:
    return asdict(progress) | {"state": _state(progress)}


def _line(progress: PullProgress) -> str:
    return say("pull_line", **asdict(progress) | {"state": say(f"pull_state_{_state(progress)}")})


def _dead_line(dead: DeadStudy) -> str:
    return say("pull_dead_line", why=_why(dead.code), **asdict(dead))


def _why(code: str) -> str:
    return say(f"pull_why_{code}") if code in _TOLD_CODES else say("pull_why_other", code=code)
