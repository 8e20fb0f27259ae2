"""Who looked at a study is on the disk before the first image goes out, and again after a quarter of an hour."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.hospital import Hospital, hospital_at
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from node.flows.look_trail import COVERS, LookTrail
from node.ground.audit import Actor, ActorKind

STEWARD = Actor(ActorKind.PERSON, "p")
SCRIPT = Actor(ActorKind.TOKEN, "t")


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    with hospital_at(tmp_path) as hospital:
        yield hospital


def seen(hospital: Hospital) -> list[tuple[str, str, str]]:
    with hospital.ward.reading() as work:
        return [(event.actor.actor_id, event.action, event.subject) for event in work.audit.latest(20)][::-1]


def test_one_entry_stands_for_every_look_of_one_actor_at_one_study_for_a_while(hospital: Hospital) -> None:
    trail = LookTrail(hospital.ward, hospital.clock.now)
    for by, action, subject in [
        (STEWARD, "images.retrieved", "study:2.25.1"),
        (STEWARD, "images.retrieved", "study:2.25.1"),
        (STEWARD, "images.retrieved", "study:2.25.2"),
        (STEWARD, "images.searched", "study:2.25.1"),
        (SCRIPT, "images.retrieved", "study:2.25.1"),
    ]:
        trail.note(by, action, subject)
        assert trail.covered(by, action, subject)
    assert seen(hospital) == [
        ("p", "images.retrieved", "study:2.25.1"),
        ("p", "images.retrieved", "study:2.25.2"),
        ("p", "images.searched", "study:2.25.1"),
        ("t", "images.retrieved", "study:2.25.1"),
    ]
    hospital.clock.at += COVERS
    assert not trail.covered(STEWARD, "images.retrieved", "study:2.25.1")
    trail.note(STEWARD, "images.retrieved", "study:2.25.1")
    assert len(seen(hospital)) == 5


def test_a_new_process_writes_again(hospital: Hospital) -> None:
    for _ in range(2):
        LookTrail(hospital.ward, hospital.clock.now).note(STEWARD, "images.searched", "images:all")
    assert len(seen(hospital)) == 2


def test_what_could_not_be_written_is_not_covered(hospital: Hospital) -> None:
    trail = LookTrail(hospital.ward, hospital.clock.now)
    with hospital.engine.begin() as connection:
        connection.execute(text("DROP TABLE audit_event"))
    with pytest.raises(DatabaseError):
        trail.note(STEWARD, "images.retrieved", "study:2.25.1")
    assert not trail.covered(STEWARD, "images.retrieved", "study:2.25.1")
