"""Rows that release 0.1.0 wrote: what is sent again is the same image, other bytes are not, each is proven whole."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.instances import instance
from fakes.receiving_node import intake_ground
from sqlalchemy import select, update

from node.flows.accept import Accepting, Head
from node.flows.receive import Receiving
from node.ground.audit import Actor, ActorKind
from node.ground.config import Dicom
from node.intake.damage import Damage, Shelved
from node.intake.lookups import Lookups
from node.intake.received import Instance, Outcome
from node.storage.engine import reading, writing
from node.storage.intake_parts import IntakeGround, receive_parts
from node.storage.intake_tables import RECEIVED
from node.storage.shelves import ReceivedShelf

PEER = Actor(ActorKind.PEER, "CT3")
CONFIG = Dicom(free_space_reserve_mib=1)
SENT = instance("1.1", fill=1)


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[IntakeGround]:
    """A node that holds one image under a digest of the former form."""
    ground = intake_ground(tmp_path / "home")
    assert Receiving(receive_parts(ground, CONFIG)).receive(SENT, PEER) is Outcome.STORED
    with writing(ground.engine) as connection:
        connection.execute(update(RECEIVED).values(content_digest=Lookups(ground.keyring).former_content(SENT)))
    yield ground
    ground.engine.dispose()


def rows(ground: IntakeGround) -> list[Shelved]:
    columns = (RECEIVED.c.received_id, RECEIVED.c.instance_lookup, RECEIVED.c.content_digest)
    with reading(ground.engine) as connection:
        return [Shelved(*row) for row in connection.execute(select(*columns))]


def arrive(ground: IntakeGround, sent: Instance) -> None:
    """The instance comes over the network, and its row follows."""
    accepting = Accepting(receive_parts(ground, CONFIG))
    arriving = accepting.begin(Head(sent.sop_class_uid, sent.sop_instance_uid, sent.transfer_syntax_uid), PEER)
    arriving.take(sent.data_set)
    arriving.accept()
    accepting.follow()


def test_the_same_bytes_again_are_the_same_image_however_they_come(ground: IntakeGround) -> None:
    assert Receiving(receive_parts(ground, CONFIG)).receive(SENT, PEER) is Outcome.DUPLICATE
    arrive(ground, SENT)
    assert len(rows(ground)) == 1


def test_other_bytes_under_its_uid_are_kept_beside_it(ground: IntakeGround) -> None:
    arrive(ground, instance("1.1", fill=2))
    assert Receiving(receive_parts(ground, CONFIG)).receive(instance("1.1", fill=3), PEER) is Outcome.CONFLICT
    assert Receiving(receive_parts(ground, CONFIG)).receive(instance("1.1", fill=2), PEER) is Outcome.DUPLICATE
    assert len(rows(ground)) == 3


def test_an_image_answered_before_a_crash_is_the_same_image_at_the_next_start(ground: IntakeGround) -> None:
    accepting = Accepting(receive_parts(ground, CONFIG))
    arriving = accepting.begin(Head(SENT.sop_class_uid, SENT.sop_instance_uid, SENT.transfer_syntax_uid), PEER)
    arriving.take(SENT.data_set)
    arriving.accept()
    incoming = ground.home.received / "incoming"
    (arrived,) = [path for path in incoming.rglob("*") if path.is_file() and path.stat().st_size]
    (incoming / "dead").mkdir()
    arrived.rename(incoming / "dead" / arrived.name)
    receive_parts(ground, CONFIG)
    assert not (incoming / "dead").exists()
    assert len(rows(ground)) == 1


def test_a_file_is_proven_whole_by_the_digest_that_its_row_has(ground: IntakeGround) -> None:
    arrive(ground, instance("1.2"))
    lookups = Lookups(ground.keyring)
    shelf = ReceivedShelf(ground.engine, ground.home.received, ground.received_blobs(), lookups)
    assert [shelf.examine(row) for row in rows(ground)] == [None, None]
    former, present = rows(ground)
    for row, other in ((former, present), (present, former)):
        wrong = Shelved(row.name, row.instance_lookup, other.content_digest)
        assert shelf.examine(wrong) is Damage.CHANGED
