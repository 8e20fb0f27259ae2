"""The stores held against the index: each kind of damage is found, what is whole is not, and the scrub goes on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.instances import START, StoppedClock, dicom_file, instance
from fakes.receiving_node import intake_ground

from node.flows.fsck import Checked, Shelf, check_stores
from node.flows.receive import Receiving
from node.flows.scrub import Scrub, ScrubStand
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.config import Dicom
from node.ground.ids import new_id
from node.intake.damage import Damage, Found
from node.intake.lookups import Lookups
from node.storage.audit import events
from node.storage.engine import reading
from node.storage.intake_parts import IntakeGround, receive_parts
from node.storage.intake_tables import AUDIT
from node.storage.received_blobs import place_of
from node.storage.retained_rows import RetainedRowsStore
from node.storage.scrub_book import ScrubBookStore
from node.storage.shelves import CleanShelf, ReceivedShelf

PEER = Actor(ActorKind.PEER, "CT3")
MONTH = timedelta(days=30)


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[IntakeGround]:
    """A node that has received four images and one file with a damaged header."""
    ground = intake_ground(tmp_path / "home")
    receiving = Receiving(receive_parts(ground, Dicom(free_space_reserve_mib=1)))
    for number in range(4):
        receiving.receive(instance(f"1.{number}"), PEER)
    receiving.set_aside(dicom_file()[:140], PEER)
    yield ground
    ground.engine.dispose()


def received_shelf(ground: IntakeGround) -> ReceivedShelf:
    return ReceivedShelf(ground.engine, ground.home.received, ground.received_blobs(), Lookups(ground.keyring))


def checked(ground: IntakeGround, *, whole: bool = True) -> Checked:
    shelves: list[Shelf] = [received_shelf(ground), CleanShelf(ground.engine, ground.home.clean)]
    return [Checked(), *check_stores(shelves, whole=whole)][-1]


def stored(ground: IntakeGround) -> list[Path]:
    return sorted(path for path in ground.home.received.glob("??/*") if path.is_file())


def test_a_whole_store_has_nothing_to_report(ground: IntakeGround) -> None:
    state = checked(ground)
    assert (state.objects, state.files, state.found) == (5, 5, [])


def damage_of(path: Path, other: Path, damage: Damage) -> str:
    """The file is damaged in that way; the name under which it must be found."""
    if damage is Damage.MISSING:
        path.unlink()
    if damage is Damage.CHANGED:
        path.write_bytes(other.read_bytes())
    if damage is Damage.UNREADABLE:
        path.unlink()
        path.mkdir()
    if damage is Damage.ORPHANED:
        stranger = path.with_name(path.name[:2] + new_id()[2:])
        stranger.write_bytes(b"whose is this?")
        return stranger.name
    return path.name


@pytest.mark.parametrize("damage", list(Damage))
def test_each_kind_of_damage_is_found_under_its_name(ground: IntakeGround, damage: Damage) -> None:
    first, second, *_ = stored(ground)
    name = damage_of(first, second, damage)
    assert checked(ground).found == [Found("received", name, damage)]


def test_bytes_that_open_but_are_not_those_of_the_row_are_changed(ground: IntakeGround) -> None:
    first, *_ = stored(ground)
    lane = receive_parts(ground, Dicom()).incoming
    first.unlink()
    lane.write(first.name, dicom_file())
    lane.place([first.name])
    assert checked(ground).found == [Found("received", first.name, Damage.CHANGED)]


def test_the_quick_form_looks_for_files_and_does_not_read_them(ground: IntakeGround) -> None:
    first, second, third, *_ = stored(ground)
    first.write_bytes(b"changed")
    second.unlink()
    assert checked(ground, whole=False).found == [Found("received", second.name, Damage.MISSING)]
    assert third.exists()


def test_a_file_that_is_none_of_ours_is_named_by_its_folder_only(ground: IntakeGround) -> None:
    (ground.home.received / "ab" / "Hong Gildong.dcm").write_bytes(b"")
    assert checked(ground).found == [Found("received", "ab/?", Damage.ORPHANED)]


def test_dropped_bytes_are_not_missing_and_bytes_that_stayed_are_orphans(ground: IntakeGround) -> None:
    first, second, *_ = stored(ground)
    first.unlink()
    act = [AuditEvent(START, PEER, "received.dropped", path.name) for path in (first, second)]
    RetainedRowsStore(ground.engine).mark_dropped([first.name, second.name], act)
    assert checked(ground).found == [Found("received", second.name, Damage.ORPHANED)]


def test_a_clean_file_without_an_image_is_an_orphan(ground: IntakeGround) -> None:
    name = new_id()
    place_of(ground.home.clean, name).parent.mkdir(parents=True, exist_ok=True)
    place_of(ground.home.clean, name).write_bytes(dicom_file())
    assert checked(ground).found == [Found("clean", name, Damage.ORPHANED)]


def scrub_of(ground: IntakeGround, clock: StoppedClock) -> Scrub:
    book = ScrubBookStore(ground.home.scrub, ground.engine)
    return Scrub(received_shelf(ground), book, clock, every=MONTH)


def actions(ground: IntakeGround) -> list[tuple[str, str, str]]:
    with reading(ground.engine) as connection:
        told = [(event.action, event.subject, event.reason) for event in events(connection, AUDIT)]
    return [one for one in reversed(told) if one[0] != "instance.received"]


def test_the_scrub_examines_one_object_a_step_and_rests_until_the_next_round(ground: IntakeGround) -> None:
    clock = StoppedClock()
    scrub = scrub_of(ground, clock)
    for _ in range(9):
        scrub.step()
    assert actions(ground) == [("store.scrubbed", "store:received", "all_whole")]
    clock.move(MONTH)
    for _ in range(9):
        scrub.step()
    assert actions(ground) == [("store.scrubbed", "store:received", "all_whole")] * 2


def test_the_scrub_goes_on_where_it_stood_and_tells_of_damage_once_a_round(ground: IntakeGround) -> None:
    clock = StoppedClock()
    first, second, *_ = stored(ground)
    first.write_bytes(b"changed")
    scrub_of(ground, clock).step()
    second.unlink()
    after = scrub_of(ground, clock)
    for _ in range(9):
        after.step()
    assert actions(ground) == [
        ("received.damaged", f"received:{first.name}", "changed"),
        ("received.damaged", f"received:{second.name}", "missing"),
        ("store.scrubbed", "store:received", "damage_found"),
    ]
    kept = ScrubBookStore(ground.home.scrub, ground.engine).stand()
    assert (kept.examined, kept.damaged, kept.ended_at) == (5, 2, START)


@pytest.mark.parametrize("held", ["", "{}", '{"name": 1}', "\0"])
def test_a_stand_that_cannot_be_read_begins_the_round_anew(ground: IntakeGround, held: str) -> None:
    ground.home.scrub.write_text(held)
    assert ScrubBookStore(ground.home.scrub, ground.engine).stand() == ScrubStand()
