"""A project's images and labels go out under its own names; who is excluded does not; no name of the node is told."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from fakes.hospital import Hospital, film, hospital_at, read_one
from fakes.instances import dataset, dicom_file
from pydicom import dcmread

from node.deidentify.clean import clean
from node.deidentify.project_key import ProjectNames
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage
from node.flows.label_export import CODES_FROM_READERS
from node.flows.label_files import AGREED_FILE, COCO_FILE, FHIR_FILE, LABELS_FILE, READINGS_FILE
from node.flows.project_export import (
    EXPORTED,
    IMAGES_FILE,
    READINGS_EXPORTED,
    ExportFolderUnusable,
    ExportParts,
    NoSuchProject,
    export_project,
)
from node.flows.projects import add_cases, make_project, open_project
from node.ground.ids import new_id
from node.intake.errors import CleanMissing
from node.labeling.formats.agreed import CONSENSUS
from node.labeling.project import NewProject
from node.storage.export_folder import ExportFolderFiles
from node.storage.project_images import WardProjectImages
from node.storage.ward_exclusions import WardExclusions

NAMES = ProjectNames(bytes(range(32)))
FILMS = 3


@dataclass
class Files:
    """The clean files of films, by number."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def read(self, image_id: str) -> bytes:
        if image_id not in self.kept:
            raise CleanMissing
        return self.kept[image_id]


def clean_film(number: int) -> bytes:
    raw = dicom_file(dataset(f"1.2.3.4.{number}", patient_id=f"{number}", study=f"1.2.3.{number}"))
    verdict = clean(raw, replacement(summarise(raw), bytes(32)))
    assert isinstance(verdict, CleanImage)
    return verdict.contents


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    with hospital_at(tmp_path) as made:
        yield made


@pytest.fixture
def files() -> Files:
    return Files({film(number).image_id: clean_film(number) for number in range(1, FILMS + 1)})


def parts_at(hospital: Hospital, files: Files, folder: Path) -> ExportParts:
    return ExportParts(
        hospital.ward, WardProjectImages(hospital.engine), files, ExportFolderFiles(folder), NAMES, "0.2.0"
    )


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO((folder / name).read_text(encoding="utf-8"))))


def test_images_and_labels_go_out_under_the_projects_names(hospital: Hospital, files: Files, tmp_path: Path) -> None:
    project = hospital.project(films=FILMS, reads_per_case=1)
    case_id = read_one(hospital.signed_in(hospital.reader("Kim")))
    assert case_id is not None
    out = tmp_path / "out"
    done = export_project(parts_at(hospital, files, out), project, hospital.act())
    assert (done.cases, done.images, done.missing) == (FILMS, FILMS, 0)
    listed = rows(out, IMAGES_FILE)
    for row in listed:
        image = dcmread(out / row["file"])
        told = (image.PatientID, image.StudyInstanceUID, image.SeriesInstanceUID, image.SOPInstanceUID)
        assert told == (row["patient"], row["study_uid"], row["series_uid"], row["instance_uid"])
    (label,) = rows(out, LABELS_FILE)
    assert (label["case"], label["question"], label["option"]) == (NAMES.case(case_id), "abnormal", "present")
    assert label["case"] in {row["case"] for row in listed}
    assert {path.stat().st_mode & 0o077 for path in out.rglob("*")} == {0}


def test_nothing_in_the_folder_is_a_name_of_the_node(hospital: Hospital, files: Files, tmp_path: Path) -> None:
    project = hospital.project(films=FILMS, reads_per_case=1)
    case_id = read_one(hospital.signed_in(hospital.reader("Kim")))
    out = tmp_path / "out"
    export_project(parts_at(hospital, files, out), project, hospital.act())
    own = {str(case_id), project, *(film(number).image_id for number in range(1, FILMS + 1))}
    for raw in files.kept.values():
        image = dcmread(BytesIO(raw))
        own |= {str(image.PatientID), str(image.StudyInstanceUID), str(image.SOPInstanceUID)}
    told = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    named = " ".join(str(path.relative_to(out)) for path in out.rglob("*"))
    assert [name for name in own if name.encode() in told or name in named] == []


def test_an_excluded_patient_is_not_exported(hospital: Hospital, files: Files, tmp_path: Path) -> None:
    project = hospital.project(films=FILMS)
    WardExclusions(hospital.engine).set_excluded([2])
    done = export_project(parts_at(hospital, files, tmp_path / "out"), project, hospital.act())
    assert (done.cases, done.images) == (FILMS - 1, FILMS - 1)


def test_a_file_that_is_gone_is_counted_and_not_fatal(hospital: Hospital, files: Files, tmp_path: Path) -> None:
    project = hospital.project(films=FILMS)
    del files.kept[film(1).image_id]
    files.kept[film(2).image_id] = b"no image"
    done = export_project(parts_at(hospital, files, tmp_path / "out"), project, hospital.act())
    assert (done.images, done.missing) == (FILMS - 2, 2)


def test_an_export_is_in_the_audit_trail(hospital: Hospital, files: Files, tmp_path: Path) -> None:
    project = hospital.project(films=1)
    export_project(parts_at(hospital, files, tmp_path / "out"), project, hospital.act())
    with hospital.ward.reading() as work:
        (event,) = [one for one in work.audit.latest(50) if one.action == EXPORTED]
    assert event.subject == f"project:{project}"


