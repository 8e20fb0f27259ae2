"""QIDO-RS: what is found, page by page, by the standard's keys and by no other."""

from __future__ import annotations

import re

import pytest
from fakes.dicomweb import Looked
from fakes.dicomweb_door import Door, values
from fakes.instances import dataset, dicom_file, instance

from node.flows.clean_endings import JOBS
from node.ground.audit import ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.exclusion import ExclusionEntry, ExclusionKind
from node.intake.lookups import Lookups
from node.intake.part10 import opened
from node.storage.exclusion_rows import ExclusionRowsStore


def numbered(door: Door, count: int) -> None:
    """So many slices of one series, the last first."""
    for number in range(count, 0, -1):
        image = dataset(f"1.2.3.4.{number}")
        image.InstanceNumber, image.SeriesNumber = number, 5
        door.house.receive(opened(dicom_file(image)))


def test_a_study_is_found_with_what_it_holds(door: Door) -> None:
    door.house.receive(instance("1.1"), instance("1.2"), instance("1.3", patient_id="P-78", study="1.2.3.3"))
    studies = door.found("/studies")
    assert sorted(values(studies, "00201208")) == [1, 2]
    assert values(studies, "00201206") == [1, 1]
    assert values(studies, "00080061") == ["CR", "CR"]
    assert all(url.startswith("http://node.test/api/dicomweb/studies/2.25.") for url in values(studies, "00081190"))


def test_nothing_of_the_hospital_is_in_any_answer(door: Door) -> None:
    door.house.receive(instance("1.2.826.5.77", study="1.2.826.6"))
    told = "".join(door.get(path).text for path in ("/studies", "/series", "/instances"))
    told += door.get(door.paths()[0] + "/metadata").text
    assert [word for word in ("P-77", "Canary", "1.2.826", "홍", "19801224", "20250314") if word in told] == []


def test_instances_of_a_series_stand_in_the_order_of_their_numbers(door: Door) -> None:
    numbered(door, 3)
    (series,) = door.found("/series")
    path = str(series["00081190"]["Value"][0]).partition("/dicomweb")[2]
    assert values(door.found(f"{path}/instances"), "00200013") == [1, 2, 3]
    assert values([series], "00201209") == [3]
    assert "00100020" in series
    assert "00100020" not in door.found(f"{path}/instances")[0]


def test_pages_follow_each_other_and_say_how_much_is_left(door: Door) -> None:
    numbered(door, 5)
    first = door.get("/instances", limit=2)
    assert values(first.json(), "00200013") == [1, 2]
    assert first.headers["warning"] == '299 intramuros "There are 3 additional results that can be requested"'
    last = door.get("/instances", limit=3, offset=2)
    assert values(last.json(), "00200013") == [3, 4, 5]
    assert "warning" not in last.headers
    assert door.found("/instances", offset=9) == []


def test_fuzzy_matching_is_off_and_the_answer_says_so(door: Door) -> None:
    said = door.get("/studies", fuzzymatching="true").headers["warning"]
    assert said.startswith("299 ")
    assert "Only literal matching has been performed" in said
    assert "warning" not in door.get("/studies", fuzzymatching="false").headers


@pytest.mark.parametrize(
    ("path", "key", "matching", "missing"),
    [
        ("/studies", "PatientID", "P-*", "P-*1?"),  # no name that is made has a 1
        ("/studies", "00100020", "*", "p-*"),
        ("/studies", "ModalitiesInStudy", "CR", "CT"),
        ("/studies", "StudyDate", "19000101-", "-19000101"),
        ("/studies", "StudyDate", "19000101-29991231", "20250314"),
        ("/studies", "PatientName", "*", "Canary*"),
        ("/studies", "AccessionNumber", "", "A1"),
        ("/studies", "StudyTime", "*", "000000-235959"),
        ("/studies", "PatientSex", "F", "M"),
        ("/series", "BodyPartExamined", "CHE*", "che*"),
        ("/instances", "00180015", "CHEST", "HEAD"),
        ("/series", "Modality", "C?", "C"),
        ("/series", "SeriesNumber", "5", "6"),
        ("/series", "ModalitiesInStudy", "CT,CR", "CT"),
        ("/series", "PerformedProcedureStepStartDate", "*", "20250314"),
        ("/instances", "InstanceNumber", "1", "2"),
        ("/instances", "SOPClassUID", "1.2.840.10008.5.1.4.1.1.1,1.2.3", "1.2.3"),
        ("/instances", "Modality", "CR", "[CR]"),
        ("/instances", "PatientID", "P-????????????????", "P-?"),
    ],
)
def test_each_key_of_the_standard_finds_and_does_not_find(
    door: Door, path: str, key: str, matching: str, missing: str
) -> None:
    numbered(door, 1)
    assert len(door.found(path, **{key: matching})) == 1
    assert door.found(path, **{key: missing}) == []


def test_uids_are_matched_one_by_one_or_in_a_list(door: Door) -> None:
    door.house.receive(instance("1.1"), instance("1.2"), instance("1.3", patient_id="P-78", study="1.2.3.3"))
    first, second = values(door.found("/studies"), "0020000D")
    assert (
        len(door.found("/instances", StudyInstanceUID=first)) + len(door.found("/instances", StudyInstanceUID=second))
        == 3
    )
    assert len(door.found("/studies", StudyInstanceUID=f"{first},{second}")) == 2
    assert len(door.found("/studies", StudyInstanceUID=f"{first}\\{second}")) == 2
    assert door.found(f"/studies/{first}/series", StudyInstanceUID=second) == []
    (uid,) = {one["00080018"]["Value"][0] for one in door.found("/instances", limit=1)}
    assert len(door.found("/instances", SOPInstanceUID=uid)) == 1


