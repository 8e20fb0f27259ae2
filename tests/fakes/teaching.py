"""A small course about normal and abnormal films, and a hospital that has gold for it."""

from typing import Any

from fakes.hospital import Hospital, film

from node.flows.courses import AuthoredCourse, open_course, take_gold, write_draft
from node.flows.fusing import set_gold
from node.flows.projects import Reference
from node.readers.person import Person
from node.readers.roles import Role
from node.teaching.course import Course

CODE, TASK = "films", "chest-film-abnormal"
BOTH = {"en": "words", "ko": "말"}


def quiz(code: str, right: str = "yes", **more: Any) -> dict[str, Any]:
    options = [{"code": "yes", "text": BOTH}, {"code": "no", "text": BOTH}]
    made = {"kind": "quiz", "code": code, "text": BOTH, "options": options, "right": right}
    return made | {"explanation": {"en": f"why {code}", "ko": f"왜 {code}"}} | more


def case_quiz(code: str, known: str) -> dict[str, Any]:
    why = {"en": f"why {code}", "ko": f"왜 {code}"}
    return {"kind": "case", "code": code, "voted": "abnormal", "known": known, "explanation": why}


def course_words(**exam: Any) -> dict[str, Any]:
    """A course with one quiz and two image cases, and an exam of one quiz and four cases, as a trainer sends it."""
    blocks = [{"kind": "text", "text": BOTH}, quiz("first"), case_quiz("bad", "present"), case_quiz("good", "absent")]
    cases = [{"voted": "abnormal", "known": known, "count": 2} for known in ("present", "absent")]
    rules = {"minutes": 30, "pass_mark": 0.8, "quizzes": [quiz("last")], "cases": cases, "valid_days": 90}
    module = {"code": "one", "title": BOTH, "blocks": blocks}
    return {"code": CODE, "task": TASK, "title": BOTH, "modules": [module], "exam": rules | exam}


def course_value(**exam: Any) -> Course:
    return Course.model_validate(course_words(**exam))


def gold_project(hospital: Hospital, *, films: int = 12, **rest: Any) -> str:
    """An open project of which every film is gold: the odd ones are abnormal."""
    project_id = hospital.project(films=films, **rest)
    hospital.originals.image_of_uid = {f"1.2.{number}": film(number).image_id for number in range(1, films + 1)}
    references = [Reference(f"1.2.{number}", truth(number)) for number in range(1, films + 1)]
    assert set_gold(hospital.ward, hospital.originals, project_id, references, hospital.act()) == (films, 0)
    return project_id


def truth(number: int) -> str:
    """What is true of a film."""
    return "present" if number % 2 else "absent"


def truth_of_image(image_id: str) -> str:
    """What is true of the film with this image."""
    return next(truth(number) for number in range(1, 100) if film(number).image_id == image_id)


def opened(hospital: Hospital, project_id: str, **exam: Any) -> AuthoredCourse:
    """The small course, open."""
    write_draft(hospital.ward, course_value(**exam), hospital.act())
    take_gold(hospital.ward, CODE, project_id, hospital.act())
    return open_course(hospital.ward, CODE, None, hospital.act())


def labeler(hospital: Hospital, name: str = "작업자") -> Person:
    return hospital.person(name, Role.LABELER)
