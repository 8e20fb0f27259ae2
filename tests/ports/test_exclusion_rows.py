"""Exclusions beside patients and images, on SQLite and PostgreSQL: what follows from an entry, and from its end."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from fakes.exclusions import deciding, entry
from fakes.instances import START, dataset, dicom_file
from sqlalchemy import Engine, select

from node.deidentify.header import describe
from node.flows.clean_endings import quarantined, settled_clean
from node.flows.clean_parts import Identified
from node.flows.describe import Described, Undescribed
from node.flows.exclude_parts import KindCount, Returned, Withdrawal
from node.flows.image_search import ImageSearch, Level
from node.flows.jobs import Lease
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.exclusion import ExclusionKind, LiftReason
from node.intake.received import IntakeReason, NewReceived
from node.storage.clean_index import CleanIndexStore
from node.storage.engine import Database, reading, writing
from node.storage.exclusion_rows import ExclusionRowsStore
from node.storage.header_rows import HeaderRowsStore
from node.storage.header_tables import CLEAN_SERIES, CLEAN_STUDY
from node.storage.image_register import ImageRegisterStore
from node.storage.intake_tables import IMAGE, PATIENT, PATIENT_OTHER_NUMBER, RECEIVED, TOMBSTONE
from node.storage.job_queue import JobQueueStore
from node.storage.purgeable_rows import PurgeableRowsStore
from node.storage.quarantine_store import QuarantineStore
from node.storage.received_index import ReceivedIndexStore
from node.storage.retained_rows import RetainedRowsStore
from node.storage.withdrawal_rows import WithdrawalRowsStore

DATABASE = Database.INTAKE
NODE = Actor(ActorKind.NODE, "jobs")
OPT_OUT, HOLD = ExclusionKind.OPT_OUT, ExclusionKind.LEGAL_HOLD
LATER = START + timedelta(days=40)


class House:
    """Images on their way through one database; patients and images are letters."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.rows = engine, ExclusionRowsStore(engine)
        self.withdrawals, self.register = WithdrawalRowsStore(engine), ImageRegisterStore(engine)

    def image(self, letter: str, patient: str, *, clean: bool = True, others: str = "") -> str:
        """A received image of a patient that was cleaned, or quarantined for what its header says."""
        received_id = new_id()
        event = AuditEvent(START, NODE, "instance.received", f"received:{received_id}")
        ReceivedIndexStore(self.engine).add([NewReceived(received_id, letter * 64, letter * 64, 9, b"", False, event)])
        lookups = (letter * 64, patient * 64, patient * 64)
        identified = Identified(received_id, *lookups, b"sealed", b"sealed", tuple(one * 64 for one in others))
        named = self.register.identify([identified])
        (job,) = JobQueueStore(self.engine).lease("clean", 5, Lease("jobs", START, START + timedelta(minutes=1)))
        if received_id not in named:
            self.register.settle([quarantined(job, START, IntakeReason.EXCLUDED)])
        else:
            self.register.settle(
                [settled_clean(job, START) if clean else quarantined(job, START, IntakeReason.EXCLUDED)]
            )
        if received_id in named and clean:
            image = Undescribed(named[received_id].image_id, named[received_id].patient_number)
            made = describe(dicom_file(dataset(f"1.{ord(letter)}", study=f"2.{ord(patient)}")))
            HeaderRowsStore(self.engine).keep([Described(image, made)], START)
        return received_id

    def exclude(self, patient: str, kind: ExclusionKind = OPT_OUT, *, minutes: int = 1) -> None:
        at = START + timedelta(minutes=minutes)
        self.rows.add([entry(patient, kind, at)], deciding(at))

    def lift(self, patient: str, kind: ExclusionKind = OPT_OUT, *, minutes: int = 2) -> Returned:
        at = START + timedelta(minutes=minutes)
        return self.rows.add(
            [entry(patient, kind, at, LiftReason.ENTERED_BY_MISTAKE)], deciding(at, "exclusion.lifted")
        )

    def withdraw(self) -> Sequence[Withdrawal]:
        due = self.withdrawals.due(10)
        if due:
            events = [AuditEvent(START, NODE, "image.excluded", f"received:{one.received_id}") for one in due]
            self.withdrawals.withdrawn(due, events)
        return due

    def state(self, received_id: str) -> tuple[str, str]:
        with reading(self.engine) as connection:
            row = connection.execute(select(RECEIVED).where(RECEIVED.c.received_id == received_id)).one()
        return row.state, row.reason

    def found(self) -> int:
        return len(CleanIndexStore(self.engine).search(ImageSearch(Level.INSTANCE, 10)).found)

    def waiting(self) -> list[str]:
        leased = JobQueueStore(self.engine).lease("clean", 9, Lease("x", LATER, LATER + timedelta(minutes=1)))
        return [job.subject for job in leased]


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine)