def test_included_fields_come_with_instances(door: Door) -> None:
    numbered(door, 1)
    assert "00280004" not in door.found("/instances")[0]
    assert values(door.found("/instances", includefield="PhotometricInterpretation"), "00280004") == ["MONOCHROME2"]
    assert values(door.found("/instances", includefield="00280004,00280002"), "00280002") == [1]
    whole = door.found("/instances", includefield="all")[0]
    assert list(whole) == sorted(whole)
    assert {"00280004", "7FE00010", "00081190"} <= whole.keys()
    assert door.found("/studies", includefield="all")[0].keys() == door.found("/studies")[0].keys()


@pytest.mark.parametrize(
    ("path", "key", "value", "code"),
    [
        ("/studies", "PhotometricInterpretation", "MONOCHROME2", "key-unknown"),
        ("/studies", "Modality", "CR", "key-unknown"),
        ("/studies", "NoSuchKeyword", "x", "key-unknown"),
        ("/series", "SOPInstanceUID", "1.2", "key-unknown"),
        ("/studies", "includefield", "Nothing", "key-unknown"),
        ("/studies", "limit", "0", "value-refused"),
        ("/studies", "limit", "many", "value-refused"),
        ("/studies", "offset", "-1", "value-refused"),
        ("/studies", "fuzzymatching", "maybe", "value-refused"),
        ("/studies", "StudyDate", "yesterday", "value-refused"),
        ("/studies", "StudyDate", "-", "value-refused"),
        ("/studies", "StudyInstanceUID", "1.2;drop", "value-refused"),
        ("/series", "SeriesNumber", "99999999999999", "value-refused"),
    ],
)
def test_a_key_or_value_that_cannot_be_matched_is_refused_and_not_left_out(
    door: Door, path: str, key: str, value: str, code: str
) -> None:
    answer = door.get(path, **{key: value})
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert re.search("[가-힣]", answer.json()["title_ko"])


def test_a_refusal_does_not_repeat_what_was_sent_in_a_value(door: Door) -> None:
    assert "홍길동" not in door.get("/studies", StudyDate="홍길동").text
    assert "홍길동" not in door.get("/studies", **{"홍길동<b>": "x"}).text


def test_a_patient_who_opted_out_is_not_found_from_then_on(door: Door) -> None:
    door.house.receive(instance("1.1"), instance("1.2", patient_id="P-78", study="1.2.3.3"))
    path, ground = door.paths()[0], door.house.ground
    assert len(door.found("/studies")) == 2
    event = AuditEvent(ground.clock.now(), JOBS, "exclusion.added", "exclusion:1")
    for number in map(Lookups(ground.keyring).patient_number, ("P-77", "P-78")):
        entry = ExclusionEntry(new_id(), number, ExclusionKind.OPT_OUT, None, event.at, JOBS)
        ExclusionRowsStore(ground.engine).add([entry], event)
    assert [door.found(level) for level in ("/studies", "/series", "/instances")] == [[], [], []]
    assert [door.get(path + rest).status_code for rest in ("", "/metadata", "/frames/1")] == [404, 404, 404]


def test_json_alone_is_given(door: Door) -> None:
    for accept in ("application/dicom+json", "application/json", "*/*"):
        assert door.get("/studies", accept).status_code == 200
    answer = door.get("/studies", 'multipart/related; type="application/dicom+xml"')
    assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")


def test_who_cannot_set_a_header_says_in_the_query_what_they_take(door: Door) -> None:
    door.house.receive(instance("1.1"))
    assert door.get("/studies", "text/html", accept="application/dicom+json").status_code == 200
    assert door.get("/studies", "application/dicom+json", accept="text/html").status_code == 406
    (path,) = door.paths()
    assert door.get(f"{path}/metadata", "text/html", accept="application/json").status_code == 200
    assert door.get(path, accept="application/dicom").headers["content-type"] == "application/dicom"


def test_nothing_found_is_a_success_with_an_empty_array(door: Door) -> None:
    answer = door.get("/studies", PatientID="nobody")  # Source: CP-2473, which took 204 back
    assert (answer.status_code, answer.json()) == (200, [])


def test_who_searches_and_who_retrieves_is_told_to_the_auditor(door: Door) -> None:
    door.house.receive(instance("1.1"))
    (path,) = door.paths()
    study = f"study:{path.split('/')[2]}"
    door.get(f"{path}/metadata")
    door.get(f"{path.partition('/series')[0]}/series")
    door.get(f"{path}/rendered")
    door.get("/studies/2.25.1/metadata")
    looks = door.house.parts.looks
    assert isinstance(looks, Looked)
    assert [(action, subject) for _, action, subject in looks.seen] == [
        ("images.searched", "images:all"),
        ("images.retrieved", study),
        ("images.searched", study),
        ("images.retrieved", study),
    ]
    assert {by.kind for by, _, _ in looks.seen} == {ActorKind.PERSON}
