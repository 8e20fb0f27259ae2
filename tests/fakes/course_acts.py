"""What trainers and learners do in a course, each act in a line, for suites that run on every database."""

from fakes.teaching import CODE, course_value
from fakes.ward_books import ACT, Originals, project
from sqlalchemy import Engine

from node.flows.act import Act
from node.flows.courses import open_course, take_gold, write_draft
from node.flows.exams import begin_exam, hand_in, say
from node.flows.fusing import set_gold
from node.flows.learning import answer, show_case
from node.flows.people import add_person
from node.flows.projects import Reference
from node.ground.ids import new_id
from node.readers.person import NewPerson, Person
from node.readers.roles import Role
from node.storage.ward_store import WardStore


def taught(engine: Engine, *, films: int = 12, **exam: object) -> str:
    """The project whose gold the small course has; the course is open."""
    ward, project_id = WardStore(engine), project(engine, films=films)
    references = [Reference(f"1.2.{n}", "present" if n % 2 else "absent") for n in range(1, films + 1)]
    set_gold(ward, Originals(), project_id, references, ACT)
    write_draft(ward, course_value(**exam), ACT)
    take_gold(ward, CODE, project_id, ACT)
    open_course(ward, CODE, None, ACT)
    return project_id


def labeler(ward: WardStore, name: str = "lay") -> Person:
    return add_person(ward, NewPerson(name, frozenset({Role.LABELER})), ACT, person_id=new_id())


def learnt(ward: WardStore, person: Person) -> None:
    """Every item of the modules is answered."""
    answer(ward, person.person_id, CODE, ("first", "no"), ACT)
    for item in ("bad", "good"):
        show_case(ward, person.person_id, CODE, item, ACT)
        answer(ward, person.person_id, CODE, (item, "present"), ACT)


def answered_right(ward: WardStore, person: Person, attempt_id: str, act: Act = ACT, *, but: int = 0) -> None:
    with ward.reading() as work:
        items = work.exams.items(attempt_id)
    for item in items[but:]:
        say(ward, person.person_id, attempt_id, (item.number, item.known), act.now)


def passed(ward: WardStore, person: Person, act: Act = ACT) -> str:
    attempt_id = begin_exam(ward, person, CODE, act).attempt.attempt_id
    answered_right(ward, person, attempt_id, act)
    assert hand_in(ward, person.person_id, attempt_id, act).attempt.passed
    return attempt_id
