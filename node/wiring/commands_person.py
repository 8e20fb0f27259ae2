"""`intramuros node person …`: who signs in, who may read until when, and the hospital's own departments."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from node.flows.people import add_person, load_departments, login_code, set_licence
from node.ground.faults import system_fault
from node.ground.ids import new_id, new_secret
from node.ground.texts import Language
from node.ground.told import Told
from node.readers.departments import department_list
from node.readers.errors import LicenceRefused, NameUnknown
from node.readers.licence import NewLicence
from node.readers.person import NewPerson, Person
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_store import WardStore
from node.wiring.commands import HomeOption, JsonOption, by_it
from node.wiring.place import Place, open_place
from node.wiring.terminal import refusals, say, show

person = typer.Typer(help="The people who sign in at this node.", no_args_is_help=True)
NameOption = Annotated[str, typer.Option(help="The name the person signs in with.")]
NumberOption = Annotated[str | None, typer.Option(help="Number of the licence to practise, as on the original.")]
SpecialtyOption = Annotated[str | None, typer.Option(help="Number of the specialty, as on the original.")]
UntilOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day the check is good for; then it is repeated.")
]


class ListNotRead(Told):
    """The system does not give the file."""

    text_key = "terminal.list_not_read"


@person.command("add")
def add(
    home: HomeOption,
    name: NameOption,
    role: Annotated[list[Role], typer.Option(help="What the person may do. May be given often.")],
    department: Annotated[str | None, typer.Option(help="Code of the person's specialty.")] = None,
    licence_number: NumberOption = None,
    specialty_number: SpecialtyOption = None,
    licence_until: UntilOption = None,
    subspecialty: Annotated[str | None, typer.Option(help="A code of the house for what the reader does most.")] = None,
    specialist_since: Annotated[int | None, typer.Option(help="The year the specialty was gained.")] = None,
    language: Annotated[Language | None, typer.Option(help="Language; default: the node's.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Add a person and print a one-time log-in code; there are no default passwords."""
    with refusals():
        place = open_place(home)
        new = NewPerson(
            name=name,
            roles=frozenset(role),
            department=department,
            language=language or place.config.language,
            licence=_licence(licence_number, specialty_number, licence_until),
            subspecialty=subspecialty,
            specialist_since=specialist_since,
        )
        added = add_person(_ward(place), new, by_it(place), person_id=new_id())
        _show_code(place, added, as_json=as_json)


@person.command("verify")
def verify(
    home: HomeOption,
    name: NameOption,
    licence_number: NumberOption = None,
    specialty_number: SpecialtyOption = None,
    licence_until: UntilOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record that both numbers were held against the originals, until a day. Without them the check is withdrawn."""
    with refusals():
        place = open_place(home)
        licence = _licence(licence_number, specialty_number, licence_until)
        changed = set_licence(_ward(place), _named(place, name).person_id, licence, by_it(place))
        until = None if licence is None else licence.valid_until.isoformat()
        told = say("licence_verified" if until else "licence_withdrawn", name=name, until=until)
        show({"person_id": changed.person_id, "valid_until": until}, told, as_json=as_json)


@person.command("code")
def code(home: HomeOption, name: NameOption, as_json: JsonOption = False) -> None:
    """Print a new one-time log-in code for a person; an earlier one no longer works."""
    with refusals():
        place = open_place(home)
        found = _named(place, name)
        made = login_code(_ward(place), found.person_id, by_it(place), code=new_secret())
        show({"person_id": found.person_id, "code": made.code}, made.code, as_json=as_json)


@person.command("departments")
def departments(
    home: HomeOption,
    file: Annotated[Path, typer.Argument(help="One department a line: code, Korean name, English name.")],
    as_json: JsonOption = False,
) -> None:
    """Load a list of departments beside the 26 of the law; one of the same code has its new names."""
    with refusals():
        try:
            text = file.read_bytes().decode("utf-8", errors="replace")
        except OSError as error:
            raise ListNotRead(file=file, reason=system_fault(error)) from None
        place = open_place(home)
        known = load_departments(_ward(place), department_list(text), by_it(place))
        show({"departments": known}, say("departments_known", count=known), as_json=as_json)


def _show_code(place: Place, added: Person, *, as_json: bool) -> None:
    made = login_code(_ward(place), added.person_id, by_it(place), code=new_secret())
    show(
        {"person_id": added.person_id, "code": made.code, "expires_at": made.expires_at.isoformat()},
        say("login_code", name=added.name, until=f"{made.expires_at:%Y-%m-%d %H:%M} UTC"),
        made.code,
        as_json=as_json,
    )


def _licence(licence_number: str | None, specialty_number: str | None, until: datetime | None) -> NewLicence | None:
    """A licence where all three are given, none where none is. Raises: LicenceRefused for a part of one."""
    if licence_number is None and specialty_number is None and until is None:
        return None
    if licence_number is None or specialty_number is None or until is None:
        raise LicenceRefused
    return NewLicence(licence_number, specialty_number, until.date())


def _named(place: Place, name: str) -> Person:
    with _ward(place).reading() as work:
        found = work.people.by_name(name)
    if found is None:
        raise NameUnknown
    return found


def _ward(place: Place) -> WardStore:
    return WardStore(place.engine(Database.WARD))
