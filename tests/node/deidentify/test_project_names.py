"""A clean image leaves under the names of one project, and has no name in common with another project or hospital."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from fakes.instances import dataset, dicom_file
from pydicom import DataElement, Dataset, Sequence, dcmread
from pydicom.uid import RLELossless

from node.deidentify.clean import clean
from node.deidentify.errors import UnreadableImage
from node.deidentify.policy import DEFAULT, Dates, Policy
from node.deidentify.project_key import ProjectNames, project_context
from node.deidentify.project_names import ProjectImage, renamed
from node.deidentify.pseudonyms import replacement
from node.deidentify.summary import summarise
from node.deidentify.verdict import CleanImage
from node.ground.keyring import KeyPurpose, Keyring, make_keys

REPOSITORY = Path(__file__).parents[3]
NODE_KEY = bytes(range(32))
ONE, OTHER = (str(UUID(int=number, version=4)) for number in (1, 2))
IN_ANOTHER_PROCESS = """
import json, sys
from pathlib import Path
from node.deidentify.project_key import ProjectNames, project_context
from node.ground.keyring import Keyring, KeyPurpose
key = Keyring(Path(sys.argv[1])).derive(KeyPurpose.PSEUDONYM, project_context(sys.argv[2]))
names = ProjectNames(key)
print(json.dumps([names.patient("P-A"), names.case("c"), names.uid("2.25.7"), names.shift_days("P-A")]))
"""


def cleaned(image: Dataset | None = None, policy: Policy = DEFAULT) -> bytes:
    raw = dicom_file(image)
    verdict = clean(raw, replace(replacement(summarise(raw), NODE_KEY, policy), policy=policy))
    assert isinstance(verdict, CleanImage)
    return verdict.contents


def names_of(keyring: Keyring, project_id: str) -> ProjectNames:
    return ProjectNames(keyring.derive(KeyPurpose.PSEUDONYM, project_context(project_id)))


def read(image: ProjectImage | bytes) -> Dataset:
    return dcmread(BytesIO(image if isinstance(image, bytes) else image.contents))


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("hospital") / "keys"
    make_keys(directory)
    return directory


@pytest.fixture
def names(keys: Path) -> ProjectNames:
    return names_of(Keyring(keys), ONE)


def facts(names: ProjectNames) -> list[object]:
    return [names.patient("P-A"), names.case("c"), names.uid("2.25.7"), names.shift_days("P-A")]


def test_a_projects_names_hold_over_restarts_and_processes(keys: Path, names: ProjectNames) -> None:
    other = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS, str(keys), ONE],
        capture_output=True,
        check=True,
        cwd=REPOSITORY,
        env={"PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": "17"},
    )
    assert json.loads(other.stdout) == facts(names) == facts(names_of(Keyring(keys), ONE))


def test_the_same_image_imported_again_leaves_under_the_same_names(names: ProjectNames) -> None:
    assert renamed(cleaned(), names).contents == renamed(cleaned(), names).contents


def naming_values(image: Dataset) -> Iterator[str]:
    """Every value of the file that could be held against another file's: UIDs of its own, days, the patient."""
    for element in image.iterall():
        if element.VR in {"UI", "DA", "DT"} or element.keyword == "PatientID":
            yield from (str(value) for value in (element.value if element.VM > 1 else [element.value]) if value)


def standard(uids: set[str]) -> set[str]:
    return {uid for uid in uids if uid.startswith("1.2.840.10008.")}


def linked() -> Dataset:
    """A film that names others, with days at two depths."""
    image = dataset()
    image.AcquisitionDateTime = "20250314101500"
    inner = Dataset()
    inner.ReferencedSOPClassUID, inner.ReferencedSOPInstanceUID = image.SOPClassUID, "1.2.3.99"
    image.ReferencedImageSequence = Sequence([inner])
    return image


def test_two_projects_of_a_hospital_have_no_name_or_day_in_common(keys: Path) -> None:
    raw = cleaned(linked(), replace(DEFAULT, times=True))
    files = [read(raw), *(read(renamed(raw, names_of(Keyring(keys), project))) for project in (ONE, OTHER))]
    values = [set(naming_values(file)) for file in files]
    assert min(map(len, values)) >= 7
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert values[first] & values[second] == standard(values[first]) & standard(values[second])
        assert len(values[first]) == len(values[second])


