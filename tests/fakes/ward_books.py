"""Acts on a real ward, each in a line, for suites that run on every database."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from fakes.hospital import film
from sqlalchemy import Engine

from node.flows import read
from node.flows.act import Act
from node.flows.people import add_person
from node.flows.projects import add_cases, make_project, open_project
from node.ground.audit import Actor, ActorKind
from node.ground.ids import new_id
from node.labeling.blinding import Viewer
from node.labeling.case import AdmittedImage
from node.labeling.permission import Permission, PermittedUse
from node.labeling.project import NewProject
from node.labeling.reading import ReadingContent
from node.readers.licence import NewLicence
from node.readers.person import NewPerson, Person
from node.readers.roles import Role
from node.storage.ward_cases import WardAdmission
from node.storage.ward_store import WardStore

ANY = Permission(PermittedUse.ANY)
LICENCE = NewLicence("12345", "6789", date(2099, 12, 31))
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ACT = Act(Actor(ActorKind.NODE, "test"), NOW)


class Originals:
    """The hospital's UID of film n is `1.2.n`."""

    def image_id(self, sop_instance_uid: str) -> str | None:
        number = int(sop_instance_uid.rsplit(".", 1)[1])
        return film(number).image_id if number < 1000 else None


def reader(ward: WardStore, name: str, act: Act = ACT) -> Person:
    return add_person(ward, NewPerson(name, frozenset({Role.READER}), licence=LICENCE), act, person_id=new_id())


def admit(engine: Engine, *images: AdmittedImage) -> list[str]:
    return [WardAdmission(engine).admit(image, ACT.event("case.admitted", "image:x")) for image in images]


def project(engine: Engine, *, films: int, reads: int = 3) -> str:
    """An open project of these films; those that were admitted before are in it too."""
    ward = WardStore(engine)
    admit(engine, *(film(number) for number in range(1, films + 1)))
    new = NewProject("title", "", "chest-film-abnormal", 1, reads, permission=ANY)
    project_id = make_project(ward, new, ACT, project_id=new_id()).project_id
    assert add_cases(ward, project_id, ["DX"], ACT) == films
    open_project(ward, project_id, ACT)
    return project_id


def viewer(person: Person) -> Viewer:
    return Viewer(person.person_id, person.roles)


def said(option: str) -> read.Submission:
    content = {"answers": [{"question": "abnormal", "option": option}], "seconds_active": 2}
    return read.Submission(new_id(), ReadingContent.model_validate(content), None)


def read_all(ward: WardStore, person: Person, option: Callable[[str], str], now: datetime = NOW) -> list[str]:
    seen = []
    while (sheet := read.next_case(ward, person, None, now)) is not None:
        case_id = sheet.assignment.case_id
        read.submit(ward, viewer(person), sheet.assignment.assignment_id, said(option(case_id)), now)
        seen.append(case_id)
    return seen
