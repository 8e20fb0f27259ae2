"""From received to clean image and case: exactly once, whatever fails on the way."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from fakes.attached import segmentation
from fakes.instances import START, StoppedClock, dataset, dicom_file, instance
from fakes.intake import MemoryBytes, MemoryIntake
from fakes.sandbox import OpenSandbox
from pydicom import dcmread

from node.deidentify.attachments import AttachmentKind
from node.deidentify.errors import SandboxTimedOut, SandboxUnavailable
from node.deidentify.policy import Dates, Policy
from node.deidentify.verdict import QuarantineReason
from node.flows.clean import Cleaning
from node.flows.clean_parts import CleanKeys, CleanParts, Settlement
from node.flows.jobs import MAX_ATTEMPTS, Job, Lease, PutBack
from node.flows.receive import Receiving
from node.flows.receive_parts import ReceiveLimits, ReceiveParts
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.keyring import make_keys
from node.intake.errors import StoreFailed, StoreFull
from node.intake.lookups import Lookups
from node.intake.part10 import opened
from node.intake.received import Instance
from node.intake.sealing import Sealer
from node.labeling.case import AdmittedImage

PEER = Actor(ActorKind.PEER, "CT3")
LOOKUP_KEY = bytes(range(32, 64))


class Cases:
    """One case per study, by image identifier; `trouble` is raised instead of an answer."""

    def __init__(self) -> None:
        self.images: dict[str, AdmittedImage] = {}
        self.asked = 0
        self.trouble: Exception | None = None

    def admit(self, image: AdmittedImage, event: AuditEvent) -> str:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        assert self.images.setdefault(image.image_id, image) == image
        return f"case of {image.study_uid}"


class Register(MemoryIntake):
    """Loses the settlement once: the process died after the case was admitted."""

    dies = False

    def settle(self, batch: Sequence[Settlement]) -> None:
        if self.dies:
            self.dies = False
            raise StoreFailed
        super().settle(batch)


class Street:
    """A node's intake in memory."""

    def __init__(self, keys: Path) -> None:
        self.clock, self.rows, self.received, self.clean = StoppedClock(), Register(), MemoryBytes(), MemoryBytes()
        self.sandbox, self.cases = OpenSandbox(), Cases()
        lookups, seal = Lookups(make_keys(keys)), Sealer(bytes(32))
        self.lookups = lookups
        limits = ReceiveLimits(0, 1 << 20)
        taking = ReceiveParts(self.received, self.rows, self.received, lookups, seal, limits, self.clock)
        self.receiving = Receiving(taking)
        secrets = CleanKeys(pseudonym=bytes(range(32)), patient_lookup=LOOKUP_KEY, identities=seal, lookups=lookups)
        self.parts = CleanParts(
            self.received, self.clean, self.rows, self.sandbox, self.cases, self.rows, secrets, self.clock
        )
        self.cleaning = Cleaning(self.parts, threads=2)

    def receive(self, *instances: Instance) -> None:
        for one in instances:
            self.receiving.receive(one, PEER)

    def work(self) -> list[PutBack]:
        jobs = self.rows.lease("clean", 10, Lease("jobs", self.clock.now(), self.clock.now() + timedelta(minutes=1)))
        put_back = self.cleaning(jobs)
        self.rows.put_back(put_back)
        return put_back

    def states(self) -> list[tuple[str, str]]:
        return sorted((row.state.value, row.reason) for row in self.rows.rows.values())


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(tmp_path / "keys")


def test_an_image_becomes_clean_and_a_case_under_the_nodes_own_names(street: Street) -> None:
    street.receive(instance())
    assert street.work() == []
    (admitted,) = street.cases.images.values()
    clean = dcmread(BytesIO(street.clean.read(admitted.image_id)))
    assert (clean.StudyInstanceUID, clean.SeriesInstanceUID) == (admitted.study_uid, admitted.series_uid)
    assert (admitted.modality, admitted.body_part, admitted.view, admitted.sex) == ("CR", "CHEST", "PA", "F")
    assert (admitted.age_band, admitted.rows, admitted.columns, admitted.frames) == ("40-49", 16, 16, 1)
    assert street.states() == [("clean", "")]
    assert street.rows.jobs == {}


def test_an_image_is_cleaned_by_the_sites_policy_and_its_case_knows_it_by_the_uids_of_its_file(street: Street) -> None:
    street.cleaning = Cleaning(replace(street.parts, policy=Policy(dates=Dates.FULL, uids=True)), threads=2)
    street.receive(instance())
    street.work()
    (admitted,) = street.cases.images.values()
    clean = dcmread(BytesIO(street.clean.read(admitted.image_id)))
    assert clean.StudyDate == "20250314"
    assert clean.StudyInstanceUID == admitted.study_uid == "1.2.3.2"


def test_nothing_of_the_patient_is_in_what_the_case_or_the_store_gets(street: Street) -> None:
    street.receive(instance("1.2.826.5.77", study="1.2.826.6"))
    street.work()
    told = repr(street.cases.images).encode() + b"".join(street.clean.kept.values())
    assert [word for word in (b"P-77", b"Canary", b"1.2.826", "홍".encode(), b"19801224") if word in told] == []


def test_images_of_one_patient_and_study_share_number_and_study(street: Street) -> None:
    street.receive(instance("1.1"), instance("1.2"), instance("1.3", patient_id="P-78", study="1.2.3.3"))
    street.work()
    images = list(street.cases.images.values())
    assert len({image.patient_number for image in images}) == 2
    assert len({image.study_uid for image in images}) == 2