def test_a_stored_image_is_hidden_at_once_and_then_taken_out(house: House) -> None:
    out, other = house.image("a", "p"), house.image("b", "q")
    house.exclude("p")
    assert house.found() == 1
    assert [(one.received_id, one.held) for one in house.withdraw()] == [(out, False)]
    assert house.withdraw() == []
    assert (house.state(out), house.state(other)) == (("quarantined", "intake.excluded"), ("clean", ""))
    with reading(house.engine) as connection:
        assert [connection.scalars(select(table.c.patient_number)).all() for table in (CLEAN_STUDY, CLEAN_SERIES)] == [
            [2],
            [2],
        ]
        assert len(connection.scalars(select(IMAGE.c.image_id).where(IMAGE.c.cleaned_at.is_not(None))).all()) == 1


def test_an_image_that_comes_later_is_set_aside_known_and_counted(house: House) -> None:
    house.exclude("p")
    late = house.image("a", "p")
    assert house.state(late) == ("quarantined", "intake.excluded")
    assert house.rows.excluded_patients() == {1}
    assert house.rows.count() == [KindCount(OPT_OUT, numbers=1, patients=1, images=1)]


def test_the_end_of_an_exclusion_lets_what_is_kept_wait_for_cleaning_again(house: House) -> None:
    stored, gone = house.image("a", "p"), house.image("b", "p")
    house.exclude("p")
    late = house.image("c", "p")
    house.withdraw()
    RetainedRowsStore(house.engine).mark_dropped([gone], [deciding(START, "received.dropped")])
    house.lift("p")
    assert house.rows.excluded_patients() == frozenset()
    assert [house.state(one) for one in (stored, late)] == [("waiting", "")] * 2
    assert house.state(gone) == ("quarantined", "intake.bytes_gone")
    assert sorted(house.waiting()) == sorted([stored, late])


def test_two_kinds_are_two_exclusions_and_the_last_to_end_frees(house: House) -> None:
    image = house.image("a", "p")
    house.exclude("p", ExclusionKind.STAFF)
    house.exclude("p", ExclusionKind.MINOR)
    house.withdraw()
    house.lift("p", ExclusionKind.STAFF)
    assert house.state(image) == ("quarantined", "intake.excluded")
    house.lift("p", ExclusionKind.MINOR)
    assert house.state(image) == ("waiting", "")


def test_excluded_bytes_go_when_their_retention_ends_and_held_ones_never(house: House) -> None:
    out, held = house.image("a", "p"), house.image("b", "q")
    retained = RetainedRowsStore(house.engine)
    house.exclude("q", HOLD)
    assert list(retained.droppable(LATER, 9)) == [out]
    assert [one.received_id for one in PurgeableRowsStore(house.engine).purgeable(LATER, None, 9)] == [out]
    house.exclude("p")
    assert {one.received_id: one.held for one in house.withdraw()} == {out: False, held: True}
    assert [house.state(one)[1] for one in (out, held)] == ["intake.excluded", "intake.legal_hold"]
    assert list(retained.droppable(LATER, 9)) == [out]
    assert QuarantineStore(house.engine).delete(held, deciding(START, "quarantine.deleted")) is False
    house.exclude("p", HOLD)
    assert list(retained.droppable(LATER, 9)) == []


def test_a_clean_file_kept_for_a_hold_goes_when_an_opt_out_outlives_the_hold(house: House) -> None:
    image = house.image("a", "p")
    house.exclude("p", HOLD)
    assert [one.held for one in house.withdraw()] == [True]
    assert house.withdraw() == []
    house.exclude("p")
    assert (house.withdraw(), house.state(image)) == ([], ("quarantined", "intake.legal_hold"))
    house.lift("p", HOLD)
    assert house.state(image) == ("quarantined", "intake.excluded")
    assert [one.held for one in house.withdraw()] == [False]


def test_what_stood_in_quarantine_for_another_reason_is_held_too_and_a_deleted_image_stays_deleted(
    house: House,
) -> None:
    judged, deleted = house.image("a", "p", clean=False), house.image("b", "p", clean=False)
    QuarantineStore(house.engine).delete(deleted, deciding(START, "quarantine.deleted"))
    house.exclude("p", HOLD)
    assert [house.state(one)[1] for one in (judged, deleted)] == ["intake.legal_hold", "intake.deleted"]
    house.lift("p", HOLD)
    assert [house.state(one) for one in (judged, deleted)] == [("waiting", ""), ("quarantined", "intake.deleted")]