def test_readings_go_out_by_request_alone_under_codes_and_the_audit_trail_says_so(
    hospital: Hospital, files: Files, tmp_path: Path
) -> None:
    project = hospital.project(films=FILMS, reads_per_case=2)
    people = [hospital.reader("Kim"), hospital.reader("Lee")]
    for person in people:
        browser = hospital.signed_in(person)
        while read_one(browser) is not None:
            pass
    plain, out = tmp_path / "plain", tmp_path / "out"
    export_project(parts_at(hospital, files, plain), project, hospital.act())
    assert not {READINGS_FILE, COCO_FILE} & {path.name for path in plain.iterdir()}
    assert b"R-" not in (plain / FHIR_FILE).read_bytes()
    export_project(parts_at(hospital, files, out), project, hospital.act(), with_readings=True)
    listed = rows(out, READINGS_FILE)
    assert {row["question"] for row in listed} == {"abnormal"}
    assert len(list(out.rglob("sr-*.dcm"))) == 3 * FILMS, "of every case the consensus and two readings"
    assert len({row["reader"] for row in listed}) == len(listed) == 2 * FILMS, (
        "fewer than five: no reader is known again"
    )
    told = b"".join(path.read_bytes() for path in out.iterdir() if path.is_file()).decode()
    assert [one for person in people for one in (person.person_id, person.name) if one in told] == []
    with hospital.ward.reading() as work:
        assert READINGS_EXPORTED in {one.action for one in work.audit.latest(50)}


def test_from_five_readers_on_a_reader_has_one_code(hospital: Hospital, files: Files, tmp_path: Path) -> None:
    project = hospital.project(films=FILMS, reads_per_case=CODES_FROM_READERS)
    for number in range(CODES_FROM_READERS):
        browser = hospital.signed_in(hospital.reader(f"Reader {number}"))
        while read_one(browser) is not None:
            pass
    out = tmp_path / "out"
    export_project(parts_at(hospital, files, out), project, hospital.act(), with_readings=True)
    listed = rows(out, READINGS_FILE)
    assert (len(listed), len({row["reader"] for row in listed})) == (CODES_FROM_READERS * FILMS, CODES_FROM_READERS)


def test_what_was_said_of_a_case_that_is_still_open_does_not_go_out(
    hospital: Hospital, files: Files, tmp_path: Path
) -> None:
    project = hospital.project(films=FILMS, reads_per_case=2)
    read_one(hospital.signed_in(hospital.reader("Kim")))
    out = tmp_path / "out"
    export_project(parts_at(hospital, files, out), project, hospital.act(), with_readings=True)
    assert rows(out, READINGS_FILE) == rows(out, LABELS_FILE) == []


def test_a_folder_that_holds_something_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ExportFolderUnusable, match="holds something"):
        ExportFolderFiles(tmp_path)
    with pytest.raises(ExportFolderUnusable):
        ExportFolderFiles(tmp_path / "notes.txt")


def test_an_unknown_project_is_refused_and_the_known_ones_are_named(
    hospital: Hospital, files: Files, tmp_path: Path
) -> None:
    project = hospital.project(films=1)
    with pytest.raises(NoSuchProject, match=project):
        export_project(parts_at(hospital, files, tmp_path / "out"), "elsewhere", hospital.act())


@pytest.mark.parametrize("with_readings", [False, True])
def test_fused_shapes_go_out_with_how_many_drew_them_and_codes_only_beside_readings(
    hospital: Hospital, files: Files, tmp_path: Path, with_readings: bool
) -> None:
    hospital.admit(film(1))
    new = NewProject("boxes", "", "generic-box", 1, 3)
    project = make_project(hospital.ward, new, hospital.act(), project_id=new_id()).project_id
    add_cases(hospital.ward, project, ["DX"], hospital.act())
    people = [hospital.reader(name) for name in ("Kim", "Lee", "Park")]
    open_project(hospital.ward, project, hospital.act())
    for person, left in zip(people, (0, 0.5, None), strict=True):
        browser = hospital.signed_in(person)
        given = browser.post("/api/assignments", json={}).json()
        box = {"shape": "box", "upper_left": [left, 0], "lower_right": [3, 3]}
        drawn = {"marks": [{"mark": "m", "image_id": given["images"][0]["image_id"], "shape": box}]}
        said = {"abstention": "absent"} if left is None else drawn
        reading = {"answers": [{"question": "boxes", **said}], "seconds_active": 1.0}
        assert browser.post(f"/api/assignments/{given['assignment_id']}/reading", json=reading).status_code == 201
    out = tmp_path / "out"
    done = export_project(parts_at(hospital, files, out), project, hospital.act(), with_readings=with_readings)
    assert done.unequal == ()
    (row,) = rows(out, AGREED_FILE)
    told = (row["question"], row["mark"], row["drawn"], row["not_drawn"], bool(row["dissent"]))
    assert told == ("boxes", "m1", "2", "1", with_readings)
    coco = json.loads((out / COCO_FILE).read_text())
    readers = [one["attributes"]["reader"] for one in coco["annotations"]]
    assert readers.count(CONSENSUS) == 1
    assert len(readers) == (3 if with_readings else 1)
    assert len(list(out.rglob("pr-*.dcm"))) == len(readers)
