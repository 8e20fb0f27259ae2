"""A hospital of 320 readers in 26 departments: a whole node, a project for each department, everybody with a code.

People, projects and deals come in through the flows that the page calls; the images of the cases are rows alone, since
no pixel is looked at here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from e2e.node_process import NodeProcess
from sqlalchemy import Engine, insert

from node.flows.act import Act
from node.flows.people import add_person, login_code
from node.flows.projects import make_project, open_project
from node.ground.audit import Actor, ActorKind
from node.ground.ids import new_id, new_secret
from node.labeling.project import NewProject
from node.readers.departments import departments
from node.readers.licence import NewLicence
from node.readers.person import NewPerson
from node.readers.roles import Role
from node.storage.engine import Database, open_engine, writing
from node.storage.migrate import upgrade
from node.storage.ward_store import WardStore
from node.storage.ward_tables import case, case_image

READERS, DEPARTMENTS = 320, 26
READS_PER_CASE = 3
_LICENCE = NewLicence("BENCH-1", "BENCH-1", date(2099, 12, 31))
_BY = Actor(ActorKind.NODE, "bench")


@dataclass(frozen=True, slots=True)
class Crowd:
    """A node that runs, its database, and the one-time codes of its readers."""

    port: int
    engine: Engine
    codes: tuple[str, ...]
    node: NodeProcess


@contextlib.contextmanager
def running_hospital(work: Path, *, cases: int, database_url: str | None = None) -> Iterator[Crowd]:
    """The node runs with so many cases in each department's open project; down again afterwards."""
    node = NodeProcess(work / "home", "Bench hospital", "--language", "en")
    if database_url is not None:
        with (node.home / "node.toml").open("r+", encoding="utf-8") as file:
            rest = file.read()
            file.seek(0)
            file.write(f'database_url = "{database_url}"\n{rest}')
    engine = open_engine(Database.WARD, node.home, database_url)
    upgrade(Database.WARD, engine)
    codes = _filled(engine, cases)
    try:
        node.start()
        yield Crowd(node.web_port, engine, codes, node)
    finally:
        node.stop()
        engine.dispose()


def _filled(engine: Engine, cases: int) -> tuple[str, ...]:
    ward, act = WardStore(engine), Act(_BY, datetime.now(UTC))
    named = [code for code in departments() if code != "dentistry"]
    assert len(named) == DEPARTMENTS
    codes = []
    for number in range(READERS):
        new = NewPerson(f"reader {number}", frozenset({Role.READER}), named[number % DEPARTMENTS], licence=_LICENCE)
        person = add_person(ward, new, act, person_id=new_id())
        codes.append(login_code(ward, person.person_id, act, code=new_secret()).code)
    for place, department in enumerate(named):
        case_ids = _cases(engine, range(place * cases, (place + 1) * cases))
        new_project = NewProject(department, "", "chest-film-abnormal", 1, READS_PER_CASE, department)
        project_id = make_project(ward, new_project, act, project_id=new_id()).project_id
        with ward.writing() as work:
            work.project_cases.add_cases(project_id, case_ids, act.event("project.cases-added", "bench"))
        open_project(ward, project_id, act)
    return tuple(codes)


def _cases(engine: Engine, numbers: range) -> Sequence[str]:
    rows = {new_id(): number for number in numbers}
    same = {"modality": "DX", "part": 1, "sex": "F", "age_band": "60-69"}
    image = {"position": 0, "body_part": "CHEST", "view": "PA", "rows": 4, "columns": 4, "frames": 1}
    with writing(engine) as connection:
        connection.execute(
            insert(case),
            [{"case_id": one, "patient_number": at, "study_uid": f"2.25.{at}", **same} for one, at in rows.items()],
        )
        connection.execute(
            insert(case_image),
            [{"image_id": new_id(), "case_id": one, "series_uid": f"2.25.{at}.1", **image} for one, at in rows.items()],
        )
    return list(rows)