def test_an_image_that_came_clean_while_its_patient_was_being_excluded_is_taken_out(house: House) -> None:
    house.image("a", "p")
    house.exclude("p")
    house.withdraw()
    with writing(house.engine) as connection:  # the settlement of a batch that was named before the act
        connection.execute(RECEIVED.update().values(state="clean", reason=""))
    assert len(house.withdraw()) == 1


def test_the_same_entry_again_changes_nothing(house: House) -> None:
    once = entry("p", OPT_OUT, START, name="one")
    for _ in range(2):
        house.rows.add([once], deciding(START))
    assert list(house.rows.entries().values()) == [once]
    house.lift("p", minutes=5)
    house.rows.add([once], deciding(START))
    assert house.rows.count() == []


def test_a_patient_of_an_earlier_release_is_found_once_it_has_its_lookup(house: House) -> None:
    image = house.image("a", "p")
    with writing(house.engine) as connection:
        connection.execute(PATIENT.update().values(number_lookup=None))
    house.exclude("p")
    assert house.found() == 1
    assert house.rows.unnamed(9) == {"p" * 64: b"sealed"}
    house.rows.name({"p" * 64: "p" * 64})
    house.rows.obey(START)
    assert (house.found(), house.rows.unnamed(9)) == (0, {})
    assert [one.received_id for one in house.withdraw()] == [image]


def test_a_patient_is_excluded_by_any_number_that_a_header_has_for_them(house: House) -> None:
    image = house.image("a", "p", others="qr")
    house.exclude("r")
    assert (house.found(), [one.received_id for one in house.withdraw()]) == (0, [image])
    assert house.rows.count() == [KindCount(OPT_OUT, 1, 1, 1)]
    assert house.rows.excluded_patients() == frozenset({1})


def test_an_image_that_comes_with_an_excluded_number_is_not_taken_and_hides_those_before_it(house: House) -> None:
    house.exclude("q")
    house.image("a", "p")
    assert house.found() == 1
    house.image("b", "p", others="q")
    assert house.found() == 0
    assert len(house.withdraw()) == 1


def test_a_patient_of_two_excluded_numbers_is_free_when_both_are(house: House) -> None:
    house.image("a", "p", others="q")
    house.exclude("p")
    house.exclude("q", minutes=2)
    house.withdraw()
    assert house.lift("p", minutes=3) == Returned(0, 0)
    assert house.rows.excluded_patients() == frozenset({1})
    assert house.lift("q", minutes=4) == Returned(1, 0)
    assert house.rows.excluded_patients() == frozenset()


def test_a_legal_hold_on_another_number_protects_too(house: House) -> None:
    image = house.image("a", "p", others="q")
    house.exclude("q", HOLD)
    (held,) = house.withdraw()
    assert (held.received_id, held.held) == (image, True)
    assert RetainedRowsStore(house.engine).droppable(LATER, 9) == []


def test_a_number_known_twice_is_kept_once_and_overlooked_ones_are_obeyed(house: House) -> None:
    house.image("a", "p", others="q")
    house.image("b", "p", others="qr")
    with reading(house.engine) as connection:
        assert len(connection.execute(select(PATIENT_OTHER_NUMBER)).all()) == 2
    house.exclude("r")
    with writing(house.engine) as connection:
        connection.execute(TOMBSTONE.delete())
    house.rows.obey(START)
    assert house.rows.excluded_patients() == frozenset({1})


def test_the_end_of_an_exclusion_says_which_images_are_gone_for_good(house: House) -> None:
    gone, kept = house.image("a", "p"), house.image("b", "p")
    house.exclude("p")
    house.withdraw()
    RetainedRowsStore(house.engine).mark_dropped([gone], [AuditEvent(START, NODE, "received.dropped", "x")])
    assert house.lift("p") == Returned(again=1, gone=1)
    assert (house.state(gone)[1], house.state(kept)[1]) == ("intake.bytes_gone", "")
    house.exclude("p", minutes=3)
    assert house.state(gone)[1] == "intake.excluded"
    assert house.lift("p", minutes=4).gone == 1


def test_a_patient_is_named_by_any_of_their_numbers_excluded_or_not(house: House) -> None:
    house.image("a", "p", others="q")
    house.image("b", "r")
    (p,) = house.rows.patients_named(["p" * 64])
    (r,) = house.rows.patients_named(["r" * 64])
    assert house.rows.patients_named(["q" * 64]) == {p}
    house.exclude("p")
    assert house.rows.patients_named(["p" * 64, "r" * 64, "x" * 64]) == {p, r}
    assert house.rows.patients_named([]) == frozenset()
