"""The wall's retention at a node: as long as its configuration says, batch after batch; then `ledger verify` tells."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from factories import NOW
from fakes.wall_cast import SetClock
from sqlalchemy import update
from typer.testing import CliRunner

from node.flows.retain_sent import BATCH_PARCELS
from node.flows.send import WALL
from node.ground.audit import AuditEvent
from node.ground.config import NodeConfig, Wall
from node.release.outbox import News, Origin, Parcel
from node.storage.engine import Database
from node.storage.wall_ledger import WallOutbox
from node.storage.wall_send import WallUnit
from node.storage.wall_sent import WallSent
from node.storage.wall_tables import outbox
from node.wiring.beginning import make_home
from node.wiring.commands import app
from node.wiring.place import Place
from node.wiring.wall import retain
from protocols.receipts import Channel

DAYS = 7
EVENT = AuditEvent(NOW, WALL, "message.released", "message:test")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = make_home(tmp_path, NodeConfig(name="Example hospital", wall=Wall(ledger_payload_days=DAYS)))
    made.clock = SetClock(NOW + timedelta(days=DAYS, seconds=1))
    yield made
    made.engine(Database.WALL).dispose()


def delivered(place: Place, count: int, *, days_ago: int) -> None:
    engine = place.engine(Database.WALL)
    for number in range(count):
        content = b"%d days ago: %d" % (days_ago, number)
        released_at = NOW + timedelta(days=DAYS - days_ago)
        parcel = Parcel(content, "error-report", Channel.FLEET, Origin(), released_at)
        with WallUnit(engine).sending() as door:
            door.put(parcel)
            door.enter(parcel, EVENT)
        WallOutbox(engine).tell(parcel.sent_sha256, News.RECEIPT, released_at)


def verified(place: Place, *, language: str) -> tuple[int, str]:
    command = ["ledger", "verify", "--home", str(place.home.path)]
    ended = CliRunner().invoke(app, command, env={"LC_ALL": language})
    return ended.exit_code, ended.output


def test_what_is_older_than_the_configured_days_goes_in_batches_and_then_the_wall_rests_an_hour(place: Place) -> None:
    delivered(place, BATCH_PARCELS + 1, days_ago=DAYS)
    delivered(place, 1, days_ago=DAYS - 1)
    sent = WallSent(place.engine(Database.WALL))
    assert [retain(place, sent) < 1.0 for _ in range(3)] == [True, True, False]
    assert retain(place, sent) == 3600.0
    code, told = verified(place, language="C.UTF-8")
    assert (code, f"{BATCH_PARCELS + 2} entries" in told) == (0, True)
    assert "left: 1. No longer kept" in told
    assert f": {BATCH_PARCELS + 1}.\n" in told


@pytest.mark.parametrize(("language", "fault"), [("C.UTF-8", "has no bytes"), ("ko_KR.UTF-8", "데이터가 없고")])
def test_bytes_that_are_gone_unsaid_are_told_as_missing(place: Place, language: str, fault: str) -> None:
    delivered(place, 2, days_ago=1)
    with place.engine(Database.WALL).begin() as connection:
        connection.execute(update(outbox).values(sealed=b""))
    code, told = verified(place, language=language)
    assert (code, fault in told) == (1, True)
    assert "entry 1 " in told or "1번 항목" in told
