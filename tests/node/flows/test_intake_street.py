"""Received, cleaned and admitted on real stores: one case per image after a crash, and no patient anywhere in clear."""

import base64
import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fakes.instances import dataset, dicom_file, instance
from fakes.receiving_node import intake_ground
from fakes.sandbox import OpenSandbox

from node.edges.jobs.loop import JobLoop
from node.flows.bring_in import bring_in
from node.flows.clean import Cleaning
from node.flows.receive import Receiving
from node.flows.retain import drop_old_received
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.config import Dicom
from node.intake.errors import ReceivedMissing, StoreFailed
from node.intake.lookups import Lookups
from node.labeling.case import AdmittedImage
from node.storage.clean_store import CleanImages
from node.storage.intake_overview import IntakeOverview
from node.storage.intake_parts import IntakeGround, clean_parts, receive_parts
from node.storage.job_queue import JobQueueStore
from node.storage.original_lookup import OriginalLookup
from node.storage.retained_rows import RetainedRowsStore

PEER = Actor(ActorKind.PEER, "CT3")
PLANTED = ("Canary", "홍^길동", "洪^吉童", "P-CANARY-77", "1.2.826.0.77", "19801224")


class Cases:
    """Admits images; ends in trouble as often as told."""

    def __init__(self, trouble: int = 0) -> None:
        self.trouble = trouble
        self.images: list[AdmittedImage] = []

    def admit(self, image: AdmittedImage, event: AuditEvent) -> str:
        if self.trouble:
            self.trouble -= 1
            raise StoreFailed
        self.images.append(image)
        return "case"


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[IntakeGround]:
    ground = intake_ground(tmp_path / "home")
    yield ground
    ground.engine.dispose()


def cleaned(ground: IntakeGround, cases: Cases) -> None:
    """One start of the jobs process, until nothing is due."""
    cleaning = Cleaning(clean_parts(ground, OpenSandbox(), cases), threads=2)
    JobLoop(JobQueueStore(ground.engine), {"clean": cleaning}, [], ground.clock).run_until_idle()
    cleaning.close()


def encodings(word: str) -> set[bytes]:
    plain = {word.encode(), word.encode("utf-16-le"), word.encode("euc-kr", "ignore")}
    return {form for form in plain | {p.hex().encode() for p in plain} | {base64.b64encode(p) for p in plain} if form}


def found_in(home: Path, words: tuple[str, ...]) -> list[tuple[str, str]]:
    forms = [(word, form) for word in words for form in encodings(word)]
    paths = list(home.rglob("*"))
    contents = [(path, str(path.relative_to(home)).encode()) for path in paths]
    contents += [(path, path.read_bytes()) for path in paths if path.is_file()]
    return [(path.name, word) for (path, told), (word, form) in itertools.product(contents, forms) if form in told]


def test_no_patient_is_readable_in_the_home_or_the_log_after_receiving_and_cleaning(
    ground: IntakeGround, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    receiving = Receiving(receive_parts(ground, Dicom()))
    folder = tmp_path / "Canary"
    folder.mkdir()
    for number in range(1, 4):
        film = dataset(f"1.2.826.0.77.{number}", patient_id="P-CANARY-77", study="1.2.826.0.77")
        film.BurnedInAnnotation = "YES" if number == 1 else "NO"
        (folder / f"Canary {number}").write_bytes(dicom_file(film))
    (folder / "half").write_bytes(dicom_file(dataset("1.2.826.0.77.9"))[:150])
    list(bring_in(folder, receiving, PEER))
    cleaned(ground, Cases())
    counts = IntakeOverview(ground.engine).counts()
    assert (counts.received, counts.clean, counts.quarantined) == (4, 2, 2)
    assert found_in(ground.home.path, PLANTED) == []
    written = "".join(capfd.readouterr())
    assert [word for word in PLANTED if word in written] == []


def test_the_search_finds_what_is_planted(ground: IntakeGround) -> None:
    (ground.home.logs / "leak.log").write_text("patient P-CANARY-77")
    assert found_in(ground.home.path, PLANTED) == [("leak.log", "P-CANARY-77")]


def test_a_crash_before_the_case_replays_to_one_case_per_image(ground: IntakeGround) -> None:
    receiving = Receiving(receive_parts(ground, Dicom()))
    for number in range(4):
        receiving.receive(instance(f"1.{number + 1}"), PEER)
    queue, cases = JobQueueStore(ground.engine), Cases(trouble=2)
    cleaning = Cleaning(clean_parts(ground, OpenSandbox(), cases), threads=2)
    lost = JobLoop(queue, {"clean": cleaning}, [], ground.clock, batch=1)
    lost.run_until_idle()
    assert len(cases.images) == 2
    with ground.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE job SET due_at = '2000-01-01 00:00:00.000000'")
    lost.run_until_idle()
    cleaning.close()
    assert len({image.image_id for image in cases.images}) == len(cases.images) == 4
    assert IntakeOverview(ground.engine).counts().clean == 4
    kept = [path.name for path in ground.home.clean.rglob("*") if path.is_file()]
    assert sorted(kept) == sorted(image.image_id for image in cases.images)


def test_the_original_uid_leads_to_the_clean_image_and_only_there(ground: IntakeGround) -> None:
    Receiving(receive_parts(ground, Dicom())).receive(instance("1.2.3.4"), PEER)
    lookup, cases = OriginalLookup(ground.engine, Lookups(ground.keyring)), Cases()
    assert lookup.image_id("1.2.3.4") is None
    cleaned(ground, cases)
    (image,) = cases.images
    assert lookup.image_id("1.2.3.4") == image.image_id
    assert lookup.image_id("1.2.3.5") is None
    assert CleanImages(ground.home.clean).read(image.image_id)[128:132] == b"DICM"


def test_received_bytes_go_in_time_and_the_way_back_stays(ground: IntakeGround) -> None:
    receiving = Receiving(receive_parts(ground, Dicom()))
    receiving.receive(instance("1.2.3.4"), PEER)
    cleaned(ground, Cases())
    (kept,) = [path for path in ground.home.received.rglob("*") if path.is_file()]
    rows, blobs = RetainedRowsStore(ground.engine), ground.received_blobs()
    assert drop_old_received(rows, blobs, ground.clock, keep=timedelta(days=30)) == 0
    assert drop_old_received(rows, blobs, ground.clock, keep=timedelta(seconds=-1)) == 1
    with pytest.raises(ReceivedMissing):
        blobs.read(kept.name)
    assert OriginalLookup(ground.engine, Lookups(ground.keyring)).image_id("1.2.3.4") is not None
    assert receiving.receive(instance("1.2.3.4"), PEER).value == "duplicate"
