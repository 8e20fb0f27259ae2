"""A hospital in a test: the real ward on a SQLite file, the real application over it, and people who sign in."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from fakes import wall_router
from fakes.ward import HandClock, OriginalsByUid, PlainFrames, QuietIntake
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from node.edges.web.app import create_app
from node.edges.web.parts import WebParts
from node.flows.act import Act
from node.flows.people import add_person, login_code
from node.flows.projects import add_cases, make_project, open_project
from node.flows.sign_in import FrontDoor
from node.ground.audit import Actor, ActorKind
from node.ground.ids import new_id, new_secret
from node.labeling.case import AdmittedImage
from node.labeling.project import NewProject
from node.readers.passwords import Argon2Passwords
from node.readers.person import NewPerson, Person
from node.readers.roles import Role
from node.storage.engine import Database, open_engine
from node.storage.migrate import upgrade
from node.storage.ward_cases import WardAdmission
from node.storage.ward_store import WardStore

IT = Actor(ActorKind.NODE, "cli")


@cache
def migrated_ward() -> Path:
    """An empty, migrated ward, made once."""
    folder = Path(tempfile.mkdtemp(prefix="ward-"))
    engine = open_engine(Database.WARD, folder)
    upgrade(Database.WARD, engine)
    engine.dispose()
    return folder / "ward.db"


def film(number: int, **changes: Any) -> AdmittedImage:
    """One chest film of its own patient and study; the same number gives the same film."""
    values: dict[str, Any] = {
        "image_id": str(UUID(int=number, version=4)),
        "patient_number": number,
        "study_uid": f"2.25.{number}",
        "series_uid": f"2.25.{number}.1",
        "modality": "DX",
        "body_part": "CHEST",
        "view": "PA",
        "rows": 4,
        "columns": 4,
        "frames": 1,
        "sex": "F",
        "age_band": "60-69",
    }
    return AdmittedImage(**values | changes)


@dataclass
class Hospital:
    """One node's ward and web, without any other process."""

    engine: Engine
    ward: WardStore
    clock: HandClock
    originals: OriginalsByUid
    app: FastAPI

    def act(self) -> Act:
        return Act(IT, self.clock.now())

    def person(self, name: str, *roles: Role, verified: bool = True, department: str | None = None) -> Person:
        new = NewPerson(name, frozenset(roles), department, licence_verified=verified)
        return add_person(self.ward, new, self.act(), person_id=new_id())

    def reader(self, name: str, **rest: Any) -> Person:
        return self.person(name, Role.READER, **rest)

    def code(self, person: Person) -> str:
        return login_code(self.ward, person.person_id, self.act(), code=new_secret()).code

    def browser(self) -> TestClient:
        return TestClient(self.app, base_url="http://node.test")

    def signed_in(self, person: Person) -> TestClient:
        browser = self.browser()
        answer = browser.post("/api/session", json={"code": self.code(person)})
        assert answer.status_code == 200, answer.text
        browser.headers["X-Intramuros-CSRF"] = answer.json()["csrf"]
        return browser

    def admit(self, *images: AdmittedImage) -> list[str]:
        admission = WardAdmission(self.engine)
        return [
            admission.admit(image, self.act().event("case.admitted", f"image:{image.image_id}")) for image in images
        ]

    def project(self, *, films: int = 0, reads_per_case: int = 3, opened: bool = True, **rest: Any) -> str:
        self.admit(*(film(number) for number in range(1, films + 1)))
        new = NewProject("흉부", "읽는 법", "chest-film-abnormal", 1, reads_per_case, **rest)
        project_id = make_project(self.ward, new, self.act(), project_id=new_id()).project_id
        add_cases(self.ward, project_id, ["DX"], self.act())
        if opened:
            open_project(self.ward, project_id, self.act())
        return project_id


@contextmanager
def hospital_at(folder: Path, *, keep: bool = False) -> Iterator[Hospital]:
    """A hospital that keeps its ward in this folder: a new one, or the one that is there."""
    if not keep:
        shutil.copy(migrated_ward(), folder / "ward.db")
    engine = open_engine(Database.WARD, folder)
    ward, clock, originals = WardStore(engine), HandClock(), OriginalsByUid()
    door = FrontDoor(ward, Argon2Passwords(time_cost=1, memory_kib=64), timedelta(hours=8))
    parts = WebParts(
        ward=ward,
        door=door,
        frames=PlainFrames(),
        originals=originals,
        intake=QuietIntake(),
        clock=clock,
        secure=False,
    )
    yield Hospital(engine, ward, clock, originals, create_app(parts, [wall_router.router], folder / "page"))
    engine.dispose()


def saying(option: str | None = "present", abstention: str | None = None, **rest: Any) -> dict[str, Any]:
    """The body of a reading."""
    answer = (
        {"question": "abnormal", "option": option}
        if abstention is None
        else {"question": "abnormal", "abstention": abstention}
    )
    return {"answers": [answer], "seconds_active": 12.5, "provenance": {"page": "test"}} | rest


def read_one(browser: TestClient, option: str = "present") -> str | None:
    """The case that was read next, or none when nothing was left."""
    given = browser.post("/api/assignments", json={"project_id": None})
    if given.status_code == 204:
        return None
    sheet = given.json()
    answer = browser.post(f"/api/assignments/{sheet['assignment_id']}/reading", json=saying(option))
    assert answer.status_code == 201, answer.text
    return str(sheet["case_id"])
