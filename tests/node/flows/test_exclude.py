"""A patient is excluded at a node with real stores: what is here, what comes, a restored backup, and the way back."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.excluding_node import HOLD, Node
from fakes.instances import instance
from sqlalchemy import select

from node.flows.exclude import follow, lift
from node.intake.errors import CleanMissing, ExclusionListDamaged, NotLiftable, NumberInvalid, NumbersTooMany
from node.intake.exclusion import LIFTED_FOR, MAX_NUMBERS, ExclusionKind, LiftReason
from node.intake.received import Instance, Outcome
from node.storage.clean_store import CleanImages
from node.storage.engine import Database, reading
from node.storage.ward_tables import case_image
from node.wiring.exclusions import exclude_parts, replay_exclusions


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path / "home")
    yield made
    for database in (Database.INTAKE, Database.WARD):
        made.place.engine(database).dispose()


def two_patients() -> list[Instance]:
    return [instance("1.1"), instance("1.2", patient_id="P-78", study="1.2.3.3")]


def test_stored_and_future_images_of_a_patient_are_used_for_nothing(node: Node) -> None:
    node.receive(*two_patients())
    node.work()
    assert node.standing() == {"files": 2, "cases": 2, "clean": 2, "held": 0}
    assert node.exclude("p77") == (1, 0)
    assert node.standing()["cases"] == 1
    node.work()
    assert node.receive(instance("1.9")) == [Outcome.STORED]  # its sender is told success, and does not try for ever
    node.work()
    assert node.standing() == {"files": 1, "cases": 1, "clean": 1, "held": 2}


def test_a_clean_file_of_an_excluded_patient_cannot_be_read(node: Node) -> None:
    node.receive(instance("1.1"))
    node.work()
    with reading(node.place.engine(Database.WARD)) as connection:
        (image_id,) = connection.scalars(select(case_image.c.image_id))
    node.exclude("P-77")
    node.work()
    with pytest.raises(CleanMissing):
        CleanImages(node.home / "clean").read(image_id)


def test_an_image_with_another_issuer_or_spelling_is_the_same_patient(node: Node) -> None:
    node.exclude("00p 77")
    node.receive(instance("1.1", patient_id="P-77"), instance("1.2", patient_id="p77", study="1.5"))
    node.work()
    assert node.standing() == {"files": 0, "cases": 0, "clean": 0, "held": 2}


def test_under_a_legal_hold_nothing_is_used_and_nothing_deleted(node: Node) -> None:
    node.receive(*two_patients())
    node.work()
    node.exclude("P-77", kind=HOLD)
    node.work()
    assert node.standing() == {"files": 2, "cases": 1, "clean": 1, "held": 1}


def test_the_way_back_makes_image_and_case_as_they_were(node: Node) -> None:
    node.receive(*two_patients())
    node.work()
    node.exclude("P-77")
    node.work()
    node.lift("P-77")
    node.work()
    assert node.standing() == {"files": 2, "cases": 2, "clean": 2, "held": 0}


def test_a_restored_backup_of_the_databases_is_filtered_again(node: Node, tmp_path: Path) -> None:
    node.receive(*two_patients())
    node.work()
    backup(node, tmp_path / "backup")
    node.exclude("P-77", "never seen here")
    node.work()
    restore(node, tmp_path / "backup")
    assert node.standing()["cases"] == 1
    node.work()
    assert node.standing() == {"files": 1, "cases": 1, "clean": 1, "held": 1}
    assert [(one.numbers, one.patients) for one in exclude_parts(node.place).rows.count()] == [(2, 1)]


def test_an_end_is_not_forgotten_by_a_restored_backup_either(node: Node, tmp_path: Path) -> None:
    node.receive(*two_patients())
    node.exclude("P-77")
    node.work()
    backup(node, tmp_path / "backup")
    node.lift("P-77")
    restore(node, tmp_path / "backup")
    node.work()
    assert node.standing() == {"files": 2, "cases": 2, "clean": 2, "held": 0}


def test_a_lost_list_is_written_anew_from_the_database_and_a_damaged_one_stops_the_start(node: Node) -> None:
    node.exclude("P-77")
    node.place.home.exclusions.unlink()
    node.reopen()
    assert len(exclude_parts(node.place).book.entries()) == 1
    node.place.home.exclusions.write_bytes(b"broken\n")
    with pytest.raises(ExclusionListDamaged):
        node.reopen()


def test_a_whole_home_that_was_restored_takes_the_entries_of_a_newer_list(node: Node, tmp_path: Path) -> None:
    node.receive(*two_patients())
    node.work()
    backup(node, tmp_path / "backup")
    node.exclude("P-77")
    newer = tmp_path / "exclusions.sealed"
    shutil.move(node.place.home.exclusions, newer)
    restore(node, tmp_path / "backup")
    assert node.standing()["cases"] == 2
    assert replay_exclusions(node.place, newer) == 1
    assert node.standing()["cases"] == 1
    assert replay_exclusions(node.place, newer) == 0


def test_a_second_place_for_the_list_filters_a_restored_home_without_anybody(node: Node, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.sealed"
    with (node.home / "node.toml").open("a") as settings:
        settings.write(f'copy_to = "{copy}"\n')
    node.reopen()
    node.receive(*two_patients())
    node.work()
    backup(node, tmp_path / "backup")
    node.exclude("P-77")
    node.place.home.exclusions.unlink()
    restore(node, tmp_path / "backup")
    assert node.standing()["cases"] == 1
    assert node.place.home.exclusions.is_file()


def test_a_list_with_one_wrong_line_is_refused_whole(node: Node) -> None:
    with pytest.raises(NumberInvalid) as refusal:
        node.exclude("123", "", "---")
    assert refusal.value.fields["line"] == 3
    assert not node.place.home.exclusions.exists()
    with pytest.raises(NumbersTooMany):
        node.exclude(*["1"] * (MAX_NUMBERS + 1))


@pytest.mark.parametrize("kind", list(ExclusionKind))
def test_a_kind_ends_for_its_own_reasons_only(node: Node, kind: ExclusionKind) -> None:
    node.exclude("1", kind=kind)
    for reason in set(LiftReason) - LIFTED_FOR[kind]:
        with pytest.raises(NotLiftable):
            lift(exclude_parts(node.place), ["1"], kind, reason, node.act())
    for reason in LIFTED_FOR[kind]:
        assert lift(exclude_parts(node.place), ["1"], kind, reason, node.act()).changed == 1
        assert node.exclude("1", kind=kind) == (1, 0)


def test_a_clock_that_went_back_does_not_undo_what_came_later(node: Node) -> None:
    node.exclude("1")
    node.clock.move(timedelta(days=-3))
    node.lift("1")
    assert exclude_parts(node.place).rows.count() == []
    assert node.exclude("1") == (1, 0)


def test_no_number_is_readable_anywhere_in_the_home(node: Node) -> None:
    node.exclude("CANARY-4711", "4711")
    follow(exclude_parts(node.place), node.act())
    contents = [path.read_bytes() for path in node.home.rglob("*") if path.is_file()]
    assert [word for word in (b"CANARY", b"4711") for found in contents if word in found] == []


def backup(node: Node, folder: Path) -> None:
    """The databases as they are now."""
    folder.mkdir()
    for database in (Database.INTAKE, Database.WARD):
        with (
            closing(sqlite3.connect(node.home / f"{database.value}.db")) as now,
            closing(sqlite3.connect(folder / f"{database.value}.db")) as kept,
        ):
            now.backup(kept)


def restore(node: Node, folder: Path) -> None:
    """The databases as they were then, in a node that starts."""
    for database in (Database.INTAKE, Database.WARD):
        node.place.engine(database).dispose()
        for leftover in node.home.glob(f"{database.value}.db*"):
            leftover.unlink()
        shutil.copy(folder / f"{database.value}.db", node.home)
    node.reopen()
