"""What is attached to a study: found beside its images, retrieved like them, and shown to nobody else."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from fakes.attached import presentation, segmentation
from fakes.dicomweb import Looked
from fakes.dicomweb_door import WEB, Door, values
from fakes.instances import dataset, dicom_file
from pydicom import dcmread
from sqlalchemy import delete, insert, select

from node.flows.attached import attached_to
from node.intake.part10 import opened
from node.readers.roles import Role
from node.storage.engine import writing
from node.storage.header_tables import CLEAN_INSTANCE
from node.storage.intake_tables import PATIENT, TOMBSTONE


def filled(door: Door) -> str:
    """Two films of a study with a segmentation of both and a presentation state of the first; the study's new UID."""
    films = [dataset(f"1.2.3.4.{number}") for number in (1, 2)]
    beside = [segmentation(of=("1.2.3.4.1", "1.2.3.4.2")), presentation()]
    beside[1].SeriesInstanceUID = "1.2.3.78"
    door.house.receive(*(opened(dicom_file(one)) for one in (*films, *beside)))
    (study,) = {one["0020000D"]["Value"][0] for one in door.found("/studies", ModalitiesInStudy="CR")}
    return str(study)


def attached(door: Door, study: str) -> list[dict[str, Any]]:
    answer = door.get(f"/studies/{study}/attached")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def test_a_study_says_what_speaks_about_its_images(door: Door) -> None:
    study = filled(door)
    films = values(door.found(f"/studies/{study}/instances", Modality="CR"), "00080018")
    found = {one["kind"]: one for one in attached(door, study)}
    assert set(found) == {"segmentation", "presentation"}
    assert sorted(found["segmentation"]["of"]) == sorted(films)
    assert len(found["presentation"]["of"]) == 1
    assert set(found["presentation"]["of"]) < set(films)
    assert isinstance(door.house.parts.looks, Looked)
    assert ("images.searched", f"study:{study}") in [seen[1:] for seen in door.house.parts.looks.seen]


def test_what_is_attached_is_searched_and_retrieved_like_an_image(door: Door) -> None:
    study = filled(door)
    for one in attached(door, study):
        place = one["address"].partition(WEB)[2]
        assert one["address"].startswith("http://node.test")
        file = dcmread(BytesIO(door.get(place, "application/dicom").content))
        told = door.found("/instances", SOPInstanceUID=one["instance_uid"])
        assert values(told, "00080016") == [file.SOPClassUID]
        assert values(door.found(f"{place}/metadata"), "00080018") == [one["instance_uid"]]
        assert values(door.found("/instances", Modality=file.Modality), "00080018") == [one["instance_uid"]]
        assert file.Modality in {"SEG", "PR"}


def test_nothing_of_the_hospital_is_in_the_answer(door: Door) -> None:
    told = door.get(f"/studies/{filled(door)}/attached").text
    assert [
        word for word in ("P-77", "Canary", "1.2.3", "홍", "Gildong") if word in told.replace("127.0.0.1", "")
    ] == []


def test_a_study_of_films_alone_has_nothing_and_an_unknown_one_is_not_found(door: Door) -> None:
    door.house.receive(opened(dicom_file(dataset("1.2.3.4.9"))))
    (study,) = values(door.found("/studies"), "0020000D")
    assert attached(door, study) == []
    assert door.get("/studies/2.25.1/attached").status_code == 404


def test_who_opts_out_is_gone_with_what_is_attached(door: Door) -> None:
    study = filled(door)
    with writing(door.house.ground.engine) as connection:
        lookup = connection.scalar(select(PATIENT.c.patient_lookup))
        values = {"patient_lookup": lookup, "recorded_at": door.hospital.clock.now()}
        connection.execute(insert(TOMBSTONE).values(values))
    assert door.get(f"/studies/{study}/attached").status_code == 404


def test_an_object_that_cannot_be_retrieved_yet_is_left_out(door: Door) -> None:
    study = filled(door)
    parts = door.house.parts
    (mask,) = (one for one in attached_to(study, parts.index, parts.attached) if len(one.of) == 2)
    with writing(door.house.ground.engine) as connection:
        connection.execute(delete(CLEAN_INSTANCE).where(CLEAN_INSTANCE.c.instance_uid == mask.place.instance_uid))
    assert [one["kind"] for one in attached(door, study)] == ["presentation"]


def test_only_who_sees_every_image_is_told(door: Door) -> None:
    study, hospital = filled(door), door.hospital
    address = f"{WEB}/studies/{study}/attached"
    assert hospital.browser().get(address).status_code == 401
    for role in (Role.IT, Role.ETHICS, Role.AUDITOR):
        assert hospital.signed_in(hospital.person(role.value, role)).get(address).status_code == 403, role
    assert hospital.signed_in(hospital.reader("판독의")).get(address).status_code == 403
    assert hospital.machine(Role.LEAD).get(address).status_code == 200
    assert hospital.machine(Role.IT).get(address).status_code == 403
