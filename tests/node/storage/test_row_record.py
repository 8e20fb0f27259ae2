"""The record behind the sealed bytes is found whole or not at all, and the sealed bytes are found without it."""

import pytest
from fakes.instances import START

from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.received import NewReceived
from node.storage.row_record import ending, recorded, sealed_part

SEALED = b"IMSEAL1\n" + bytes(range(256))


@pytest.fixture
def new() -> NewReceived:
    event = AuditEvent(START, Actor(ActorKind.PEER, "CT3"), "instance.received", "received:x", "")
    return NewReceived(new_id(), "a" * 64, "b" * 64, 10, b"\0sealed\xff", False, event)


def test_record_and_sealed_bytes_come_apart_as_they_were_put_together(new: NewReceived) -> None:
    contents = SEALED + ending(len(SEALED), new)
    assert recorded(contents) == new
    assert sealed_part(contents) == SEALED


@pytest.mark.parametrize("contents", [b"", SEALED, SEALED[:20]])
def test_a_file_without_a_record_is_sealed_bytes_alone(contents: bytes) -> None:
    assert recorded(contents) is None
    assert sealed_part(contents) == contents


@pytest.mark.parametrize("lost", [1, 16, 31, 32, 33, 200])
def test_a_record_that_is_cut_off_is_none(new: NewReceived, lost: int) -> None:
    assert recorded((SEALED + ending(len(SEALED), new))[:-lost]) is None


def test_a_record_that_was_damaged_is_none(new: NewReceived) -> None:
    contents = SEALED + ending(len(SEALED), new)
    assert recorded(contents.replace(new.received_id.encode(), b"?" * 36)) is None
    assert recorded(contents[1:]) is None
