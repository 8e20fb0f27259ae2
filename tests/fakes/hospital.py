"""A hospital in a test: the real ward on a SQLite file, the real application over it, and people who sign in."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fakes import wall_router
from fakes.dicomweb import quiet_parts
from fakes.exclusions import NoCommitments, exclusions_at
from fakes.instances import dicom_file
from fakes.intake import MemoryBytes, MemoryIntake, Row
from fakes.quarantine import MemoryQuarantine
from fakes.reidentification import reidentify_at
from fakes.sandbox import OpenSandbox
from fakes.store_page import DamagedStore
from fakes.ward import (
    BEGINNING,
    HELD_IMAGE,
    HandClock,
    HeldImages,
    OriginalsByUid,
    PlainFrames,
    PlainHeaders,
    QuietIntake,
    SettledImages,
)
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient

from node.edges.dicomweb.routes import ROUTERS as DICOMWEB
from node.edges.web.app import create_app
from node.edges.web.parts import Shortcut, WebParts
from node.flows.act import Act
from node.flows.certificates import TeachingDesk
from node.flows.concerns import IncidentParts
from node.flows.exclude_parts import ExcludeParts
from node.flows.months import PayDesk
from node.flows.people import add_person, login_code
from node.flows.projects import add_cases, make_project, open_project
from node.flows.quarantine import QuarantineDesk
from node.flows.sign_in import FrontDoor
from node.flows.tokens import IssuedToken, issue_token
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id, new_secret
from node.intake.received import NewReceived, ReceivedState
from node.labeling.case import AdmittedImage
from node.labeling.project import NewProject
from node.readers.licence import NewLicence
from node.readers.passwords import Argon2Passwords
from node.readers.person import NewPerson, Person
from node.readers.roles import Role
from node.readers.token import NewToken
from node.storage.engine import Database, open_engine
from node.storage.migrate import upgrade
from node.storage.quick_sessions import QuickSessions
from node.storage.ward_cases import WardAdmission
from node.storage.ward_store import WardStore
from protocols.signing import Identity

LICENCE = NewLicence("12345", "6789", date(2099, 12, 31))
IT = Actor(ActorKind.NODE, "cli")
SEOUL = ZoneInfo("Asia/Seoul")
IDENTITY = Identity.from_raw(bytes(range(32)))


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
    quarantine: QuarantineDesk
    exclusions: ExcludeParts
    holds: HeldImages
    settled: SettledImages
    app: FastAPI

    def act(self) -> Act:
        return Act(IT, self.clock.now())

    def person(self, name: str, *roles: Role, verified: bool = True, department: str | None = None) -> Person:
        licence = LICENCE if verified and Role.READER in roles else None
        new = NewPerson(name, frozenset(roles), department, licence=licence)
        return add_person(self.ward, new, self.act(), person_id=new_id())

    def reader(self, name: str, **rest: Any) -> Person:
        return self.person(name, Role.READER, **rest)

    def code(self, person: Person) -> str:
        return login_code(self.ward, person.person_id, self.act(), code=new_secret()).code

    def browser(self, address: str = "127.0.0.1") -> TestClient:
        return TestClient(self.app, base_url="http://node.test", client=(address, 50000))

    def machine(self, role: Role, *, days: int = 1) -> TestClient:
        """A workstation or script with a token of this role."""
        new = NewToken(f"{role.value} script", role, days)
        browser = self.browser()
        browser.headers["Authorization"] = f"Bearer {self.token(new).secret}"
        return browser

    def token(self, new: NewToken) -> IssuedToken:
        return issue_token(self.ward, new, self.act(), token_id=new_id(), secret=new_secret())

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
def hospital_at(
    folder: Path, *, keep: bool = False, shortcuts: Mapping[tuple[str, str], Shortcut] | None = None
) -> Iterator[Hospital]:
    """A hospital that keeps its ward in this folder: a new one, or the one that is there."""
    if not keep:
        shutil.copy(migrated_ward(), folder / "ward.db")
    engine = open_engine(Database.WARD, folder)
    ward, clock, originals = WardStore(engine), HandClock(), OriginalsByUid()
    door = FrontDoor(ward, Argon2Passwords(time_cost=1, memory_kib=64), timedelta(hours=8))
    sessions = QuickSessions(engine)
    held, settled = HeldImages(), SettledImages()
    parts = WebParts(
        ward=ward,
        door=door,
        sessions=sessions,
        frames=PlainFrames(),
        headers=PlainHeaders(),
        stroke_key=lambda person_id: hashlib.sha256(person_id.encode()).digest(),
        originals=originals,
        intake=QuietIntake(),
        quarantine=held_image(),
        exclusions=exclusions_at(folder, engine),
        reidentify=reidentify_at(folder, engine),
        holds=held,
        incidents=IncidentParts(settled, settled, settled),
        commitments=NoCommitments(),
        store=DamagedStore(),
        pay=PayDesk(ward, SEOUL, lambda: IDENTITY),
        teaching=TeachingDesk(ward, "예시병원", lambda: IDENTITY),
        clock=clock,
        secure=False,
        shortcuts={} if shortcuts is None else shortcuts,
    )
    app = create_app(parts, [wall_router.router, *DICOMWEB], folder / "page")
    app.state.dicomweb = quiet_parts()
    yield Hospital(engine, ward, clock, originals, parts.quarantine, parts.exclusions, held, settled, app)
    sessions.close()
    engine.dispose()


def held_image() -> QuarantineDesk:
    """A quarantine that holds one film, for what its header says."""
    intake, blobs = MemoryIntake(), MemoryBytes()
    event = AuditEvent(BEGINNING, Actor(ActorKind.PEER, "CT3"), "instance.received", f"received:{HELD_IMAGE}")
    new = NewReceived(HELD_IMAGE, "a" * 64, "a" * 64, 10, b"", broken=False, event=event)
    intake.rows[HELD_IMAGE] = Row(new, ReceivedState.QUARANTINED, "deidentify.burned_in_annotation", BEGINNING)
    blobs.kept[HELD_IMAGE] = dicom_file()
    return QuarantineDesk(MemoryQuarantine(intake), blobs, OpenSandbox())


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
