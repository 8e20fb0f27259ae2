"""Room is made between the marks, of what may go, and never of what people have begun to read."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fakes.instances import START, StoppedClock
from fakes.intake import MemoryBytes, MemoryIntake

from node.flows.make_room import Purgeable, RoomParts, WaterMarks, make_room
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.config import ConfigInvalid, load_config
from node.ground.texts import Language
from node.intake.received import NewReceived

MARKS = WaterMarks(high_percent=90, low_percent=80, settled=timedelta(days=1))
NODE = Actor(ActorKind.NODE, "jobs")


class Store:
    """So many received images of one percent of the disk each, the first settled first."""

    def __init__(self, images: int, *, else_percent: float, begun: Collection[str] = ()) -> None:
        self.rows, self.blobs, self.clock = MemoryIntake(), MemoryBytes(), StoppedClock()
        self._else, self._begun = else_percent, begun
        self.order = [f"r{number:03}" for number in range(images)]
        for name in self.order:
            event = AuditEvent(START, NODE, "instance.received", name)
            self.rows.add([NewReceived(name, name, name, 1, b"", False, event)])
            self.blobs.kept[name] = b""
        self.clock.move(timedelta(days=2))

    def purgeable(self, settled_before: datetime, after: Purgeable | None, limit: int) -> Sequence[Purgeable]:
        kept = [name for name in self.order if not self.rows.rows[name].dropped and settled_before > START]
        rest = [name for name in kept if after is None or name > after.received_id]
        return [Purgeable(name, f"image-{name}", START) for name in rest[:limit]]

    def begun(self, image_ids: Sequence[str]) -> Collection[str]:
        return [image_id for image_id in image_ids if image_id.removeprefix("image-") in self._begun]

    def used_percent(self) -> float:
        return self._else + len(self.blobs.kept)

    def parts(self) -> RoomParts:
        return RoomParts(self, self.rows, self.blobs, self, self, self.clock)


def test_nothing_goes_below_the_high_mark() -> None:
    store = Store(50, else_percent=39.9)
    assert make_room(store.parts(), MARKS) == 0
    assert len(store.blobs.kept) == 50


def test_above_the_high_mark_the_longest_settled_go_until_the_low_mark() -> None:
    store = Store(95, else_percent=0)
    assert make_room(store.parts(), MARKS) == 50
    assert sorted(store.blobs.kept) == store.order[50:]
    event = store.rows.events[-1]
    assert (event.action, event.reason) == ("received.dropped", "disk_full")


def test_what_people_have_begun_to_read_stays_however_full_the_disk_is() -> None:
    begun = [f"r{number:03}" for number in range(0, 95, 2)]
    store = Store(95, else_percent=5, begun=begun)
    make_room(store.parts(), MARKS)
    assert set(begun) <= store.blobs.kept.keys()
    store = Store(95, else_percent=5, begun=[f"r{number:03}" for number in range(95)])
    assert make_room(store.parts(), MARKS) == 0


def test_what_is_clean_since_yesterday_stays() -> None:
    store = Store(95, else_percent=5)
    assert make_room(store.parts(), WaterMarks(90, 80, timedelta(days=3))) == 0


def test_marks_the_wrong_way_round_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text('name = "A"\n[retention]\nhigh_water_percent = 70\nlow_water_percent = 70\n')
    with pytest.raises(ConfigInvalid, match=r"retention\.low_water_percent") as refused:
        load_config(tmp_path)
    assert "retention.high_water_percent" in refused.value.public_text(Language.KO)