def test_images_without_a_patient_id_are_one_patient_per_study(street: Street) -> None:
    street.receive(*(instance(f"1.{n}", patient_id=" ", study=f"1.2.3.{n % 2}") for n in range(1, 5)))
    street.work()
    assert len({image.patient_number for image in street.cases.images.values()}) == 2


def test_an_image_of_an_excluded_patient_is_set_aside_before_it_is_cleaned(street: Street) -> None:
    lookup = street.lookups.patient_number("p 77")
    street.rows.exclude(lookup, AuditEvent(START, PEER, "patient.excluded", "patient"))
    street.receive(instance("1.1"), instance("1.2", patient_id="P-78"))
    street.work()
    assert street.states() == [("clean", ""), ("quarantined", "intake.excluded")]
    assert street.sandbox.cleaned == len(street.cases.images) == len(street.clean.kept) == 1


def test_a_half_written_image_is_quarantined_with_its_reason(street: Street) -> None:
    whole = dicom_file()
    street.receive(opened(whole[:-40]))
    street.work()
    assert street.states() == [("quarantined", "deidentify.truncated")]


def test_an_image_with_text_in_its_pixels_is_quarantined_by_its_header(street: Street) -> None:
    film = dataset()
    film.BurnedInAnnotation = "YES"
    street.receive(opened(dicom_file(film)))
    street.work()
    assert street.states() == [("quarantined", "deidentify.burned_in_annotation")]
    assert not street.clean.kept
    assert not street.cases.images


def test_an_image_that_is_not_what_its_transfer_said_is_quarantined(street: Street) -> None:
    sent = instance("1.1")
    street.receive(Instance(sent.sop_class_uid, "1.2", sent.transfer_syntax_uid, sent.data_set))
    street.work()
    assert street.states() == [("quarantined", "intake.uid_mismatch")]


def test_lost_bytes_quarantine_the_image(street: Street) -> None:
    street.receive(instance())
    street.received.kept.clear()
    street.work()
    assert street.states() == [("quarantined", "intake.bytes_damaged")]


def test_one_bad_image_does_not_hold_up_the_others(street: Street) -> None:
    street.sandbox.trouble["P-77"] = RuntimeError("unforeseen")
    street.receive(instance("1.1"), instance("1.2", patient_id="P-78"))
    (put_back,) = street.work()
    assert (put_back.code, put_back.counted) == ("RuntimeError", True)
    assert street.states() == [("clean", ""), ("waiting", "")]


def settlement_lost(street: Street) -> None:
    street.rows.dies = True


def case_refused(street: Street) -> None:
    street.cases.trouble = StoreFailed()


@pytest.mark.parametrize("dies", [settlement_lost, case_refused])
def test_a_crash_between_clean_store_and_settlement_replays_to_exactly_one_case(
    street: Street, dies: Callable[[Street], None]
) -> None:
    street.receive(instance("1.1"), instance("1.2"))
    dies(street)
    try:
        street.work()
    except StoreFailed:
        street.rows.release("jobs", street.clock.now())
    street.cases.trouble = None
    street.clock.move(timedelta(minutes=10))
    street.work()
    assert street.cases.asked == 4
    assert street.cases.images.keys() == street.clean.kept.keys()
    assert len(street.cases.images) == 2
    assert street.states() == [("clean", "")] * 2


@pytest.mark.parametrize("fault", [SandboxUnavailable("none"), StoreFull(reserve_mib=1), StoreFailed()])
def test_the_machines_fault_never_counts_against_an_image(street: Street, fault: Exception) -> None:
    street.sandbox.trouble["P-77"] = fault
    street.receive(instance())
    for _ in range(MAX_ATTEMPTS + 2):
        (put_back,) = street.work()
        assert not put_back.counted
        street.clock.move(timedelta(minutes=10))
    street.sandbox.trouble.clear()
    street.work()
    assert street.states() == [("clean", "")]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (RuntimeError("unforeseen"), "intake.cleaning_failed"),
        (SandboxTimedOut(QuarantineReason.TOO_COSTLY), "deidentify.too_costly"),
    ],
)
def test_an_image_that_fails_again_and_again_ends_in_quarantine(street: Street, fault: Exception, reason: str) -> None:
    street.sandbox.trouble["P-77"] = fault
    street.receive(instance())
    for _ in range(MAX_ATTEMPTS):
        assert street.states() == [("waiting", "")]
        street.work()
        street.clock.move(timedelta(minutes=10))
    assert street.states() == [("quarantined", reason)]
    assert street.received.kept


def test_an_image_that_ends_the_process_each_time_is_buried(street: Street) -> None:
    street.receive(instance())
    (name,) = street.rows.rows
    job = Job(next(iter(street.rows.jobs)), "clean", name, MAX_ATTEMPTS + 1)
    assert street.cleaning([job]) == []
    assert street.states() == [("quarantined", "intake.cleaning_failed")]
    assert [queued.state for queued in street.rows.jobs.values()] == ["dead"]


def test_a_segmentation_is_attached_to_its_image_and_is_no_case(street: Street) -> None:
    street.receive(opened(dicom_file(segmentation(of=("1.2.3.4.1", "1.2.3.4.2")))), instance())
    assert street.work() == []
    assert [case.modality for case in street.cases.images.values()] == ["CR"]
    (attached,) = street.rows.attached
    assert attached.sources == (street.lookups.instance("1.2.3.4.1"), street.lookups.instance("1.2.3.4.2"))
    assert attached.kind is AttachmentKind.SEGMENTATION
    assert dcmread(BytesIO(street.clean.read(attached.image_id))).Modality == "SEG"
    assert street.states() == [("clean", "")] * 2