def test_one_project_at_two_hospitals_has_no_name_in_common(keys: Path, tmp_path: Path) -> None:
    raw = cleaned(linked())
    ours, theirs = (renamed(raw, names_of(ring, ONE)) for ring in (Keyring(keys), make_keys(tmp_path / "theirs")))
    same = set(naming_values(read(ours))) & set(naming_values(read(theirs)))
    assert same == standard(same)


def test_the_nodes_own_key_is_no_projects_key(keys: Path) -> None:
    ring = Keyring(keys)
    made = {ring.derive(KeyPurpose.PSEUDONYM), *(names_of(ring, project).key for project in (ONE, OTHER, ""))}
    assert len(made) == 4


def test_no_name_of_a_project_can_be_made_without_its_key(names: ProjectNames) -> None:
    assert names.key.hex() not in repr(names)
    assert facts(ProjectNames(bytes(32)))[:3] != facts(names)[:3]


def day_in(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def test_the_days_between_two_exams_of_a_patient_are_kept_and_two_patients_move_apart(names: ProjectNames) -> None:
    def day_of(study_date: str, patient: str = "P-77") -> date:
        image = dataset(patient_id=patient)
        image.StudyDate = study_date
        return day_in(read(renamed(cleaned(image), names)).StudyDate)

    assert (day_of("20250401") - day_of("20250314")).days == 18
    assert day_of("20250314") != day_of("20250314", "P-78")


def test_a_moment_moves_with_its_day_and_keeps_its_time(names: ProjectNames) -> None:
    raw = cleaned(linked(), replace(DEFAULT, times=True))
    image, before = read(renamed(raw, names)), read(raw)
    assert image.AcquisitionDateTime[8:] == before.AcquisitionDateTime[8:] == "101500"
    moved = day_in(image.AcquisitionDateTime) - day_in(before.AcquisitionDateTime)
    assert moved == day_in(image.StudyDate) - day_in(before.StudyDate)
    assert -1095 <= moved.days <= -1


def test_images_of_one_study_stay_in_one_and_references_still_meet(names: ProjectNames) -> None:
    raw = cleaned(linked())
    first = renamed(raw, names)
    second = renamed(cleaned(dataset("1.2.3.99")), names)
    assert (first.study_uid, first.series_uid, first.patient) == (second.study_uid, second.series_uid, second.patient)
    assert read(first).ReferencedImageSequence[0].ReferencedSOPInstanceUID == second.instance_uid
    assert read(first).file_meta.MediaStorageSOPInstanceUID == read(first).SOPInstanceUID == first.instance_uid


def test_everything_but_names_and_days_keeps_its_value(names: ProjectNames) -> None:
    raw = cleaned(linked())
    before, after = read(raw), read(renamed(raw, names))
    assert [element.tag for element in before] == [element.tag for element in after]
    assert before.PixelData == after.PixelData
    kept = [element for element in before if element.VR not in {"UI", "DA", "DT", "SQ"} and element.tag != 0x00100020]
    assert [element.value for element in kept] == [after[element.tag].value for element in kept]


def test_compressed_pictures_keep_their_bytes(names: ProjectNames) -> None:
    image = dataset()
    image.compress(RLELossless, generate_instance_uid=False)
    raw = cleaned(image)
    assert read(raw).PixelData == read(renamed(raw, names)).PixelData


def test_what_the_sites_policy_retained_stays(names: ProjectNames) -> None:
    kept = read(renamed(cleaned(policy=replace(DEFAULT, uids=True)), names))
    assert (kept.StudyInstanceUID, kept.SOPInstanceUID) == ("1.2.3.2", "1.2.3.4.1")
    assert read(renamed(cleaned(policy=replace(DEFAULT, dates=Dates.FULL)), names)).StudyDate == "20250314"
    removed = replace(DEFAULT, dates=Dates.REMOVED)
    assert read(renamed(cleaned(policy=removed), names)).StudyDate == read(cleaned(policy=removed)).StudyDate


def test_a_long_list_of_uids_is_renamed_whole(names: ProjectNames) -> None:
    image = read(cleaned())
    many = [f"2.25.{10**37 + number}" for number in range(60)]
    image.add(DataElement(0x00200052, "UI", many))
    found = read(renamed(dicom_file(image), names))[0x00200052].value
    assert [str(uid) for uid in found] == [names.uid(uid) for uid in many]


def test_a_file_that_was_not_cleaned_here_is_refused(names: ProjectNames) -> None:
    for raw in (dicom_file(), b"no image", cleaned()[:400]):
        with pytest.raises(UnreadableImage):
            renamed(raw, names)
